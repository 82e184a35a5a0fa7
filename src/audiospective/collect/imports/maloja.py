"""Maloja's export: `{"maloja": {…}, "scrobbles": […]}`; `time` is when the listening began, seconds since 1970."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

import msgspec

from audiospective.collect.imports.columns import ParsedFile, Reject
from audiospective.collect.imports.documents import document, rows
from audiospective.collect.imports.scrobbled import Scrobble, milliseconds, parsed

NAME = "maloja"


class Album(msgspec.Struct, gc=False):
    """The album, if one is known."""

    albumtitle: str | None = None


class Track(msgspec.Struct, gc=False):
    """What was played; an artist may be several, joined by a bullet."""

    title: str | None = None
    artists: list[str] | None = None
    album: Album | None = None
    length: float | None = None


class Row(msgspec.Struct, gc=False):
    """A scrobble; `duration` is how long it was heard, in seconds."""

    track: Track
    time: int | None = None
    duration: float | None = None


class Whole(msgspec.Struct):
    """The document."""

    scrobbles: list[msgspec.Raw]


def parse(file: BinaryIO, name: str, now: datetime) -> ParsedFile:
    """Every scrobble of the file."""
    return parsed(_scrobbles(file, name), name, now)


def _scrobbles(file: BinaryIO, name: str) -> Iterator[Scrobble | Reject]:
    for one in rows(document(file, name, Whole).scrobbles, name, Row):
        yield one if isinstance(one, Reject) else _scrobble(*one)


def _scrobble(number: int, row: Row) -> Scrobble:
    track = row.track
    return Scrobble(
        row=number,
        at_us=None if row.time is None else row.time * 1_000_000,
        title=track.title or "",
        artist=(track.artists or [""])[0],
        album=(track.album.albumtitle or "") if track.album else "",
        length_ms=milliseconds(track.length or row.duration),
    )
