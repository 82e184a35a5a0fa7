"""How many come at which hour, and how many of their requests fail? Read from what the servers count."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Final

from audiospective.infra.database import Connection
from audiospective.operations import measures
from audiospective.operations.judge import Reading

DAYS: Final = 7
_LATELY: Final = timedelta(minutes=3)


async def look(conn: Connection, now: datetime, at: datetime) -> dict[str, Reading]:
    """Whether the hour of `at` is a quiet one, and which share of the last minutes' requests failed."""
    asked = measures.asked(await measures.minutes(conn, now - _LATELY, now))
    count = measures.requests(asked)
    rate = (
        Reading(round(measures.failures(asked) / count, 4), "requests", f"{measures.failures(asked)} of {count}")
        if count
        else Reading(source="requests", problem="nobody asked for anything in the last three minutes")
    )
    return {"traffic.is_quiet": await _quiet(conn, now, at), "traffic.error_rate": rate}


async def by_hour(conn: Connection, now: datetime) -> tuple[dict[int, int], datetime | None]:
    """Requests of the last seven days by hour of the day in UTC, and since when they are counted."""
    cells = measures.asked(await measures.hours(conn, now - timedelta(days=DAYS), now))
    counted: Counter[int] = Counter()
    for cell in cells:
        counted[cell.at.astimezone(UTC).hour] += cell.count
    return {hour: counted[hour] for hour in range(24)}, min((cell.at for cell in cells), default=None)


async def _quiet(conn: Connection, now: datetime, at: datetime) -> Reading:
    counted, since = await by_hour(conn, now)
    if since is None or now - since < timedelta(days=DAYS) - timedelta(hours=1):
        days = 0.0 if since is None else (now - since).total_seconds() / 86_400
        return Reading(source="requests", problem=f"requests are counted for {days:.1f} days; seven are needed")
    hour, middle = at.astimezone(UTC).hour, median(counted.values())
    note = f"{counted[hour]:,} requests at {hour:02}:00, {middle:,.0f} at the median hour"
    return Reading("yes" if counted[hour] <= middle else "no", "requests", note)
