"""The ledger's second copy: a file of JSON lines outside the database, only ever added to.

A chain shows a line that was changed, or taken out of its middle. That its newest lines are gone shows only in a copy that has them.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from audiospective.infra.database import Database
from audiospective.operations import ledger
from audiospective.operations.ledger import Line

#: Below the data folder.
FILE: Final = "logs/ledger.jsonl"
#: The longest line is shorter.
_TAIL: Final = 1_000_000


async def catch_up(db: Database, file: Path) -> int | None:
    """Add what the file hasn't; how many lines. None when the database no longer has the file's last line: then nothing is added."""
    last = await asyncio.to_thread(_last, file)
    async with db.reading() as conn:
        lines = await ledger.behind(conn, last.seq if last else 0)
    if last is None:
        return await asyncio.to_thread(_add, file, lines)
    return await asyncio.to_thread(_add, file, lines[1:]) if lines and lines[0].hash == last.hash else None


def first_differing(file: Path, lines: Sequence[Line]) -> int | None:
    """The first line that the file has and the database hasn't as it was; None when it has them all, or there is no file yet."""
    there = {line.seq: line.hash for line in lines}
    return next((one.seq for one in read(file) if there.get(one.seq) != one.hash), None)


def read(file: Path) -> list[Line]:
    """Every line of the file; one that was cut short by a crash counts for nothing."""
    return [line for line in map(_line, file.read_bytes().splitlines()) if line] if file.exists() else []


def put_aside(file: Path, now: datetime) -> Path | None:
    """Before a restore takes the database back: what the file knows of the time since is kept beside it. Its new place."""
    if not file.exists():
        return None
    aside = file.with_name(f"{file.stem}-until-{now.astimezone(UTC):%Y%m%dT%H%M%S}{file.suffix}")
    file.rename(aside)
    return aside


def _last(file: Path) -> Line | None:
    if not file.exists():
        return None
    with file.open("rb") as opened:
        opened.seek(max(opened.seek(0, os.SEEK_END) - _TAIL, 0))
        lines = opened.read().splitlines()
    return next((line for text in reversed(lines) if (line := _line(text))), None)


def _add(file: Path, lines: Sequence[Line]) -> int:
    """On the disk before it returns; whoever came first has added them already."""
    if not lines:
        return 0
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "ab") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        last = _last(file)
        new = [line for line in lines if last is None or line.seq > last.seq]
        opened.write(b"".join(b"\n" + msgspec.json.encode(line) for line in new))  # behind one that was cut short a new one begins
        opened.flush()
        os.fsync(opened.fileno())
    return len(new)


def _line(text: bytes) -> Line | None:
    try:
        return msgspec.json.decode(text, type=Line)
    except msgspec.DecodeError:
        return None
