"""How are machine and database, minute by minute? One row each; a minute without a row was not looked at, and stays a gap."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from audiospective.infra.database import Connection, execute, fetch_all
from audiospective.infra.statements import statements

sql = statements(__name__)

KEPT: Final = timedelta(days=8)

_STAT = Path("/proc/stat")


@dataclass(frozen=True, slots=True)
class Look:
    """One minute."""

    at: datetime
    version: str
    is_up: bool
    is_well: bool
    connections: int
    database_bytes: int
    cpu_ratio: float | None


class Size(msgspec.Struct, frozen=True):
    """The database's connections and bytes."""

    connections: int
    database_bytes: int


class Processor:
    """How busy the processors were since the last look, 0 to 1."""

    def __init__(self, stat: Path = _STAT) -> None:
        self._stat = stat
        self._before: tuple[int, int] | None = None

    def share(self) -> float | None:
        """None at the first look. Where the kernel doesn't count, the length of its queue stands for it."""
        try:
            fields = [int(one) for one in self._stat.read_text("ascii").splitlines()[0].split()[1:9]]
        except (OSError, ValueError, IndexError):
            return min(os.getloadavg()[0] / (os.cpu_count() or 1), 1.0)
        now, before = (sum(fields), sum(fields) - fields[3] - fields[4]), self._before
        self._before = now
        if before is None or now[0] <= before[0]:
            return None
        return round(min(max((now[1] - before[1]) / (now[0] - before[0]), 0.0), 1.0), 4)


async def size(conn: Connection) -> Size:
    """Of the database, now."""
    found = await fetch_all(conn, sql["size"], Size)
    return found[0]


async def keep(conn: Connection, look: Look) -> None:
    """Store a minute; the first worker to tell it is believed. What is older than eight days goes."""
    columns = {name: getattr(look, name) for name in Look.__slots__}
    await execute(conn, sql["keep"], **columns | {"at": look.at.replace(second=0, microsecond=0)})
    await execute(conn, sql["forget"], before=look.at - KEPT)


async def looks(conn: Connection, since: datetime, until: datetime) -> list[Look]:
    """From `since` until before `until`, oldest first."""
    return await fetch_all(conn, sql["looks"], Look, since=since, until=until)


def missing(found: list[Look], since: datetime, until: datetime) -> list[tuple[datetime, int]]:
    """Stretches of whole minutes without a look: their first minute and how many; one on its own is no gap, since clocks jitter. Pure."""
    begin, end = since.replace(second=0, microsecond=0), until.replace(second=0, microsecond=0)
    seen = {one.at for one in found}
    gaps: list[tuple[datetime, int]] = []
    at, run = begin, 0
    while at <= end:
        if at < end and at not in seen:
            run += 1
        else:
            if run > 1:
                gaps.append((at - timedelta(minutes=run), run))
            run = 0
        at += timedelta(minutes=1)
    return gaps
