"""Everything that is held about a person, in one zip: a file for each purpose, and an index that says what each is."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Final

import msgspec

from audiospective.archive.plays import UserId
from audiospective.export import run
from audiospective.export.run import Format
from audiospective.infra.database import Connection, fetch_all
from audiospective.infra.statements import statements
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone
from audiospective.privacy.holdings import HOLDINGS

sql = statements(__name__)

#: Of every file but the plays, the statement that makes its rows.
_ROWS: Final = {
    "profile.json": sql["profile"],
    "spotify.json": sql["spotify"],
    "sweeps.json": sql["sweeps"],
    "imports.json": sql["imports"],
    "completeness.json": sql["completeness"],
    "left-out.json": sql["left_out"],
    "shares.json": sql["shares"],
    "access.json": sql["access"],
}
_PLAYS: Final = "plays.json"
_EVERYTHING: Final = Period("all", None, None)


def file_name(today: date) -> str:
    """`audiospective-take-out-2026-03-18.zip`."""
    return f"audiospective-take-out-{today}.zip"


async def zipped(conn: Connection, user: UserId, zone: Zone, now: datetime) -> AsyncIterator[bytes]:
    """The zip in pieces, as it is made; nothing is held but a piece of each file."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("index.json", _index(now))
        for holding in HOLDINGS:
            async for written in _into(whole, sink, holding.file, _pieces(conn, user, zone, now, file=holding.file)):
                yield written
    yield sink.take()


async def _into(whole: zipfile.ZipFile, sink: _Sink, name: str, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """One file into the zip; what has been written when it is enough to be sent."""
    with whole.open(name, "w", force_zip64=True) as file:
        async for piece in pieces:
            file.write(piece)
            if sink.waits:
                yield sink.take()


async def document(conn: Connection, user: UserId, zone: Zone, now: datetime) -> AsyncIterator[bytes]:
    """The same as one JSON document, a member for each file of the zip."""
    yield b'{"exportType":"gdpr-full-data-export","index":' + _index(now)
    for holding in HOLDINGS:
        yield b',"' + holding.file.removesuffix(".json").encode() + b'":'
        async for piece in _pieces(conn, user, zone, now, file=holding.file):
            yield piece
    yield b"}\n"


async def _pieces(conn: Connection, user: UserId, zone: Zone, now: datetime, *, file: str) -> AsyncIterator[bytes]:
    if file == _PLAYS:
        async for piece in run.stream(conn, user, zone, _EVERYTHING, fmt=Format.SPOTIFY, now=now):
            yield piece
    else:
        yield ("[" + ",\n".join(await fetch_all(conn, _ROWS[file], str, user=user)) + "]\n").encode()


def _index(now: datetime) -> bytes:
    files = {holding.file: holding.says for holding in HOLDINGS}
    return msgspec.json.format(msgspec.json.encode({"exportedAt": now, "files": files}), indent=2)


class _Sink(io.RawIOBase):
    """Where the zip is written: a place that can't be gone back in, emptied again and again."""

    _ENOUGH = 64 * 1024

    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def waits(self) -> bool:
        """Whether there is enough to be sent."""
        return len(self._held) >= self._ENOUGH

    def take(self) -> bytes:
        """What was written since."""
        piece, self._held = bytes(self._held), bytearray()
        return piece

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # a zip writes bytes alone
        self._held += data
        return len(data)
