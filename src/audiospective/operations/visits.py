"""How many come, and do they stay? Visits without cookies.

Address and browser are mixed with a number that is drawn each day and thrown away after two: until then one visitor's pages can be
counted together, afterwards nobody can tell who it was, not even we.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec

from audiospective.errors import DatabaseUnavailable
from audiospective.infra.database import Connection, Database, execute, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)

#: Whoever comes back after that comes anew.
PAUSE: Final = timedelta(minutes=30)
KEPT: Final = timedelta(days=36)

_SALT_KEPT = timedelta(days=2)
_MOST_WAITING = 5_000
_ROBOT = re.compile(
    r"bot|crawl|spider|slurp|preview|monitor|probe|headless|curl|wget|python|httpx|aiohttp|go-http|java/|okhttp|audiospective",
    re.IGNORECASE,
)


class Visits(msgspec.Struct, frozen=True):
    """How many there were, how many saw one page alone, and how long one lasts on average."""

    visits: int
    pages: int
    bounced: int
    seconds: float


def is_robot(agent: str) -> bool:
    """Whether a program looks, not a person; whoever doesn't say is one."""
    return not agent or _ROBOT.search(agent) is not None


class Visitors:
    """Page views of this process that aren't written yet. Who it was stays here in memory, for some seconds."""

    def __init__(self, salt: Callable[[], bytes]) -> None:
        self._new_salt = salt
        self._waiting: list[tuple[datetime, str]] = []
        self._salts: dict[date, bytes] = {}

    def saw(self, now: datetime, *who: str) -> None:
        """Somebody saw a page."""
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append((now.astimezone(UTC), "\n".join(who)))

    async def flush(self, db: Database) -> None:
        """Write what waits; when the database is away it goes on waiting."""
        taken, self._waiting = self._waiting, []
        if not taken:
            return
        try:
            async with db.transaction() as conn:
                await self._write(conn, taken)
        except DatabaseUnavailable:
            self._waiting = taken + self._waiting

    async def _write(self, conn: Connection, taken: list[tuple[datetime, str]]) -> None:
        seen: dict[bytes, list[datetime]] = {}
        for at, who in taken:
            salt = await self._salt(conn, at.date())
            seen.setdefault(hashlib.blake2b(who.encode(), key=salt, digest_size=9).digest(), []).append(at)
        await execute(
            conn,
            sql["add"],
            visitors=list(seen),
            firsts=[min(ats) for ats in seen.values()],
            lasts=[max(ats) for ats in seen.values()],
            pages=[len(ats) for ats in seen.values()],
            pause=PAUSE,
        )

    async def _salt(self, conn: Connection, day: date) -> bytes:
        """All processes use the day's one; the first draws it."""
        if day not in self._salts:
            found = await fetch_one(conn, sql["salt"], bytes, day=day, salt=self._new_salt())
            self._salts = {day: found or b""}
        return self._salts[day]


async def count(conn: Connection, since: datetime, until: datetime) -> Visits:
    """Of the visits that began in that stretch."""
    found = await fetch_one(conn, sql["count"], Visits, since=since, until=until)
    return found or Visits(0, 0, 0, 0.0)


async def forget(conn: Connection, now: datetime) -> None:
    """Numbers that are used up, and visits that nobody looks back at."""
    await execute(conn, sql["forget_salts"], before=(now - _SALT_KEPT).astimezone(UTC).date())
    await execute(conn, sql["forget"], before=now - KEPT)
