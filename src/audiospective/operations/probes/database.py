"""Is the database there, whole, and small enough? Read-only questions."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from typing import Final

import msgspec

from audiospective.errors import Unavailable
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, fetch_all, fetch_one, way_of
from audiospective.infra.statements import statements
from audiospective.operations.judge import Reading
from audiospective.settings import QUOTA_MB

sql = statements(__name__)

#: Where nothing else is set; an alert comes at so much of it.
QUOTA_BYTES: Final = QUOTA_MB * 1_000_000
FULL: Final = 0.8

#: What every question about plays, tracks, albums and shares leans on.
INDEXES = ("plays_pkey", "tracks_by_spotify_id", "tracks_by_name", "albums_by_name", "shares_pkey")

#: The runbook's bounds for a common afternoon.
_MOST_CONNECTIONS = 50
_DAY = timedelta(days=1)

#: What keeps a line from being read by others even where somebody stands in it; weaker modes settle for less without a word.
_ENCRYPTING = frozenset({"require", "verify-ca", "verify-full"})
#: A box asks for five seconds; whoever wants to see six must wait for longer.
_PATIENCE_S = 10
_SHOWN = 6

_NAMES = (
    *("bounds", "query_ms", "storage_ratio", "taken", "size_mb", "connections"),
    *("encrypted", "indexes_invalid", "migrations_pending"),
)


class _Then(msgspec.Struct, frozen=True):
    """What somebody saw a day before."""

    connections: int
    database_bytes: int


class _Clients(msgspec.Struct, frozen=True):
    """So many of one program, of so many that the server takes in all."""

    program: str
    count: int
    most: int


async def look(db: Database, clock: Clock, *, quota_bytes: int = QUOTA_BYTES) -> dict[str, Reading]:
    """Every reading; all are unknown, with the reason, when the database can't be reached."""
    return await _opened(db, clock) | await _inside(db, clock, quota_bytes)


async def _opened(db: Database, clock: Clock) -> dict[str, Reading]:
    """How long a connection takes that nobody has kept, until its first answer."""
    began = clock.monotonic()
    try:
        async with db.autocommit(patience_s=_PATIENCE_S) as conn:
            server = await fetch_one(conn, sql["server"], str) or ""
            found = Reading(round((clock.monotonic() - began) * 1000, 1), "database", server)
    except Unavailable as error:
        found = Reading(source="database", problem=error.message)
    return {"database.connect_ms": found}


async def _inside(db: Database, clock: Clock, quota_bytes: int) -> dict[str, Reading]:
    try:
        async with db.reading() as conn:
            began = clock.monotonic()
            size = await fetch_one(conn, sql["size"], int) or 0
            asked = clock.monotonic()
            found = await _more(conn)
            yesterday = await fetch_one(conn, sql["a_day_before"], _Then, at=clock.now() - _DAY)
    except Unavailable as error:
        return {f"database.{name}": Reading(source="database", problem=error.message) for name in _NAMES}
    ratio, of_quota = round(size / quota_bytes, 4), f"{size / 1e6:,.1f} MB of {quota_bytes / 1e6:,.0f} MB"
    return found | {
        "database.bounds": _bounds(ratio, found["database.connections"], yesterday),
        "database.query_ms": Reading(round((asked - began) * 1000, 1), "database"),
        "database.storage_ratio": Reading(ratio, "database", of_quota),
        "database.taken": Reading(ratio, "database", of_quota),
        "database.size_mb": Reading(round(size / 1e6, 1), "database"),
    }


async def _more(conn: Connection) -> dict[str, Reading]:
    broken = await fetch_all(conn, sql["invalid_indexes"], str, names=list(INDEXES))
    known = sum(1 for entry in files("audiospective.migrations").iterdir() if entry.name.endswith(".sql"))
    applied = await fetch_one(conn, sql["applied"], int) or 0
    return {
        "database.connections": _connections(await fetch_all(conn, sql["clients"], _Clients)),
        "database.encrypted": await _encrypted(conn),
        "database.indexes_invalid": Reading(len(broken), "database", ", ".join(broken)),
        "database.migrations_pending": Reading(known - applied, "database", f"{applied} applied"),
    }


def _bounds(ratio: float, connections: Reading, then: _Then | None) -> Reading:
    """Size and connections, beside those of a day before."""
    count = int(connections.value or 0)
    over = [f"{ratio:.0%} full"] * (ratio >= FULL) + [f"{count} connections"] * (count >= _MOST_CONNECTIONS)
    before = f"; yesterday {then.database_bytes / 1e6:,.1f} MB, {then.connections} connections" if then else "; nobody looked yesterday"
    return Reading(", ".join(over) or "kept", "database", f"{ratio:.1%} full, {count} connections{before}")


def _connections(found: list[_Clients]) -> Reading:
    """All of them; beside them how many may be, and whose they are."""
    count, most = sum(one.count for one in found), max(one.most for one in found)
    named = ", ".join(f"{one.program or 'unnamed'} {one.count}" for one in found[:_SHOWN])
    return Reading(count, "database", f"of {most} at most: {named}")


async def _encrypted(conn: Connection) -> Reading:
    """As it is asked for, and as it is: what happens to be encrypted today needn't be tomorrow, and what is asked for needn't be."""
    way = way_of(conn)
    if way.is_socket:
        return Reading(source="database", inapplicable="the database is reached over a socket of this machine; nothing crosses a network")
    is_encrypted = await fetch_one(conn, sql["encrypted"], bool)
    note = f"sslmode is {way.ssl_mode}; the server says that the connection is {'' if is_encrypted else 'not '}encrypted"
    return Reading("yes" if is_encrypted and way.ssl_mode in _ENCRYPTING else "no", "database", note)
