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
from audiospective.collect.imports.scrobbled import Scrobble, parsed

NAME = "your_spotify"


class Moment(msgspec.Struct, gc=False):
    """A date as MongoDB writes it."""

    date: datetime = msgspec.field(name="$date")


class Row(msgspec.Struct, gc=False):
    """A play."""

    id: str
    played_at: Moment


def parse(file: BinaryIO, name: str, now: datetime) -> ParsedFile:
    """Every play of the file."""
    return parsed(_scrobbles(file, name), name, now)


def _scrobbles(file: BinaryIO, name: str) -> Iterator[Scrobble | Reject]:
    for one in Lines(Row).of(file, name):
        yield one if isinstance(one, Reject) else _scrobble(*one)


def _scrobble(number: int, row: Row) -> Scrobble:
    at = row.played_at.date
    at_us = int(at.replace(microsecond=0).timestamp()) * 1_000_000 + at.microsecond
    return Scrobble(number, at_us, f"Spotify track {row.id}", "", spotify_id=row.id, at_end=True)
