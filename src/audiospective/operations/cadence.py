"""What comes again: each hour of the first day, three times a day, each Friday, each month. Run by the worker, kept, and missed aloud."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements
from audiospective.operations import launch
from audiospective.operations.boxes import Box, boxes
from audiospective.operations.judge import Reading, Status
from audiospective.operations.measure import of_inside
from audiospective.operations.probes.database import QUOTA_BYTES

sql = statements(__name__)


class Round(StrEnum):
    """The runbook's rounds."""

    HOURLY = "hourly"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


#: The first and the last box of each.
BOXES: Final = {
    Round.HOURLY: ("R185", "R189"),
    Round.MORNING: ("R190", "R190"),
    Round.AFTERNOON: ("R191", "R191"),
    Round.EVENING: ("R192", "R192"),
    Round.WEEKLY: ("R193", "R198"),
    Round.MONTHLY: ("R199", "R204"),
}
_HOUR: Final = {Round.MORNING: 9, Round.AFTERNOON: 14, Round.EVENING: 19}
#: A round is begun within that of its moment; later it was missed, until somebody runs it.
_IN_TIME: Final = timedelta(minutes=30)
_LATE: Final = timedelta(minutes=90)
#: A missed round is told of for so long.
_TOLD: Final = timedelta(hours=24)
_FIRST_DAY: Final = timedelta(hours=24)
KEPT: Final = timedelta(days=400)


class Run(msgspec.Struct, frozen=True):
    """One round that was made: how many of its boxes hold, failed, couldn't be read, wait for somebody."""

    round: str
    due_at: datetime
    ran_at: datetime
    ran_by: str
    passed: int
    failed: int
    unknown: int
    waiting: int


def slot(wanted: Round, now: datetime) -> datetime:
    """When that round was due last. Pure; all in UTC."""
    utc = now.astimezone(UTC)
    hour = utc.replace(minute=0, second=0, microsecond=0)
    if wanted is Round.HOURLY:
        return hour
    at = hour.replace(hour=_HOUR.get(wanted, 9))
    if wanted is Round.MONTHLY:
        first = at.replace(day=1)
        return first if first <= utc else (first - timedelta(days=1)).replace(day=1)
    if wanted is Round.WEEKLY:
        friday = at - timedelta(days=(at.weekday() - 4) % 7)
        return friday if friday <= utc else friday - timedelta(days=7)
    return at if at <= utc else at - timedelta(days=1)


async def due(conn: Connection, now: datetime) -> list[Round]:
    """Rounds whose moment has come and that nobody has made."""
    made = await _made(conn)
    return [one for one in await _rounds(conn, now) if now - slot(one, now) <= _IN_TIME and slot(one, now) not in made.get(one, ())]


async def missed(conn: Connection, now: datetime) -> int:
    """Rounds of the last day that nobody made; before the first round ever none was missed."""
    begun = await fetch_one(conn, sql["begun"], datetime)
    if begun is None:
        return 0
    made = await _made(conn)
    late = [(one, slot(one, now - _LATE)) for one in Round if one is not Round.HOURLY]
    return sum(at > begun and now - at <= _TOLD + _LATE and at not in made.get(one, ()) for one, at in late)


async def run(db: Database, clock: Clock, wanted: Round, *, by: str, quota_bytes: int = QUOTA_BYTES) -> list[str]:
    """Make a round: judge what can be read, write it down; the boxes that wait for somebody."""
    now = clock.now()
    found = await of_inside(db, clock, quota_bytes)
    async with db.transaction() as conn:
        return await keep(conn, wanted, found, by=by, now=now)


async def keep(conn: Connection, wanted: Round, found: Mapping[str, Reading], *, by: str, now: datetime) -> list[str]:
    """Judge a round's boxes by these readings and keep how it went; the boxes that wait for somebody."""
    of_round = boxes_of(wanted)
    await launch.record(conn, of_round, found, actor=by, now=now)
    stands = await launch.standings(conn, of_round, now)
    states = [one.status for one in stands]
    await execute(
        conn,
        sql["keep"],
        round=wanted.value,
        due_at=slot(wanted, now),
        now=now,
        by=by,
        passed=_count(states, Status.PASS, Status.SIGNED, Status.NOT_APPLICABLE),
        failed=_count(states, Status.FAIL),
        unknown=_count(states, Status.UNKNOWN),
        waiting=_count(states, Status.PENDING),
    )
    await execute(conn, sql["forget"], before=now - KEPT)
    return [one.box.id for one in stands if one.status is Status.PENDING]


async def runs(conn: Connection, since: datetime) -> list[Run]:
    """Rounds that were made since then, the newest first."""
    return await fetch_all(conn, sql["runs"], Run, since=since)


def boxes_of(wanted: Round) -> list[Box]:
    """Its boxes."""
    first, last = BOXES[wanted]
    return [box for box in boxes() if first <= box.id <= last]


async def _rounds(conn: Connection, now: datetime) -> list[Round]:
    """Each hour only on the first day of a launch."""
    is_first_day = await fetch_one(conn, sql["is_first_day"], bool, since=now - _FIRST_DAY)
    return [one for one in Round if one is not Round.HOURLY or is_first_day]


async def _made(conn: Connection) -> dict[str, set[datetime]]:
    found: dict[str, set[datetime]] = {}
    for one in await fetch_all(conn, sql["newest"], _Made):
        found.setdefault(one.round, set()).add(one.due_at.astimezone(UTC))
    return found


class _Made(msgspec.Struct, frozen=True):
    round: str
    due_at: datetime


def _count(states: Iterable[Status], *wanted: Status) -> int:
    return sum(state in wanted for state in states)
