"""A backup of your_spotify: `mongoexport` of its collection `infos`, a play a line; tracks are told by their Spotify ids alone.

`played_at` is what Spotify's recently-played call said: the end of the listening. The collection has no names: a track is called by its id
until another source names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

import msgspec

from audiospective.collect.imports.columns import ParsedFile, Reject
from audiospective.collect.imports.documents import Lines
from audiospective.collect.imports.jsonrows import rows_of
from audiospective.collect.imports.scrobbled import Scrobble, parsed

NAME = "your_spotify"


class Number(msgspec.Struct, gc=False):
    """A whole number in MongoDB's canonical writing."""

    long: str = msgspec.field(name="$numberLong")


class Moment(msgspec.Struct, gc=False):
    """A date as MongoDB writes it: a text, or ms since 1970, plain in its older tools."""

    date: datetime | Number | int = msgspec.field(name="$date")


class Row(msgspec.Struct, gc=False):
    """A play."""

    id: str
    played_at: Moment


def parse_lines(file: BinaryIO, name: str, now: datetime) -> ParsedFile:
    """A file with a play a line."""
    return parsed((one if isinstance(one, Reject) else _scrobble(*one) for one in Lines(Row).of(file, name)), name, now)


def parse_list(file: BinaryIO, name: str, now: datetime) -> ParsedFile:
    """The same with `--jsonArray`: one list."""
    return parsed(_listed(file, name), name, now)


def _listed(file: BinaryIO, name: str) -> Iterator[Scrobble | Reject]:
    for chunk in rows_of(file, name, Row):
        yield from chunk.rejected
        yield from map(_scrobble, chunk.numbers, chunk.rows)


def _scrobble(number: int, row: Row) -> Scrobble:
    return Scrobble(number, _us(row.played_at.date), f"Spotify track {row.id}", "", spotify_id=row.id, at_end=True)


def _us(told: datetime | Number | int) -> int | None:
    if isinstance(told, datetime):
        return int(told.replace(microsecond=0).timestamp()) * 1_000_000 + told.microsecond
    if isinstance(told, int):
        return told * 1_000
    return int(told.long) * 1_000 if told.long.isdecimal() and len(told.long) < 16 else None
