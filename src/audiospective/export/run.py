"""The flow of an export: the plays of a range through a writer, streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from enum import StrEnum

from audiospective.archive import coverage, history
from audiospective.archive.plays import UserId
from audiospective.errors import Invalid
from audiospective.export import to_csv, to_json
from audiospective.export.plays import exported, rows_within
from audiospective.export.to_json import Counts
from audiospective.infra.database import Connection
from audiospective.insights.completeness import completeness
from audiospective.insights.lens import Lens
from audiospective.insights.listening import see
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone


class Format(StrEnum):
    """What an export can be."""

    CSV = "csv"
    JSON = "json"

    @property
    def media_type(self) -> str:
        """For the answer's header."""
        return "text/csv; charset=utf-8" if self is Format.CSV else "application/json"


def parse_format(name: str) -> Format:
    """The format of that name; raises Invalid(field="format")."""
    try:
        return Format(name)
    except ValueError as error:
        raise Invalid(f"“{name[:40]}” isn't an export format; use csv or json.", field="format") from error


def file_name(fmt: Format, today: date) -> str:
    """`spotify-archive-2026-03-18.csv`."""
    return f"spotify-archive-{today}.{fmt}"


async def stream(conn: Connection, user: UserId, zone: Zone, period: Period, *, fmt: Format, now: datetime) -> AsyncIterator[bytes]:
    """The file in pieces, everything in the range and never cut; memory is 20 bytes a play and one portion."""
    seen = await history.load(conn, user)
    rows = rows_within(seen, zone, period)
    portions = exported(conn, seen, zone, rows)
    if fmt is Format.CSV:
        pieces = to_csv.lines(portions)
    else:
        known = completeness(see(seen, zone, period, Lens(), now), await coverage.ledger(conn, user))
        counts = Counts(len(seen), len(rows), known.percent, known.likely_lost)
        pieces = to_json.document(portions, counts, now=now, spelling=period.spelling)
    async for piece in pieces:
        yield piece
