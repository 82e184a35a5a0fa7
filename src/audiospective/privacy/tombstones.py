"""Who must never come back? A mark for each deleted person, keyed by this instance's secret, so that it names nobody.

Marks stand in the database and in a file beside it: a restored backup has neither the deletion nor its mark.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from audiospective.archive.plays import UserId
from audiospective.infra.database import Connection, execute, fetch_all, fetch_one
from audiospective.infra.sealing import Sealer
from audiospective.infra.statements import statements

sql = statements(__name__)

_PURPOSE = "tombstone"


class _Born(msgspec.Struct, frozen=True):
    id: int
    created_at: datetime


async def put(conn: Connection, sealer: Sealer, user: UserId, now: datetime) -> None:
    """Mark somebody who is about to be deleted; nobody who isn't here."""
    born = await fetch_one(conn, sql["born"], _Born, user=user)
    if born is not None:
        await remember(conn, [sealer.sign(_name(born), purpose=_PURPOSE)], now)


async def remember(conn: Connection, marks: Iterable[str], now: datetime) -> None:
    """Keep marks that were made before, as those of a file."""
    await execute(conn, sql["put"], marks=list(marks), now=now)


async def marks(conn: Connection) -> list[str]:
    """Every mark."""
    return await fetch_all(conn, sql["marks"], str)


async def returned(conn: Connection, sealer: Sealer, marks: Iterable[str]) -> list[UserId]:
    """Who is here though a mark says that they were deleted: people whom a restored backup brought back."""
    known = set(marks)
    if not known:
        return []
    everyone = await fetch_all(conn, sql["born"], _Born, user=None)
    return [UserId(one.id) for one in everyone if known.intersection(sealer.signatures(_name(one), purpose=_PURPOSE))]


def read_file(path: Path) -> list[str]:
    """The marks of the file, a line each; none where there is no file."""
    return path.read_text("ascii", "replace").split() if path.exists() else []


def add_to_file(path: Path, marks: Iterable[str]) -> None:
    """Append the marks that the file lacks, and see them safe on the disk."""
    known = set(read_file(path))
    lacking = [mark for mark in marks if mark not in known]
    if not lacking:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="ascii") as file:
        file.write("\n" + "\n".join(lacking) + "\n")  # a line that was cut short by a crash ends here
        file.flush()
        os.fsync(file.fileno())


def _name(born: _Born) -> bytes:
    return f"{born.id} {born.created_at.astimezone(UTC).isoformat()}".encode()
