"""The status page on a good and on a bad day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from audiospective.operations.health import Health, Seen, State
from audiospective.operations.incidents import Incident, Update
from audiospective.operations.notices import Notice
from audiospective.operations.uptime import ServiceDay
from audiospective.web.views.status import StatusView, status_view


def statuses(now: datetime, hostile: str) -> Iterator[tuple[str, StatusView]]:
    """By name."""
    well = Health(now, {name: Seen(State.HEALTHY) for name in ("database", "spotify", "scheduler")} | {"redis": Seen(State.NOT_CONFIGURED)})
    ill = Health(now, {"database": Seen(State.UNHEALTHY), "spotify": Seen(State.DEGRADED)})
    days = [ServiceDay(now.date() - timedelta(days=back), "database", 1440, 1440 - 90 * (back % 9 == 4)) for back in range(60)]
    incident = Incident(1, 2, hostile, now - timedelta(hours=2), "mara", None)
    said = {1: [Update(1, now - timedelta(hours=2), "mara", "investigating", hostile), Update(1, now, "mara", "note", "for us")]}
    yield "well", status_view(well, days, (), {})
    notice = Notice("status", hostile, now)
    yield "ill", status_view(ill, days, (incident, replace(incident, id=2, resolved_at=now)), said, notice)
