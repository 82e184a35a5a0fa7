"""The flow of an export: the plays of a range through a writer, streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from enum import StrEnum

import msgspec

from audiospective.archive import coverage, history
from audiospective.archive.history import HistoryCache
from audiospective.archive.plays import History, UserId
from audiospective.errors import Invalid
from audiospective.export import to_csv, to_json, to_listenbrainz, to_spotify
from audiospective.export.plays import Rows, exported, rows_within
from audiospective.export.to_json import Proven
from audiospective.infra.database import Connection
from audiospective.insights.completeness import completeness
from audiospective.insights.lens import Lens
from audiospective.insights.listening import see
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone


class Format(StrEnum):
    """What an export can be; docs/exports.md says what each carries."""

    CSV = "csv"
    JSON = "json"
    SPOTIFY = "spotify"
    LISTENBRAINZ = "listenbrainz"
    PARQUET = "parquet"
    READING_COPY = "reading-copy"

    @property
    def media_type(self) -> str:
        """For the answer's header."""
        return _MEDIA_TYPES[self]

    @property
    def ending(self) -> str:
        """Of the file's name."""
        return _ENDINGS.get(self, self.value)


_MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.JSON: "application/json",
    Format.SPOTIFY: "application/json",
    Format.LISTENBRAINZ: "application/x-ndjson",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.READING_COPY: "application/zip",
}
_ENDINGS = {Format.SPOTIFY: "extended.json", Format.LISTENBRAINZ: "jsonl", Format.READING_COPY: "zip"}


def parse_format(name: str) -> Format:
    """The format of that name; raises Invalid(field="format")."""
    try:
        return Format(name)
    except ValueError as error:
        known = ", ".join(list(Format)[:-1]) + f" or {list(Format)[-1]}"
        raise Invalid(f"“{name[:40]}” isn't an export format; use {known}.", field="format") from error


def file_name(fmt: Format, today: date) -> str:
    """`spotify-archive-2026-03-18.csv`."""
    return f"spotify-archive-{today}.{fmt.ending}"


class Asked(msgspec.Struct, frozen=True):
    """What is to go out: whose plays, on which clock, of which days, in which format, and when that was asked."""

    user: UserId
    zone: Zone
    period: Period
    format: Format
    now: datetime


class Outgoing(msgspec.Struct, frozen=True):
    """A file that is about to be written: how many plays it will have, and its pieces."""

    plays: int
    pieces: AsyncIterator[bytes]


async def begin(conn: Connection, cache: HistoryCache, asked: Asked) -> Outgoing:
    """The file, everything in the range and never cut; memory is 20 bytes a play, the tracks' names and one portion.

    Of everything the number of plays is known before they are read, so that the first byte doesn't wait for the last.
    """
    seen = await cache.held(conn, asked.user)
    if seen is None and asked.period.first_day is None:
        plays = await history.count(conn, asked.user)
        return Outgoing(plays, _read_on(conn, asked, plays))
    seen = seen or await history.load(conn, asked.user)
    rows = rows_within(seen, asked.zone, asked.period)
    return Outgoing(len(rows), _whole(conn, asked, seen, rows))


async def stream(conn: Connection, user: UserId, zone: Zone, period: Period, *, fmt: Format, now: datetime) -> AsyncIterator[bytes]:
    """The pieces of the file alone, read anew."""
    async for piece in (await begin(conn, HistoryCache(), Asked(user, zone, period, fmt, now))).pieces:
        yield piece


async def _read_on(conn: Connection, asked: Asked, plays: int) -> AsyncIterator[bytes]:
    """How the file begins, at once; then everything is read."""
    yield _begins(asked, plays, plays)
    seen = await history.load(conn, asked.user)
    async for piece in _pieces(conn, asked, seen, rows_within(seen, asked.zone, asked.period)):
        yield piece


async def _whole(conn: Connection, asked: Asked, seen: History, rows: Rows) -> AsyncIterator[bytes]:
    yield _begins(asked, len(seen), len(rows))
    async for piece in _pieces(conn, asked, seen, rows):
        yield piece


def _begins(asked: Asked, total: int, exported: int) -> bytes:
    """What can be written before a play is read."""
    if asked.format is Format.CSV:
        return to_csv.HEAD
    return to_json.head(total, exported, now=asked.now, spelling=asked.period.spelling) if asked.format is Format.JSON else b""


async def _pieces(conn: Connection, asked: Asked, seen: History, rows: Rows) -> AsyncIterator[bytes]:
    portions = exported(conn, seen, asked.zone, rows)
    match asked.format:
        case Format.CSV:
            pieces = to_csv.lines(portions)
        case Format.JSON:
            pieces = to_json.rest(portions, await _proven(conn, seen, asked))
        case Format.SPOTIFY:
            pieces = to_spotify.document(portions, await history.evidence(conn, seen), rows)
        case Format.LISTENBRAINZ:
            pieces = to_listenbrainz.lines(portions, await history.evidence(conn, seen), rows)
        case Format.PARQUET:
            from audiospective.export import to_parquet  # noqa: PLC0415 (it brings Arrow, which few processes ever need)

            pieces = to_parquet.pieces(portions)
        case Format.READING_COPY:
            from audiospective.export import to_reading_copy  # noqa: PLC0415 (it brings Jinja, which a worker seldom needs)

            pieces = to_reading_copy.pieces(conn, to_reading_copy.Copied(seen, asked.zone, asked.period, rows, asked.now))
    async for piece in pieces:
        yield piece


async def _proven(conn: Connection, seen: History, asked: Asked) -> Proven:
    known = completeness(see(seen, asked.zone, asked.period, Lens(), asked.now), await coverage.ledger(conn, seen.user))
    return Proven(known.percent, known.likely_lost)
