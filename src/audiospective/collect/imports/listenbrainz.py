"""ListenBrainz's export: a listen a line (`listens/2025/6.jsonl` in a zip), older ones as one JSON list.

`listened_at` is when the listening began (https://listenbrainz.readthedocs.io/en/latest/users/json.html).
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

NAME = "listenbrainz"


class Info(msgspec.Struct, gc=False):
    """What a client told besides."""

    duration_ms: float | str | None = None
    duration: float | str | None = None
    spotify_id: str | None = None
    origin_url: str | None = None


class Metadata(msgspec.Struct, gc=False):
    """What was played."""

    track_name: str | None = None
    artist_name: str | None = None
    release_name: str | None = None
    additional_info: Info | None = None


class Row(msgspec.Struct, gc=False):
    """A listen."""

    track_metadata: Metadata
    listened_at: float | None = None


def parse_lines(file: BinaryIO, name: str, now: datetime) -> ParsedFile:
    """A file with a listen a line."""
    return parsed((one if isinstance(one, Reject) else scrobble(*one) for one in Lines(Row).of(file, name)), name, now)


def parse_list(file: BinaryIO, name: str, now: datetime) -> ParsedFile:
    """The older export: one list."""
    return parsed(_listed(file, name), name, now)


def scrobble(number: int, row: Row) -> Scrobble:
    """A listen in the archive's words."""
    told = row.track_metadata
    info = told.additional_info or Info()
    at_us = None if row.listened_at is None else int(row.listened_at * 1_000_000)
    return Scrobble(
        row=number,
        at_us=at_us,
        title=told.track_name or "",
        artist=told.artist_name or "",
        album=told.release_name or "",
        spotify_id=spotify_id(info.spotify_id) or spotify_id(info.origin_url),
        length_ms=_whole(info.duration_ms) or _whole(info.duration) * 1000,
    )


def spotify_id(address: str | None) -> str:
    """The track's id in an address such as https://open.spotify.com/track/…; "" for anything else."""
    if not address or ("spotify.com/" not in address and not address.startswith("spotify:track:")):
        return ""
    bare = address.partition("track")[2].strip("/:").partition("?")[0]
    return bare if len(bare) == 22 and bare.isalnum() else ""


def _listed(file: BinaryIO, name: str) -> Iterator[Scrobble | Reject]:
    for chunk in rows_of(file, name, Row):
        yield from chunk.rejected
        yield from map(scrobble, chunk.numbers, chunk.rows)


def _whole(value: float | str | None) -> int:
    try:
        return int(float(value or 0))
    except (ValueError, OverflowError):
        return 0
