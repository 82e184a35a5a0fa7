"""How often was each service well? A look each minute, added up by day: a year takes 1,800 rows, and names nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec

from audiospective.infra.database import Connection, execute, fetch_all
from audiospective.infra.statements import statements
from audiospective.operations.health import Health, State

sql = statements(__name__)

SHOWN_DAYS: Final = 90
#: All of it as the prober sees it from outside, beside the services that the worker looks at.
WEBSITE: Final = "website"


class ServiceDay(msgspec.Struct, frozen=True):
    """A day (UTC) of a service: how often it was looked at, and how often it was well."""

    day: date
    service: str
    looks: int
    healthy: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.healthy / self.looks if self.looks else 1.0


async def note(conn: Connection, health: Health) -> None:
    """Add a look; services that aren't set up aren't counted."""
    await add(
        conn,
        health.at,
        {name: one.state is State.HEALTHY for name, one in health.services.items() if one.state is not State.NOT_CONFIGURED},
    )


async def add(conn: Connection, at: datetime, well: Mapping[str, bool]) -> None:
    """Add a look at these services."""
    await execute(conn, sql["add"], day=at.astimezone(UTC).date(), services=list(well), healthy=list(well.values()))


async def days(conn: Connection, now: datetime, *, count: int = SHOWN_DAYS) -> list[ServiceDay]:
    """The last days, by service and oldest first; a day without looks is missing."""
    since = now.astimezone(UTC).date() - timedelta(days=count - 1)
    return await fetch_all(conn, sql["days"], ServiceDay, since=since)


def uptime(found: Sequence[ServiceDay]) -> float | None:
    """Per cent of looks that found a service well, all together; None without any. Pure."""
    looks = sum(one.looks for one in found)
    return round(sum(one.healthy for one in found) / looks * 100, 2) if looks else None
