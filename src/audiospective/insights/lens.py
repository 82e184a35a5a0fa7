"""What counts as a play: a lens over what is stored (contract §7). Nothing is deleted; another lens, another count."""

from __future__ import annotations

import msgspec
import numpy as np

from audiospective.archive.plays import I4, I8, Bools, Flag, History, Kind, Source

#: Spotify counts a stream from here on; the recently-played call reports nothing shorter.
_DOUBLE_WITHIN_US = 30_000_000
_MINUTE_US = 60_000_000
#: Spotify's call and an export of one listening end so near to each other (docs/decisions/0004); nobody hears two to their ends meanwhile.
_SAME_END_US = 5_000_000


class Lens(msgspec.Struct, frozen=True):
    """The rule: at least so much heard, or said by a source that only reports finished plays; and nothing of what is left out.

    `artists`, `albums` and `tracks` are ids; `hours` are pairs of local hours, both within, over midnight when the second is smaller;
    `stretches` are pairs of minutes since 1970, the second not within. `no_private` leaves out what was heard in private sessions.
    `playlists` are bare ids, `from_them` the ends (µs, in order) of all that is known to have been played from them.
    """

    min_ms: int = 30_000
    artists: frozenset[int] = frozenset()
    albums: frozenset[int] = frozenset()
    tracks: frozenset[int] = frozenset()
    hours: frozenset[tuple[int, int]] = frozenset()
    stretches: frozenset[tuple[int, int]] = frozenset()
    no_private: bool = False
    playlists: frozenset[str] = frozenset()
    from_them: tuple[int, ...] = ()

    @property
    def leaves_out(self) -> int:
        """How many things are left out."""
        return (
            len(self.artists)
            + len(self.albums)
            + len(self.tracks)
            + len(self.hours)
            + len(self.stretches)
            + self.no_private
            + len(self.playlists)
        )


def counted(history: History, lens: Lens) -> Bools:
    """`(n,)` True for each row that is a play under this lens: a track, heard long enough, not a double report."""
    track = (history.flags & Flag.KIND) == Kind.TRACK
    long_enough = (history.ms_played >= lens.min_ms) | (history.ms_played < 0)
    plays: Bools = track & long_enough & ~doubles(history) & ~_left_out(history, lens)
    if lens.no_private:
        plays &= (history.flags & Flag.INCOGNITO) == 0
    if lens.from_them:
        plays &= ~_near(history.ended_at, np.array(lens.from_them, np.int64))
    for first, end in lens.stretches:
        plays &= (history.ended_at < first * _MINUTE_US) | (history.ended_at >= end * _MINUTE_US)
    return plays


def outside_hours(hours: I4, lens: Lens) -> Bools:
    """`(n,)` True for each local hour that isn't left out."""
    kept = np.ones(24, np.bool_)
    for first, last in lens.hours:
        kept[[(first + step) % 24 for step in range((last - first) % 24 + 1)]] = False
    return kept[hours]


def _near(ended_at: I8, ends: I8) -> Bools:
    """`(n,)` True for each row that ends when one of `ends` does, give or take the seconds by which sources differ."""
    place = np.searchsorted(ends, ended_at)
    before, after = ends[np.maximum(place - 1, 0)], ends[np.minimum(place, len(ends) - 1)]
    near: Bools = np.minimum(np.abs(ended_at - before), np.abs(after - ended_at)) <= _SAME_END_US
    return near


def podcasts(history: History, lens: Lens) -> Bools:
    """`(n,)` True for each podcast episode or audiobook chapter heard long enough; shown apart from tracks."""
    spoken: Bools = ((history.flags & Flag.KIND) != Kind.TRACK) & ((history.ms_played >= lens.min_ms) | (history.ms_played < 0))
    return spoken


def _left_out(history: History, lens: Lens) -> Bools:
    """`(n,)` True for each row whose artist, album or track is left out; decided once for each track."""
    tracks = np.zeros(len(history.track_ids), np.bool_)
    for ids, left in ((history.artist_ids, lens.artists), (history.album_ids, lens.albums), (history.track_ids, lens.tracks)):
        if left:
            tracks |= np.isin(ids, np.fromiter(left, np.int32, len(left)))
    return tracks[history.track]


def doubles(history: History) -> Bools:
    """`(n,)` True for a report of the recently-played call that repeats one of the same track sooner than it can be heard.

    Sooner than 30 s, or the track's length where that is shorter: 43 of 14,842 recorded plays (docs/decisions/0004).
    """
    found = np.zeros(len(history), np.bool_)
    rows = np.flatnonzero(history.source == Source.API)
    if len(rows) < 2:
        return found
    order = rows[np.lexsort((history.ended_at[rows], history.track[rows]))]
    length_us = history.duration_ms[history.track[order[1:]]].astype(np.int64) * 1000
    least = np.where(length_us > 0, np.minimum(length_us, _DOUBLE_WITHIN_US), _DOUBLE_WITHIN_US)
    same = history.track[order[1:]] == history.track[order[:-1]]
    found[order[1:]] = same & (history.ended_at[order[1:]] - history.ended_at[order[:-1]] < least)
    return found
