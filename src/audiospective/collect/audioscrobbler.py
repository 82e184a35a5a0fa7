"""Listens that a scrobbler submits in Last.fm's words (https://www.last.fm/api/show/track.scrobble).

Fields stand alone or numbered, `artist` or `artist[0]`; `timestamp` is when the listening began. What can't be archived is ignored and said
so, listen by listen; the rest is kept. The same listen again adds nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Final

import msgspec

from audiospective.archive.ingest import store
from audiospective.archive.plays import Batch, Listens, Source, UserId
from audiospective.collect.imports.scrobbled import Scrobble, parsed
from audiospective.errors import Invalid
from audiospective.infra.database import Connection

#: What the service that others imitate takes in one call.
MOST_LISTENS: Final = 50

_FIELD: Final = re.compile(r"(artist|track|album|albumArtist|timestamp|duration)(?:\[(\d{1,4})\])?")
_EARLIEST_S: Final = int(datetime(2002, 1, 1, tzinfo=UTC).timestamp())
_DAY_S: Final = 86_400


class Ignored(IntEnum):
    """Why a listen isn't archived, as those clients know it."""

    NOT = 0
    ARTIST = 1
    TRACK = 2
    TOO_OLD = 3
    TOO_NEW = 4


@dataclass(frozen=True, slots=True)
class Said:
    """A listen as it was told; `timestamp` is given back as it came."""

    artist: str
    track: str
    album: str
    album_artist: str
    timestamp: str
    length_ms: int
    ignored: Ignored

    @property
    def began_s(self) -> int | None:
        """Seconds since 1970; None where that isn't told."""
        return int(self.timestamp) if self.timestamp.isascii() and self.timestamp.isdigit() and len(self.timestamp) < 12 else None

    @property
    def metadata(self) -> dict[str, Any]:
        """What it is of, as it is told of something that plays just now (web/playing.py)."""
        album = {"release_name": self.album} if self.album else {}
        return {"artist_name": self.artist, "track_name": self.track, **album, "additional_info": {"duration_ms": self.length_ms}}


class Submission(msgspec.Struct, frozen=True):
    """Everything that was told, in its order, and the listens of those that aren't ignored."""

    said: tuple[Said, ...]
    listens: Listens


def read(fields: Mapping[str, str], now: datetime) -> Submission:
    """A submission; raises Invalid for none, or for too many."""
    numbered: dict[int, dict[str, str]] = defaultdict(dict)
    for name, value in fields.items():
        if found := _FIELD.fullmatch(name):
            numbered[int(found[2] or 0)][found[1]] = value.strip()
    if not 1 <= len(numbered) <= MOST_LISTENS:
        raise Invalid(f"A submission has 1 to {MOST_LISTENS} listens; this has {len(numbered):,}.", field="track")
    said = tuple(_said(numbered[place], now) for place in sorted(numbered))
    return Submission(said, parsed((_scrobble(row, one) for row, one in enumerate(said, 1) if not one.ignored), "submission", now).listens)


async def keep(conn: Connection, user: UserId, submission: Submission) -> None:
    """Store what isn't ignored."""
    if submission.listens.keys:
        await store(conn, [Batch(user, Source.SCROBBLE, submission.listens)])


def playing(fields: Mapping[str, str], now: datetime) -> Said:
    """What plays just now; raises Invalid where it names no track or no artist."""
    one = _said({name: fields.get(name, "").strip() for name in ("artist", "track", "album", "albumArtist", "duration")}, now)
    if not one.artist or not one.track:
        raise Invalid("Name the track that plays and its artist.", field="track")
    return one


def _said(given: Mapping[str, str], now: datetime) -> Said:
    length = given.get("duration", "")
    one = Said(
        artist=given.get("artist", ""),
        track=given.get("track", ""),
        album=given.get("album", ""),
        album_artist=given.get("albumArtist", ""),
        timestamp=given.get("timestamp", ""),
        length_ms=int(length) * 1000 if length.isascii() and length.isdigit() and len(length) < 7 else 0,
        ignored=Ignored.NOT,
    )
    return replace(one, ignored=_objection(one, now))


def _objection(one: Said, now: datetime) -> Ignored:
    if not one.artist:
        return Ignored.ARTIST
    if not one.track:
        return Ignored.TRACK
    if one.began_s is None or one.began_s < _EARLIEST_S:
        return Ignored.TOO_OLD
    return Ignored.TOO_NEW if one.began_s > now.timestamp() + _DAY_S else Ignored.NOT


def _scrobble(row: int, one: Said) -> Scrobble:
    at_us = None if one.began_s is None else one.began_s * 1_000_000
    return Scrobble(row, at_us, one.track, one.artist, one.album, length_ms=one.length_ms)
