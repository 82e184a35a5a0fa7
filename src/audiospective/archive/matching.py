"""Which listens are one play? Pure and free of order: the answer depends on what was said, never on who said it first.

Rules, each with the tolerance that the source's own precision asks for (Spotify's export formats, `docs/decisions/0004`):

1. *Twins*: one source gives one track two rows at the same second, differing in ms heard (web player, 2021): the longest stands.
   Two addresses are two tracks, whatever their names: whether another source spoke as well never matters.
2. *Extended export and recently-played*: the same song ending within 120 s (the call has no ms heard, so pauses blur the end).
3. *Account data* and either of them: the same song, the same minute give or take one, and the same ms heard where both tell.
4. *Our own files*: the same song ending within 120 s of any richer report.
5. *Scrobbles and trackers* tell when a listening began: the same song beginning within 120 s of any richer report, another tracker's too.
   One that doesn't tell how long was heard is taken to have begun a track's length before its end. your_spotify passes on when Spotify
   said that it ended: the same song ending, or beginning, within 120 s.
6. *Told again*: a scrobbler tells one song at one second twice, without its length and with it: the longest stands.

Matches are one to one, nearest first, ties by time: a poorer report is matched to at most one richer one, and a richer one stands for at
most one report of each poorer source. So two reports of one source never become one play, and adding a source never joins two plays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audiospective.archive.plays import I2, I4, I8, UNKNOWN_MS, Bools, Source

_MINUTE = 60
_NEAR = 120
#: No rule reaches further than this, from end to end, so that a tracker's begin finds the end of a song of 13 minutes; where nobody said
#: anything for so long, nothing on one side can matter to the other.
REACH_S = 900


#: How far from end to end a report of these sources is looked for, in s before and after.
_WINDOWS = {Source.ACCOUNT: (_MINUTE, 2 * _MINUTE)} | {source: (REACH_S, REACH_S) for source in Source if source >= Source.SCROBBLE}


@dataclass(frozen=True, slots=True, eq=False)
class Claims:
    """Listens of one person, columns of equal length: end in µs, track, song code (tracks of one artist and title are one song), ms heard,
    source, stamp shift in s, and the track's length in ms, 0 where it isn't known.
    """

    ended_at: I8
    track: I4
    song: I4
    ms_played: I4
    source: I2
    shifted_s: I4
    length_ms: I4


def representatives(claims: Claims) -> I4:
    """`(n,)` int32: for each listen the index of the one that stands for it; itself, where it is the play."""
    stands = np.arange(len(claims.ended_at), dtype=np.int32)
    _merge_twins(claims, stands)
    _merge_told_again(claims, stands)
    for source in Source:
        mine = (claims.source == source) & (stands == np.arange(len(stands)))
        richer = (claims.source < source) & (stands == np.arange(len(stands)))
        if source is not Source.EXTENDED and mine.any() and richer.any():
            poor, rich = _pair(claims, np.flatnonzero(mine), np.flatnonzero(richer), source)
            stands[poor] = rich
    return _settled(stands)


def _settled(stands: I4) -> I4:
    """Follows chains (a twin of a matched row) to their end."""
    while True:
        further = stands[stands]
        if np.array_equal(further, stands):
            return stands
        stands = further


def _merge_twins(claims: Claims, stands: I4) -> None:
    rows = np.flatnonzero(claims.source == Source.EXTENDED)
    order = rows[np.lexsort((-claims.ms_played[rows], claims.track[rows], claims.ended_at[rows]))]
    stands[order] = order[_heads(claims.ended_at[order], claims.track[order])]


def _merge_told_again(claims: Claims, stands: I4) -> None:
    """One that tells no length ends where it began; a length beyond REACH_S can't be looked for."""
    rows = np.flatnonzero((claims.source == Source.SCROBBLE) & (claims.shifted_s <= 0) & (claims.shifted_s >= -REACH_S))
    begun_s = claims.ended_at[rows] // 1_000_000 + claims.shifted_s[rows]
    order = np.lexsort((claims.shifted_s[rows], claims.song[rows], begun_s))  # the longest of each first
    rows, begun_s = rows[order], begun_s[order]
    heads = rows[_heads(begun_s, claims.song[rows])]
    untold = (claims.shifted_s[rows] == 0) & (claims.shifted_s[heads] < 0)
    stands[rows[untold]] = heads[untold]


