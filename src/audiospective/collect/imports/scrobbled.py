"""What trackers say, one row at a time, put into columns: when a track began or ended, what it was, seldom how long it was heard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from audiospective.archive.plays import UNKNOWN_MS, Kind, TrackKey
from audiospective.collect.imports.columns import Columns, ParsedFile, Reject, clean

#: The first scrobble was sent in 2002; an earlier time is a broken clock, or none at all.
_EARLIEST_S: Final = int(datetime(2002, 1, 1, tzinfo=UTC).timestamp())
_MAX_MS: Final = 2**31 - 1
#: A length above this is no track's, and would put the end of a listening into another day.
_LONGEST_TRACK_MS: Final = 6 * 3_600_000


@dataclass(frozen=True, slots=True)
class Scrobble:
    """A listening as a tracker tells it. `at_us` is µs since 1970 UTC (None: not told), the begin or, if `at_end`, the end.

    `length_ms` is the track's (0: not told), `heard_ms` what was heard of it.
    """

    row: int
    at_us: int | None
    title: str
    artist: str
    album: str = ""
    spotify_id: str = ""
    length_ms: int = 0
    heard_ms: int = UNKNOWN_MS
    at_end: bool = False
    kind: int = int(Kind.TRACK)
    raw: str = ""


def parsed(scrobbles: Iterable[Scrobble | Reject], name: str, now: datetime) -> ParsedFile:
    """Every row as a listen or a reject. A listening that is told by its begin ends a track's length later, where that is told."""
    columns, rejected, kept = Columns(), [], []
    latest_us = (int(now.timestamp()) + 86_400) * 1_000_000
    for one in scrobbles:
        reason = one if isinstance(one, Reject) else _objection(one, name, latest_us)
        if reason is not None:
            rejected.append(reason)
        elif isinstance(one, Scrobble):
            kept.append(one)
    _add(columns, kept)
    return columns.parsed(name, rejected)


def _objection(one: Scrobble, name: str, latest_us: int) -> Reject | None:
    if one.at_us is None or one.at_us <= 0:
        return Reject(name, one.row, "it doesn't tell when: a track that was playing just then, or a lost date", clean(one.raw))
    if one.at_us < _EARLIEST_S * 1_000_000:
        return Reject(name, one.row, "its time lies before there were scrobbles", clean(one.raw))
    if one.at_us > latest_us:
        return Reject(name, one.row, "its time lies in the future", clean(one.raw))
    if not one.title or not (one.artist or one.spotify_id):
        return Reject(name, one.row, "it doesn't name a track and its artist", clean(one.raw))
    if not UNKNOWN_MS <= one.heard_ms <= _MAX_MS:
        return Reject(name, one.row, "what was heard isn't a possible length", clean(one.raw))
    return None


def _add(columns: Columns, rows: list[Scrobble]) -> None:
    keys = [TrackKey(one.kind, clean(one.spotify_id)[:64], clean(one.title), clean(one.artist), clean(one.album)) for one in rows]
    track = columns.tracks([(key.spotify_id, key.kind) if key.spotify_id else key for key in keys], keys.__getitem__)
    length_s = np.array([_length_s(one) for one in rows], np.int64)
    at_us = np.array([one.at_us or 0 for one in rows], np.int64)
    nothing4, nothing2 = np.zeros(len(rows), np.int32), np.zeros(len(rows), np.int16)
    columns.add(
        ended_at=at_us + length_s * 1_000_000,
        track=track,
        ms_played=np.array([one.heard_ms for one in rows], np.int64).astype(np.int32),
        flags=columns.kinds(track),
        shifted_s=(-length_s).astype(np.int32),
        platform=nothing4,
        country=nothing2,
        reasons=nothing2,
    )


def _length_s(one: Scrobble) -> int:
    """By how much the end lies after the time that was told; 0 where that isn't known."""
    return 0 if one.at_end or not 0 < one.length_ms <= _LONGEST_TRACK_MS else one.length_ms // 1000
