"""The flow of an export: the plays of a range through a writer, streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from enum import StrEnum

from audiospective.archive import coverage, history
from audiospective.archive.plays import History, UserId
from audiospective.errors import Invalid
from audiospective.export import to_csv, to_json, to_listenbrainz, to_parquet, to_spotify
from audiospective.export.plays import Rows, exported, rows_within
from audiospective.export.to_json import Counts
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
}
_ENDINGS = {Format.SPOTIFY: "extended.json", Format.LISTENBRAINZ: "jsonl"}


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


async def stream(conn: Connection, user: UserId, zone: Zone, period: Period, *, fmt: Format, now: datetime) -> AsyncIterator[bytes]:
    """The file in pieces, everything in the range and never cut; memory is 20 bytes a play, the tracks' names and one portion."""
    seen = await history.load(conn, user)
    rows = rows_within(seen, zone, period)
    portions = exported(conn, seen, zone, rows)
    match fmt:
        case Format.CSV:
            pieces = to_csv.lines(portions)
        case Format.JSON:
            pieces = to_json.document(
                portions, await _counts(conn, seen, zone, period, now=now, rows=rows), now=now, spelling=period.spelling
            )
        case Format.SPOTIFY:
            pieces = to_spotify.document(portions, await history.evidence(conn, user), rows)
        case Format.LISTENBRAINZ:
            pieces = to_listenbrainz.lines(portions)
        case Format.PARQUET:
            pieces = to_parquet.pieces(portions)
    async for piece in pieces:
        yield piece


async def _counts(conn: Connection, seen: History, zone: Zone, period: Period, *, now: datetime, rows: Rows) -> Counts:
    known = completeness(see(seen, zone, period, Lens(), now), await coverage.ledger(conn, seen.user))
    return Counts(len(seen), len(rows), known.percent, known.likely_lost)
