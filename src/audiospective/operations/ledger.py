"""The operators' ledger: append-only, each line hashed with the one before it, no secret in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import msgspec

from audiospective.infra.database import Connection, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)

_NOTHING = "0" * 64
#: What is shorter stands in texts by chance.
_LEAST_SECRET = 6


@dataclass(frozen=True, slots=True)
class Line:
    """What happened: `event` is a past fact, `subject` what it is about, `body` JSON."""

    seq: int
    at: datetime
    actor: str
    event: str
    subject: str
    body: str
    prev_hash: str
    hash: str

    def told(self) -> dict[str, object]:
        """The body as it was given."""
        found: dict[str, object] = msgspec.json.decode(self.body)
        return found


class Entry(msgspec.Struct, frozen=True):
    """A line to be added."""

    actor: str
    event: str
    subject: str
    body: Mapping[str, object]


async def append(conn: Connection, entries: Sequence[Entry], now: datetime) -> list[Line]:
    """Add lines at the end of the chain; wherever something stands in them that the connection hides, dots stand instead."""
    await fetch_one(conn, sql["one_at_a_time"], bool)
    last = await fetch_one(conn, sql["last"], Line)
    hidden = [secret for secret in conn.hidden if len(secret) >= _LEAST_SECRET]
    added = []
    for entry in entries:
        last = _line(entry, now, last, hidden)
        added.append(last)
    await execute(conn, sql["add"], **{name: [getattr(line, name) for line in added] for name in Line.__slots__})
    return added


async def whole(conn: Connection) -> list[Line]:
    """Every line, oldest first."""
    return await fetch_all(conn, sql["whole"], Line)


async def behind(conn: Connection, seq: int) -> list[Line]:
    """This line and all after it, oldest first."""
    return await fetch_all(conn, sql["behind"], Line, seq=seq)


async def newest(conn: Connection, *events: str, until: int | None = None) -> dict[str, Line]:
    """The newest line of these events, by subject; none behind line `until`."""
    return {line.subject: line for line in await fetch_all(conn, sql["newest"], Line, events=list(events), until=until)}


async def last_of(conn: Connection, *events: str) -> Line | None:
    """The newest line of these events, whatever its subject."""
    return await fetch_one(conn, sql["last_of"], Line, events=list(events))


async def since(conn: Connection, moment: datetime, *events: str) -> list[Line]:
    """Every line of these events since then, oldest first."""
    return await fetch_all(conn, sql["told_since"], Line, events=list(events), since=moment)


def first_broken(lines: Sequence[Line]) -> int | None:
    """The first line that isn't what was written, or before which one is missing; None when the chain is whole."""
    for line in lines:
        if line.hash != _hash(line):
            return line.seq
    if lines and (lines[0].seq != 1 or lines[0].prev_hash != _NOTHING):
        return lines[0].seq
    return next((two.seq for one, two in pairwise(lines) if two.prev_hash != one.hash or two.seq != one.seq + 1), None)


def _line(entry: Entry, now: datetime, last: Line | None, hidden: Sequence[str]) -> Line:
    body, actor = msgspec.json.encode(entry.body, order="sorted").decode(), entry.actor
    for secret in hidden:
        body, actor = body.replace(secret, "•••"), actor.replace(secret, "•••")
    number, before = (last.seq + 1, last.hash) if last else (1, _NOTHING)
    bare = Line(number, now.astimezone(UTC), actor, entry.event, entry.subject, body, before, "")
    return Line(number, bare.at, actor, entry.event, entry.subject, body, before, _hash(bare))


def _hash(line: Line) -> str:
    at = line.at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = (line.prev_hash, str(line.seq), at, line.actor, line.event, line.subject, line.body)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
