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
_NEVER_S = 10**12


class Info(msgspec.Struct, gc=False):
    """What a client told besides, in whatever type: nobody checked that."""

    duration_ms: object = None
    duration: object = None
    spotify_id: object = None
    origin_url: object = None


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
    return Scrobble(
        row=number,
        at_us=_us(row.listened_at),
        title=told.track_name or "",
        artist=told.artist_name or "",
        album=told.release_name or "",
        spotify_id=spotify_id(info.spotify_id) or spotify_id(info.origin_url),
        length_ms=_whole(info.duration_ms) or _whole(info.duration) * 1000,
    )


def spotify_id(address: object) -> str:
    """The track's id in an address such as https://open.spotify.com/track/…; "" for anything else."""
    if not isinstance(address, str) or ("spotify.com/" not in address and not address.startswith("spotify:track:")):
        return ""
    bare = address.partition("track")[2].strip("/:").partition("?")[0]
    return bare if len(bare) == 22 and bare.isalnum() else ""


def _listed(file: BinaryIO, name: str) -> Iterator[Scrobble | Reject]:
    for chunk in rows_of(file, name, Row):
        yield from chunk.rejected
        yield from map(scrobble, chunk.numbers, chunk.rows)


def _us(seconds: float | None) -> int | None:
    """Time in µs; what no clock shows is the end of all time."""
    return None if seconds is None else int(min(max(seconds, 0), _NEVER_S) * 1_000_000)


def _whole(value: object) -> int:
    try:
        return int(float(value)) if isinstance(value, (int, float, str)) else 0
    except (ValueError, OverflowError):
        return 0
