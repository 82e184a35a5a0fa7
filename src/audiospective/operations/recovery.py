"""Is it over? The last half hour after an incident, minute by minute: a breach begins the count anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from audiospective.errors import Unavailable
from audiospective.infra.database import Database
from audiospective.operations import machine, measures
from audiospective.operations.judge import Reading
from audiospective.operations.machine import Look
from audiospective.operations.measures import Cell

HALF_HOUR: Final = timedelta(minutes=30)
#: Inside them a minute is well (runbook, "Success Metrics").
_FAILED: Final = 0.01
_SLOW_MS: Final = 1000
_BUSY: Final = 0.8
_CONNECTIONS: Final = 50


async def look(db: Database, now: datetime) -> dict[str, Reading]:
    """The share of requests that failed, and how many minutes in a row were well, up to thirty."""
    since, until = now.replace(second=0, microsecond=0) - HALF_HOUR - timedelta(minutes=1), now.replace(second=0, microsecond=0)
    try:
        async with db.reading() as conn:
            cells, looks = await measures.minutes(conn, since, until), await machine.looks(conn, since, until)
    except Unavailable as error:
        return {f"recovery.{name}": Reading(source="measures", problem=error.message) for name in ("error_ratio", "well_minutes")}
    asked = measures.asked(cells)
    count = measures.requests(asked)
    ratio = Reading(round(measures.failures(asked) / count, 5), "requests", f"of {count:,}") if count else None
    return {
        "recovery.error_ratio": ratio or Reading(source="requests", problem="nobody asked for anything in half an hour"),
        "recovery.well_minutes": Reading(well_minutes(cells, looks, until), "measures", "in a row"),
    }


def well_minutes(cells: Sequence[Cell], looks: Sequence[Look], until: datetime) -> int:
    """Minutes in a row before `until` that somebody looked at and that were well; one without a look ends the row. Pure."""
    by_minute = {one.at: one for one in looks}
    count, at = 0, until - timedelta(minutes=1)
    if at not in by_minute:  # the worker may be about to look
        at -= timedelta(minutes=1)
    while count < 30 and (look := by_minute.get(at)) is not None and _is_well(look, [cell for cell in cells if cell.at == at]):
        count, at = count + 1, at - timedelta(minutes=1)
    return count


def _is_well(look: Look, cells: Sequence[Cell]) -> bool:
    asked = measures.asked(cells)
    count, slow = measures.requests(asked), measures.percentile(asked, 0.95) or 0
    failed = measures.failures(asked) / count if count else 0
    is_calm = look.connections < _CONNECTIONS and (look.cpu_ratio or 0) < _BUSY
    return look.is_well and is_calm and failed <= _FAILED and slow <= _SLOW_MS
