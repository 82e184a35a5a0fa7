"""This program's own lines, a play each, as a reading copy has them: everything that was told of a play, and of its track.

A file has the plays of one source, which they keep: an archive that is brought elsewhere is the same archive there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import BinaryIO, Final

import msgspec
import numpy as np

from audiospective.archive.plays import (
    UNKNOWN_MS,
    ArtistFacts,
    Flag,
    Kind,
    Source,
    TrackFacts,
    TrackKey,
    country_code,
)
from audiospective.collect.imports.columns import Columns, ParsedFile, Reject, clean
from audiospective.collect.imports.documents import Lines

NAME = "audiospective-jsonl"

_CHUNK = 10_000
_MAX_MS: Final = 2**31 - 1
#: The first scrobble was sent in 2002.
_EARLIEST_S: Final = datetime(2002, 1, 1, tzinfo=UTC).timestamp()


class Artist(msgspec.Struct, gc=False, rename="camel"):
    """An artist of a track."""

    name: str = ""
    spotify_id: str | None = None


class Album(msgspec.Struct, gc=False, rename="camel"):
    """Its album."""

    name: str = ""
    spotify_id: str | None = None
    image_url: str | None = None


class Track(msgspec.Struct, gc=False, rename="camel"):
    """What was played."""

    name: str = ""
    kind: str = "track"
    spotify_id: str | None = None
    isrc: str | None = None
    duration_ms: int = 0
    album: Album | None = None
    artists: list[Artist] = []


class Told(msgspec.Struct, gc=False, rename="camel"):
    """What the source told besides."""

    skipped: bool | None = None
    shuffle: bool = False
    offline: bool = False
    incognito: bool = False
    video: bool = False
    stamp_shift_s: int = 0
    platform: str = ""
    country: str = ""
    reason_start: str = ""
    reason_end: str = ""


class Row(msgspec.Struct, gc=False, rename="camel"):
    """A play."""

    played_at: datetime
    source: str
    track: Track
    ms_played: int | None = None
    told: Told = msgspec.field(default_factory=Told)


def parse(file: BinaryIO, name: str, now: datetime) -> ParsedFile:
    """Every row of the file as a listen or a reject; the source is that of the first row."""
    columns, rejected, facts = Columns(), [], dict[str, TrackFacts]()
    source: Source | None = None
    for part in _chunks(Lines(Row).of(file, name)):
        kept: list[Row] = []
        for found in part:
            if isinstance(found, Reject):
                rejected.append(found)
                continue
            number, row = found
            source = source or Source.labelled(row.source)
            reason = _objection(row, source, now)
            if reason:
                rejected.append(Reject(name, number, reason, clean(msgspec.json.encode(row).decode())[:500]))
            else:
                kept.append(row)
        _add(columns, kept, facts)
    whole = columns.parsed(name, rejected)
    return ParsedFile(whole.name, whole.rows, whole.listens, whole.rejected, source, facts)


def _chunks(rows: Iterator[tuple[int, Row] | Reject]) -> Iterator[list[tuple[int, Row] | Reject]]:
    while part := list(islice(rows, _CHUNK)):
        yield part


def _objection(row: Row, source: Source | None, now: datetime) -> str:
    if source is None or row.source != source.label:
        return "it names another source than the file's first row"
    if row.played_at.tzinfo is None or not _EARLIEST_S < row.played_at.timestamp() < now.timestamp() + 86_400:
        return "`playedAt` isn't a possible time"
    if not row.track.name and not row.track.spotify_id:
        return "it doesn't name a track"
    if not UNKNOWN_MS < (row.ms_played or 0) <= _MAX_MS:
        return "`msPlayed` isn't a possible length"
    if not 0 <= row.track.duration_ms <= _MAX_MS:
        return "`durationMs` isn't a possible length"
    return "" if abs(row.told.stamp_shift_s) <= _MAX_MS else "`stampShiftS` isn't a possible length"


def _add(columns: Columns, rows: list[Row], facts: dict[str, TrackFacts]) -> None:
    identities = [_identity(row.track) for row in rows]
    track = columns.tracks(identities, lambda place: _key(rows[place].track))
    facts |= {row.track.spotify_id: told for row in rows if row.track.spotify_id and (told := _facts(row.track, facts))}
    columns.add(
        ended_at=np.array([_us(row.played_at) for row in rows], np.int64),
        track=track,
        ms_played=np.array([UNKNOWN_MS if row.ms_played is None else row.ms_played for row in rows], np.int64).astype(np.int32),
        flags=columns.kinds(track) | np.array([_flags(row.told) for row in rows], np.int16),
        shifted_s=np.array([row.told.stamp_shift_s for row in rows], np.int64).astype(np.int32),
        platform=columns.platforms([row.told.platform for row in rows]),
        country=np.array([country_code(row.told.country) for row in rows], np.int16),
        reasons=columns.reasons([(row.told.reason_start, row.told.reason_end) for row in rows]),
    )


def _identity(track: Track) -> tuple[str, str, str, str, str]:
    album, artist = track.album.name if track.album else "", track.artists[0].name if track.artists else ""
    return (track.kind, track.spotify_id, "", "", "") if track.spotify_id else (track.kind, "", track.name, artist, album)


def _key(track: Track) -> TrackKey:
    kind = Kind.__members__.get(track.kind.upper(), Kind.TRACK)
    artist, album = track.artists[0].name if track.artists else "", track.album.name if track.album else ""
    return TrackKey(int(kind), clean(track.spotify_id)[:64], clean(track.name), clean(artist), clean(album))


def _facts(track: Track, known: dict[str, TrackFacts]) -> TrackFacts | None:
    """What the Web API once told of a track; None where it never did, or where it is known already."""
    if track.kind != "track" or track.spotify_id in known or not track.artists or not all(artist.spotify_id for artist in track.artists):
        return None
    album = track.album or Album()
    artists = tuple(ArtistFacts(clean(artist.spotify_id), clean(artist.name)) for artist in track.artists)
    isrc = clean(track.isrc) or None
    return TrackFacts(track.duration_ms, isrc, artists, clean(album.spotify_id), clean(album.name), album.image_url)


def _flags(told: Told) -> int:
    skipped = Flag(0) if told.skipped is None else Flag.SKIPPED if told.skipped else Flag.NOT_SKIPPED
    others = ((told.shuffle, Flag.SHUFFLE), (told.offline, Flag.OFFLINE), (told.incognito, Flag.INCOGNITO), (told.video, Flag.VIDEO))
    return int(skipped) | sum(int(flag) for said, flag in others if said)


def _us(moment: datetime) -> int:
    whole = moment.astimezone(UTC)
    return int(whole.replace(microsecond=0).timestamp()) * 1_000_000 + whole.microsecond
