"""What trackers say, one row at a time, put into columns: when a track began or ended, what it was, seldom how long it was heard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Final

import msgspec
import numpy as np

from audiospective.archive.plays import UNKNOWN_MS, Kind, TrackKey
from audiospective.collect.imports.columns import Columns, ParsedFile, Reject, clean

#: The first scrobble was sent in 2002; an earlier time is a broken clock, or none at all.
_EARLIEST_US: Final = int(datetime(2002, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
_MAX_MS: Final = 2**31 - 1
#: A length above this is no track's, and would put the end of a listening into another day.
_LONGEST_TRACK_MS: Final = 6 * 3_600_000
#: Rows that are held as objects at a time; columns take 32 bytes a row, a Scrobble with its texts half a kilobyte.
_PORTION: Final = 10_000
#: So many characters of a row that was set aside are shown.
_LONGEST_RAW: Final = 500


class Scrobble(msgspec.Struct, frozen=True, gc=False):
    """A listening as a tracker tells it. `at_us` is µs since 1970 UTC (None: not told), the begin or, if `at_end`, the end.

    `length_ms` is the track's (0: not told), `heard_ms` what was heard of it; `raw` the row as it came, or its cells; `needs_names` is off
    where a title or an id may stand alone, as in an archive of ours. A struct, since a frozen dataclass takes four times as long to make,
    and an import makes a million.
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
    raw: str | list[str] = ""
    needs_names: bool = True


def parsed(scrobbles: Iterable[Scrobble | Reject], name: str, now: datetime) -> ParsedFile:
    """Every row as a listen or a reject. A listening that is told by its begin ends a track's length later, where that is told."""
    columns, rejected = Columns(), list[Reject]()
    latest_us = (int(now.timestamp()) + 86_400) * 1_000_000
    waiting = iter(scrobbles)
    while portion := list(islice(waiting, _PORTION)):
        kept = list[Scrobble]()
        for one in portion:
            reason = one if isinstance(one, Reject) else _objection(one, name, latest_us)
            if reason is not None:
                rejected.append(reason)
            elif isinstance(one, Scrobble):
                kept.append(one)
        _add(columns, kept)
    return columns.parsed(name, rejected)


def milliseconds(seconds: float | None) -> int:
    """A length told in seconds; 0 for one that isn't told, or can't be."""
    return int(seconds * 1000) if seconds and abs(seconds) < _MAX_MS else 0


def _objection(one: Scrobble, name: str, latest_us: int) -> Reject | None:
    if one.at_us is None or one.at_us <= 0:
        return Reject(name, one.row, "it doesn't tell when: a track that was playing just then, or a lost date", _raw(one))
    if one.at_us < _EARLIEST_US:
        return Reject(name, one.row, "its time lies before there were scrobbles", _raw(one))
    if one.at_us > latest_us:
        return Reject(name, one.row, "its time lies in the future", _raw(one))
    if not (one.title and (one.artist or one.spotify_id) if one.needs_names else one.title or one.spotify_id):
        return Reject(name, one.row, "it doesn't name a track and its artist", _raw(one))
    if not UNKNOWN_MS <= one.heard_ms <= _MAX_MS:
        return Reject(name, one.row, "what was heard isn't a possible length", _raw(one))
    return None


def _raw(one: Scrobble) -> str:
    return clean(one.raw if isinstance(one.raw, str) else ",".join(one.raw)[:_LONGEST_RAW])


def _add(columns: Columns, rows: list[Scrobble]) -> None:
    # Tracks are few beside rows: a key is made when one is first met.
    identities = [(one.spotify_id, one.kind) if one.spotify_id else (one.kind, one.title, one.artist, one.album) for one in rows]
    track = columns.tracks(identities, lambda row: _key(rows[row]))
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


def _key(one: Scrobble) -> TrackKey:
    return TrackKey(one.kind, clean(one.spotify_id)[:64], clean(one.title), clean(one.artist), clean(one.album))


def _length_s(one: Scrobble) -> int:
    """By how much the end lies after the time that was told; 0 where that isn't known."""
    return 0 if one.at_end or not 0 < one.length_ms <= _LONGEST_TRACK_MS else one.length_ms // 1000
