"""Everything that is held about a person, in one zip: a file for each purpose, and an index that says what each is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Final

import msgspec

from audiospective.archive.plays import Source, UserId
from audiospective.export import run
from audiospective.export.run import Format
from audiospective.infra.database import Connection, fetch_all
from audiospective.infra.statements import statements
from audiospective.infra.zips import ZipStream
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
    "playlists.json": sql["playlists"],
    "completeness.json": sql["completeness"],
    "notices.json": sql["notices"],
    "left-out.json": sql["left_out"],
    "copies.json": sql["copies"],
    "ways.json": sql["ways"],
    "comparisons.json": sql["comparisons"],
    "shares.json": sql["shares"],
    "access.json": sql["access"],
}
_PLAYS: Final = "plays.json"
_REPORTS: Final = "reports.json"
_SWEEPS: Final = "sweeps.json"
#: Reports that are held at a time.
_PORTION: Final = 20_000
_BEFORE_ALL: Final = datetime(1, 1, 1, tzinfo=UTC)
_EVERYTHING: Final = Period("all", None, None)


class _Report(msgspec.Struct, frozen=True):
    """What one source said of a play, told as a row; the rest is its key in the table."""

    told: str
    played_at: datetime
    track_id: int
    ms_played: int
    source: int


class _Unreadable(msgspec.Struct, frozen=True):
    """What Spotify said and nobody could read: bytes, whole or cut, perhaps no text at all."""

    seen_at: datetime
    objection: str
    raw: bytes


def file_name(today: date) -> str:
    """`audiospective-take-out-2026-03-18.zip`."""
    return f"audiospective-take-out-{today}.zip"


async def zipped(conn: Connection, user: UserId, zone: Zone, now: datetime) -> AsyncIterator[bytes]:
    """The zip in pieces, as it is made; nothing is held but a piece of each file."""
    whole = ZipStream(now)
    async for written in whole.add_text("index.json", _index(now).decode()):
        yield written
    for holding in HOLDINGS:
        async for written in whole.add(holding.file, _pieces(conn, user, zone, now, file=holding.file)):
            yield written
    yield whole.end()


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
    elif file == _REPORTS:
        async for piece in _reports(conn, user):
            yield piece
    else:
        rows = await fetch_all(conn, _ROWS[file], str, user=user) + (await _unreadable(conn, user) if file == _SWEEPS else [])
        yield ("[" + ",\n".join(rows) + "]\n").encode()


async def _reports(conn: Connection, user: UserId) -> AsyncIterator[bytes]:
    """Every report, also those that no export has: one that another stands for is held all the same."""
    labels = [Source(number).label for number in range(1, max(Source) + 1)]
    last, between = _Report("", _BEFORE_ALL, 0, 0, 0), "["
    while True:
        key = {"played_at": last.played_at, "track_id": last.track_id, "ms_played": last.ms_played, "source": last.source}
        portion = await fetch_all(conn, sql["reports"], _Report, user=user, labels=labels, size=_PORTION, **key)
        if not portion:
            yield b"[]\n" if between == "[" else b"]\n"
            return
        yield (between + ",\n".join(one.told for one in portion)).encode()
        last, between = portion[-1], ",\n"


async def _unreadable(conn: Connection, user: UserId) -> list[str]:
    """Rows of what lies aside; Postgres would give up at the first byte that is no text."""
    found = await fetch_all(conn, sql["unreadable"], _Unreadable, user=user)
    told = [{"seenAt": one.seen_at, "objection": one.objection, "unreadable": one.raw.decode("utf-8", "replace")} for one in found]
    return [msgspec.json.encode(one).decode() for one in told]


def _index(now: datetime) -> bytes:
    files = {holding.file: holding.says for holding in HOLDINGS}
    return msgspec.json.format(msgspec.json.encode({"exportedAt": now, "files": files}), indent=2)
