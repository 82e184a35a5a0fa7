"""The minute's round: look at the services, keep the figures, judge them, leave the messages that follow."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from audiospective.infra import outbox
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, fetch_one
from audiospective.infra.statements import statements
from audiospective.operations import alerts, backups, uptime
from audiospective.operations.alerts import Figures, Sample
from audiospective.operations.health import Observer, State

sql = statements(__name__)

#: A message given up is told of for so long.
_DEAD_FOR: Final = timedelta(hours=1)


async def watch(db: Database, observer: Observer, clock: Clock, backups_folder: Path) -> list[str]:
    """One round; the names of the alerts that fire. Raises DatabaseUnavailable: then nothing can be kept, and nothing is."""
    health = await observer.health()
    async with db.transaction() as conn:
        now = clock.now()
        letters = await outbox.condition(conn, now - _DEAD_FOR)
        figures = Figures(
            is_up=health.state is not State.UNHEALTHY,
            cpu_ratio=os.getloadavg()[0] / (os.cpu_count() or 1),
            sweep_late_min=_minutes(await _sweep_waits_since(conn, now), now),
            backup_age_h=_backup_age_h(backups_folder, now),
            dead_letters=letters.dead,
            outbox_wait_min=_minutes(letters.oldest_waiting, now),
        )
        await uptime.note(conn, health)
        await alerts.keep(conn, Sample(now, figures))
        return await alerts.evaluate(conn, now)


async def _sweep_waits_since(conn: Connection, now: datetime) -> datetime | None:
    return await fetch_one(conn, sql["sweep_waits_since"], datetime, now=now)


def _backup_age_h(folder: Path, now: datetime) -> float | None:
    """None before the first backup: whether there should be one is asked by the runbook, not here."""
    found = backups.listed(folder)
    return (now - found[0].manifest.made_at).total_seconds() / 3600 if found else None


def _minutes(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() / 60 if since else 0.0
