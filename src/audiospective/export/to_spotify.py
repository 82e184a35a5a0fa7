"""Spotify's own extended streaming history, so that whatever reads theirs reads ours (docs/exports.md says what it can't carry)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import numpy as np

from audiospective.archive.catalog import TrackCard
from audiospective.archive.plays import Evidence, Flag, Kind
from audiospective.export.plays import Portion, Rows, Told, told

#: Heard at least, when a source says that a play was finished and neither it nor the catalogue knows how long it is.
_LEAST_MS = 30_000
_SECOND_US = 1_000_000

_encoder = msgspec.json.Encoder()


class Stream(msgspec.Struct):
    """A row in the shape of 2024 (https://support.spotify.com/article/understanding-my-data/), without its private fields."""

    ts: str
    platform: str | None
    ms_played: int
    conn_country: str | None
    master_metadata_track_name: str | None = None
    master_metadata_album_artist_name: str | None = None
    master_metadata_album_album_name: str | None = None
    spotify_track_uri: str | None = None
    episode_name: str | None = None
    episode_show_name: str | None = None
    spotify_episode_uri: str | None = None
    audiobook_title: str | None = None
    audiobook_uri: str | None = None
    audiobook_chapter_uri: str | None = None
    audiobook_chapter_title: str | None = None
    reason_start: str | None = None
    reason_end: str | None = None
    shuffle: bool = False
    skipped: bool | None = None
    offline: bool = False
    offline_timestamp: int | None = None
    incognito_mode: bool = False


async def document(portions: AsyncIterator[Portion], evidence: Evidence, rows: Rows) -> AsyncIterator[bytes]:
    """One list, oldest first."""
    yield b"["
    between, place = b"", 0
    async for portion in portions:
        part = rows[place : place + len(portion.tracks)]
        place += len(part)
        yield between + b",\n".join(_encoder.encode(one) for one in _streams(portion, told(evidence, part)))
        between = b",\n"
    yield b"]\n"


def _streams(portion: Portion, besides: list[Told]) -> list[Stream]:
    lengths = zip(portion.ms_played, portion.tracks, strict=True)
    heard = [max(card.duration_ms, _LEAST_MS) if ms is None else ms for ms, card in lengths]
    when = list(map(_when, portion.ended_us.tolist(), heard, portion.flags, besides))
    stamps = np.datetime_as_string(np.array([stamp for stamp, _ in when], "datetime64[s]")).tolist()
    columns = (stamps, (began for _, began in when), heard, portion.flags, besides)
    rows = [_stream(f"{stamp}Z", began, ms, Flag(flags), one) for stamp, began, ms, flags, one in zip(*columns, strict=True)]
    return list(map(_named, rows, portion.tracks))


def _when(ended_us: int, heard_ms: int, flags: int, besides: Told) -> tuple[int, int | None]:
    """The stamp, in seconds; and when it began, in ms, if it was heard offline and stamped, at a whole second, when it was uploaded.

    Trackers stamp a beginning, before the end; this format has no place for that.
    """
    shifted_s = besides.shifted_s
    if shifted_s > 0 or (flags & Flag.OFFLINE and (shifted_s or ended_us % _SECOND_US)):
        return -(-ended_us // _SECOND_US) + shifted_s, ended_us // 1000 - heard_ms
    return ended_us // _SECOND_US, None


def _stream(stamp: str, began_ms: int | None, heard: int, flags: Flag, besides: Told) -> Stream:
    return Stream(
        ts=stamp,
        platform=besides.platform or None,
        ms_played=heard,
        conn_country=besides.country or None,
        reason_start=besides.reason_start or None,
        reason_end=besides.reason_end or None,
        shuffle=Flag.SHUFFLE in flags,
        skipped=True if Flag.SKIPPED in flags else False if Flag.NOT_SKIPPED in flags else None,
        offline=Flag.OFFLINE in flags or began_ms is not None,
        offline_timestamp=began_ms,
        incognito_mode=Flag.INCOGNITO in flags,
    )


def _named(row: Stream, card: TrackCard) -> Stream:
    artist = card.artists[0].name or None if card.artists else None
    if card.kind is Kind.TRACK:
        row.master_metadata_track_name = card.name or None
        row.master_metadata_album_artist_name = artist
        row.master_metadata_album_album_name = card.album.name if card.album else None
        row.spotify_track_uri = f"spotify:track:{card.spotify_id}" if card.spotify_id else None
    elif card.kind is Kind.EPISODE:
        row.episode_name, row.episode_show_name = card.name, artist
        row.spotify_episode_uri = f"spotify:episode:{card.spotify_id}" if card.spotify_id else None
    else:
        row.audiobook_chapter_title, row.audiobook_title = card.name, artist
        row.audiobook_chapter_uri = f"spotify:chapter:{card.spotify_id}" if card.spotify_id else None
    return row
