"""Koito's export: `{"version", "exported_at", "user", "listens": […]}`; `listened_at` is when the listening began."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import BinaryIO

import msgspec

from audiospective.collect.imports.columns import ParsedFile, Reject
from audiospective.collect.imports.documents import document, rows
from audiospective.collect.imports.scrobbled import Scrobble, milliseconds, parsed

NAME = "koito"


class Alias(msgspec.Struct, gc=False):
    """One of a thing's names."""

    alias: str = ""
    is_primary: bool = False


class Named(msgspec.Struct, gc=False):
    """A track, album or artist by its names; `duration` is a track's, in seconds."""

    aliases: list[Alias] | None = None
    duration: float | None = None
    is_primary: bool = False


class Row(msgspec.Struct, gc=False):
    """A listen."""

    track: Named
    listened_at: datetime | None = None
    album: Named | None = None
    artists: list[Named] | None = None


class Whole(msgspec.Struct):
    """The document."""

    listens: list[msgspec.Raw]


def parse(file: BinaryIO, name: str, now: datetime) -> ParsedFile:
    """Every listen of the file."""
    return parsed(_scrobbles(file, name), name, now)


def _scrobbles(file: BinaryIO, name: str) -> Iterator[Scrobble | Reject]:
    for one in rows(document(file, name, Whole).listens, name, Row):
        yield one if isinstance(one, Reject) else _scrobble(*one)


def _scrobble(number: int, row: Row) -> Scrobble:
    artists = sorted(row.artists or (), key=lambda artist: not artist.is_primary)
    return Scrobble(
        row=number,
        at_us=_us(row.listened_at),
        title=_name(row.track.aliases or ()),
        artist=_name(artists[0].aliases or ()) if artists else "",
        album=_name(row.album.aliases or ()) if row.album else "",
        length_ms=milliseconds(row.track.duration),
    )


def _name(aliases: Sequence[Alias]) -> str:
    """The primary name, else the first."""
    return next((one.alias for one in aliases if one.is_primary), aliases[0].alias if aliases else "")


def _us(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.replace(microsecond=0).timestamp()) * 1_000_000 + aware.microsecond
