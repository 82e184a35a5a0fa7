"""Is it there, seen from outside? A process of its own, best on another machine: looks each minute, writes to a file first, and to the
database whenever there is one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from audiospective.errors import DatabaseUnavailable
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, execute
from audiospective.infra.logfile import LogFile, tail
from audiospective.infra.statements import statements
from audiospective.operations import uptime
from audiospective.operations.uptime import WEBSITE

sql = statements(__name__)

PATHS: Final = ("/api/health", "/", "/status")
#: The file, below the data folder.
FILE: Final = "logs/probe.jsonl"
KEPT: Final = timedelta(days=8)
#: So many looks of the file are told to a database that was away.
_MOST_TOLD: Final = 2_000
_TIMEOUT = aiohttp.ClientTimeout(total=10)


class Look(msgspec.Struct, frozen=True):
    """One look at all three pages: the slowest in ms, and what was wrong."""

    at: datetime
    is_up: bool
    ms: int
    said: str = ""


class Prober(msgspec.Struct):
    """Looks at an address; what it saw stands in the file, and what of that the database was told is known."""

    http: aiohttp.ClientSession
    url: str
    clock: Clock
    file: LogFile
    told_until: datetime | None = None

    async def look(self) -> Look:
        """One look, written to the file."""
        at, slowest, wrong = self.clock.now(), 0, []
        for path in PATHS:
            began = self.clock.monotonic()
            said = await self._ask(path)
            slowest = max(slowest, round((self.clock.monotonic() - began) * 1000))
            wrong += [f"{path} {said}"] if said else []
        seen = Look(at.astimezone(UTC), not wrong, slowest, "; ".join(wrong)[:200])
        self.file.write(msgspec.json.encode(seen).decode())
        self.file.flush()
        return seen

    async def tell(self, db: Database) -> int:
        """Tell the database what it wasn't told yet; how many looks. 0 while it is away."""
        waiting = [one for one in read(self.file.path) if self.told_until is None or one.at > self.told_until]
        if not waiting:
            return 0
        try:
            async with db.transaction() as conn:
                count = await keep(conn, waiting)
        except DatabaseUnavailable:
            return 0
        self.told_until = waiting[-1].at
        return count

    async def _ask(self, path: str) -> str:
        """ "" when all is well."""
        try:
            async with self.http.get(self.url + path, timeout=_TIMEOUT, allow_redirects=False) as response:
                await response.read()
                return "" if response.status == 200 else f"answers {response.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"doesn't answer ({type(error).__name__})"


def read(path: Path) -> list[Look]:
    """The newest looks of the file, oldest first; lines that were cut off are left out."""
    found = []
    for line in tail(path, most=_MOST_TOLD):
        with contextlib.suppress(msgspec.MsgspecError):
            found.append(msgspec.json.decode(line, type=Look))
    return found


async def keep(conn: Connection, looks: Iterable[Look]) -> int:
    """Store looks, each minute once, and count them for the status page; how many were new."""
    new = 0
    for one in looks:
        minute = one.at.replace(second=0, microsecond=0)
        if await execute(conn, sql["keep"], at=minute, is_up=one.is_up, ms=one.ms, said=one.said):
            await uptime.add(conn, one.at, {WEBSITE: one.is_up})
            new += 1
            await execute(conn, sql["forget"], before=one.at - KEPT)
    return new