def _heads(at: I8, what: I4) -> I8:
    """For each of rows in this order the place of the first one that is alike."""
    alike = (at[1:] == at[:-1]) & (what[1:] == what[:-1])
    places = np.arange(len(at))
    return np.maximum.accumulate(np.where(np.concatenate(([False], alike))[: len(at)], 0, places))


def _pair(claims: Claims, poor: I8, rich: I8, source: Source) -> tuple[I8, I8]:
    """One-to-one matches (poor, rich) as row indexes, nearest first; of equal ones by all that was said, never by who came first."""
    left, right, cost = _candidates(claims, poor, rich, source)
    pairs: list[tuple[I8, I8]] = []
    while len(left):
        rest = (claims.shifted_s[right], claims.shifted_s[left], claims.ms_played[right], claims.source[right])
        order = np.lexsort((*rest, claims.ms_played[left], claims.ended_at[left], claims.ended_at[right], cost))
        first_left, first_right = _first_of(left[order]), _first_of(right[order])
        best = order[first_left & first_right]
        pairs.append((left[best], right[best]))
        free = ~np.isin(left, left[best]) & ~np.isin(right, right[best])
        left, right, cost = left[free], right[free], cost[free]
    if not pairs:
        return poor[:0], rich[:0]
    return np.concatenate([p for p, _ in pairs]), np.concatenate([r for _, r in pairs])


def _first_of(values: I8) -> Bools:
    """True where a value stands for the first time."""
    mask = np.zeros(len(values), dtype=np.bool_)
    mask[np.unique(values, return_index=True)[1]] = True
    return mask


def _candidates(claims: Claims, poor: I8, rich: I8, source: Source) -> tuple[I8, I8, I8]:
    """Every (poor, rich) that the rules allow, with the distance in µs."""
    before, after = _WINDOWS.get(source, (_NEAR, _NEAR))
    seconds = claims.ended_at // 1_000_000
    base = int(min(seconds[poor].min(), seconds[rich].min())) - REACH_S
    place = claims.song.astype(np.int64) * (1 << 34) + (seconds - base)
    rich = rich[np.argsort(place[rich], kind="stable")]
    low = np.searchsorted(place[rich], place[poor] - before, side="left")
    high = np.searchsorted(place[rich], place[poor] + after, side="right")
    count = high - low
    left = np.repeat(poor, count)
    starts = np.repeat(low - np.concatenate(([0], np.cumsum(count)[:-1])), count)
    right = rich[starts + np.arange(len(left))]
    ok = claims.source[right] != source
    if source is Source.ACCOUNT:
        ok &= (claims.ms_played[left] == claims.ms_played[right]) | (claims.ms_played[right] == UNKNOWN_MS)
    apart = claims.ended_at[left] - claims.ended_at[right]
    if source >= Source.SCROBBLE:
        begun = _begins(claims)
        ends, apart = apart, begun[left] - begun[right]
        apart = apart if source.tells_begin else np.minimum(np.abs(ends), np.abs(apart))
        ok &= np.abs(apart) <= _NEAR * 1_000_000
    return left[ok], right[ok], np.abs(apart[ok])


def _begins(claims: Claims) -> I8:
    """µs at which each listening began: as told, else as long before its end as was heard, else by the track's length."""
    told = (claims.source >= Source.SCROBBLE) & (claims.source != Source.YOUR_SPOTIFY)
    heard_ms = np.where(claims.ms_played >= 0, claims.ms_played, claims.length_ms).astype(np.int64)
    before_us: I8 = np.where(told, -claims.shifted_s.astype(np.int64) * 1_000_000, heard_ms * 1_000)
    return claims.ended_at - before_us
