"""How many, how long, how well? Counted in memory, written in batches by the minute and the hour, read back over any stretch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from audiospective.errors import DatabaseUnavailable
from audiospective.infra import histogram
from audiospective.infra.database import Connection, Database, execute, fetch_all
from audiospective.infra.statements import statements

sql = statements(__name__)

MINUTES_KEPT: Final = timedelta(hours=26)
HOURS_KEPT: Final = timedelta(days=36)

#: Kinds of request that people wait for; what programs look in by, files and checks are counted beside them.
ASKED: Final = frozenset({"page", "dashboard", "sign-in", "api", "export", "share"})
#: Our own looks from outside, and the error that is raised on purpose.
PROBE, TEST = "probe", "test"

#: While the database is away so many counts are held; more would grow the memory.
_MOST_WAITING = 5_000

_Key = tuple[datetime, str, str]


class Cell(msgspec.Struct, frozen=True):
    """What was counted in one minute (or hour) of one kind and class."""

    at: datetime
    kind: str
    class_: str
    buckets: list[int]

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.buckets)


class Recorder:
    """Counts of this process that aren't written yet."""

    def __init__(self) -> None:
        self._waiting: dict[_Key, list[int]] = {}
        self.dropped = 0

    def note(self, now: datetime, kind: str, class_: str, ms: float) -> None:
        """One more; costs a microsecond."""
        key = (now.replace(second=0, microsecond=0), kind, class_)
        buckets = self._waiting.get(key)
        if buckets is None:
            if len(self._waiting) >= _MOST_WAITING:
                self.dropped += 1
                return
            buckets = self._waiting[key] = histogram.empty()
        buckets[histogram.place(ms)] += 1

    async def flush(self, db: Database) -> None:
        """Write what waits; when the database is away it goes on waiting."""
        taken, self._waiting = self._waiting, {}
        if not taken:
            return
        try:
            async with db.transaction() as conn:
                await execute(conn, sql["add_minutes"], **_columns(taken))
                await execute(conn, sql["add_hours"], **_columns(_by_hour(taken)))
        except DatabaseUnavailable:
            for key, buckets in taken.items():
                self._waiting[key] = histogram.together([buckets, self._waiting.get(key, [])])


def watched(recorder: Recorder, now: Callable[[], datetime]) -> Callable[[float], None]:
    """What a database tells the seconds of each question to."""
    return lambda seconds: recorder.note(now(), "query", "all", seconds * 1000)


async def minutes(conn: Connection, since: datetime, until: datetime) -> list[Cell]:
    """What was counted from `since` until before `until`, oldest first; the last 26 hours at most."""
    return await fetch_all(conn, sql["minutes"], Cell, since=since, until=until)


async def hours(conn: Connection, since: datetime, until: datetime) -> list[Cell]:
    """The same by hours, for 36 days."""
    return await fetch_all(conn, sql["hours"], Cell, since=since, until=until)


async def between(conn: Connection, since: datetime, until: datetime, now: datetime) -> list[Cell]:
    """By minutes where they are still kept, else by hours."""
    return await (minutes if since > now - MINUTES_KEPT else hours)(conn, since, until)


async def forget(conn: Connection, now: datetime) -> None:
    """What nobody looks back at any more."""
    await execute(conn, sql["forget_minutes"], before=now - MINUTES_KEPT)
    await execute(conn, sql["forget_hours"], before=now - HOURS_KEPT)


def asked(cells: Iterable[Cell]) -> list[Cell]:
    """Those of people."""
    return [cell for cell in cells if cell.kind in ASKED]


def requests(cells: Iterable[Cell]) -> int:
    """How many."""
    return sum(cell.count for cell in cells)


def failures(cells: Iterable[Cell]) -> int:
    """How many ended in a fault of ours."""
    return sum(cell.count for cell in cells if cell.class_ == "5xx")


def percentile(cells: Sequence[Cell], share: float) -> float | None:
    """The time in ms that this share of them didn't exceed."""
    return histogram.percentile(histogram.together(cell.buckets for cell in cells), share)


def of(cells: Iterable[Cell], kind: str, class_: str = "") -> list[Cell]:
    """Those of a kind, and of a class if one is named."""
    return [cell for cell in cells if cell.kind == kind and class_ in {"", cell.class_}]


def _by_hour(taken: dict[_Key, list[int]]) -> dict[_Key, list[int]]:
    found: dict[_Key, list[int]] = {}
    for (at, kind, class_), buckets in taken.items():
        key = (at.replace(minute=0), kind, class_)
        found[key] = histogram.together([buckets, found.get(key, [])])
    return found


def _columns(taken: dict[_Key, list[int]]) -> dict[str, object]:
    return {
        "ats": [at for at, _, _ in taken],
        "kinds": [kind for _, kind, _ in taken],
        "classes": [class_ for _, _, class_ in taken],
        "buckets": [",".join(map(str, buckets)) for buckets in taken.values()],
    }
