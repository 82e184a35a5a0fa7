"""Which chapters has a life in music? Change points in taste, named by the artists that belong to each."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from audiospective.archive.plays import I4, I8
from audiospective.insights.listening import Listening
from audiospective.insights.zones import day_of

#: How often a listener whose taste never changes is told of a change all the same.
FALSE_ALARMS: Final = 0.01
#: An era lasts so many weeks with music at least; there are so many at most.
_SHORTEST, _MOST = 10, 12
#: A week without so many plays is counted together with the following.
_LEAST_PLAYS: Final = 15
#: So many artists are looked at one by one, all others together.
_ARTISTS: Final = 40
#: A change is told if it is the largest of so many shuffles of the weeks, the true order among them.
_SHUFFLES: Final = round(1 / FALSE_ALARMS)
#: What is less of a difference isn't a chapter, however certain (Hellinger's distance squared, 0 to 1).
_LEAST_CHANGE: Final = 0.08
_NAMED: Final = 3
_WITHOUT_THREADS: Final = 2**18

Floats = npt.NDArray[np.float64]


class Era(msgspec.Struct, frozen=True):
    """A stretch of days in which taste stayed alike. `artists` (id, plays) are those whose plays most exceed what the whole period
    would make one expect here, most first, three at most. `change` is how far taste moved at its begin, 0 to 1; 0 for the first.
    """

    first_day: date
    last_day: date
    plays: int
    artists: tuple[tuple[int, int], ...]
    change: float


def eras(listening: Listening) -> tuple[Era, ...]:
    """The eras of a period, oldest first; they follow each other without gaps from the first play to the last. One: nothing changed.

    Weeks (those with few plays joined to the next) become shares of the most played artists, under a square root, so that distances are
    Hellinger's. In stretches of many lengths the best split is where the means before and after differ most for their length (CUSUM,
    seeded as Kovács et al. 2023). It counts if it is larger than the largest of any stretch in 99 shuffles of all weeks: whoever's weeks
    are alike is told of a change in one archive of a hundred (FALSE_ALARMS). The strongest goes first. The day is found by likelihood.
    """
    if not len(listening):
        return ()
    day = listening.day - listening.day.min()
    begins, block = _blocks(day)
    codes, weeks = _shares(listening, block, len(begins))
    splits = _splits(weeks)
    days = [0, *(_to_the_day(day, codes, begins, split) for split in splits), int(day.max()) + 1]
    first = int(listening.day.min())
    ids, artist = np.unique(listening.history.artist_ids, return_inverse=True)
    of_play = artist.astype(np.int32)[listening.track]
    everywhere = np.bincount(of_play, minlength=len(ids))
    era = np.repeat(np.arange(len(days) - 1), np.diff(days))[day]
    counts = np.bincount(era * len(ids) + of_play, minlength=(len(days) - 1) * len(ids)).reshape(-1, len(ids))
    return tuple(
        Era(
            day_of(first + begin),
            day_of(first + end - 1),
            int(counts[place].sum()),
            _named(ids, everywhere, counts[place]),
            _change(weeks, splits, place),
        )
        for place, (begin, end) in enumerate(itertools.pairwise(days))
    )


def _blocks(day: I4) -> tuple[list[int], I8]:
    """First day of each block of one week or more, and the block of each play; days count from the first play."""
    week = (day // 7).astype(np.int64)
    counts = np.bincount(week)
    number, begins, held = np.zeros(len(counts), np.int64), [0], 0
    for place, plays in enumerate(counts.tolist()):
        if held >= _LEAST_PLAYS:
            begins.append(place * 7)
            held = 0
        number[place] = len(begins) - 1
        held += plays
    return begins, number[week]


def _shares(listening: Listening, block: I8, blocks: int) -> tuple[I8, Floats]:
    """Each play's artist as a code, the last for all that aren't among the most played; and `(blocks, artists)` roots of shares."""
    ids, place = np.unique(listening.history.artist_ids, return_inverse=True)
    plays = np.bincount(place[listening.track], minlength=len(ids))
    largest = [one for one in np.lexsort((ids, -plays))[: _ARTISTS + 1].tolist() if ids[one] > 0][:_ARTISTS]
    code_of = np.full(len(ids), len(largest), np.int64)
    code_of[largest] = np.arange(len(largest))
    codes = code_of[place][listening.track]
    size = len(largest) + 1
    counts = np.bincount(block * size + codes, minlength=blocks * size).reshape(blocks, size)
    return codes, np.sqrt(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))


class _Split(msgspec.Struct, frozen=True):
    """The best split of a stretch of weeks: how strong, and where."""

    begin: int
    end: int
    strength: float
    place: int


def _splits(weeks: Floats) -> list[tuple[int, int, int]]:
    """(begin of the stretch, where it splits, its end) in order of time, found by strength."""
    ways = _ways(len(weeks))
    found = [one for one in _strongest(weeks, ways) if _is_told(weeks, one)]
    if not found:
        return []
    chance = np.random.Generator(np.random.PCG64(len(weeks)))  # the same shuffles each time: an answer must not flicker
    best, bar = max(one.strength for one in found), 0.0
    for _ in range(_SHUFFLES - 1):
        bar = max(bar, float(_gains(weeks[chance.permutation(len(weeks))], ways).max()))
        if bar >= best:
            return []
    edges = [0, len(weeks)]
    for one in sorted(found, key=lambda one: (-one.strength, one.begin)):
        if one.strength <= bar or len(edges) > _MOST:
            break
        if all(abs(one.place - edge) >= _SHORTEST for edge in edges):
            edges.append(one.place)
    edges.sort()
    return [(edges[at - 1], edges[at], edges[at + 1]) for at in range(1, len(edges) - 1)]


class _Ways(msgspec.Struct, frozen=True):
    """Every way to split a stretch of weeks, stretch by stretch: where it begins, splits and ends. `rows` are the weeks that begin or end
    one, `first` and `last` tell which of these; `stretches` is where each stretch's ways begin.
    """

    begin: I8
    place: I8
    end: I8
    rows: I8
    first: I8
    last: I8
    stretches: I8


def _ways(size: int) -> _Ways:
    """Stretches' lengths grow by √2 from the shortest that can hold two eras, each begins every half of its length."""
    lengths, length = [], 2.0 * _SHORTEST
    while int(length) < size:
        lengths.append(int(length))
        length *= 2**0.5
    many = [(begin, begin + one) for one in lengths for begin in range(0, size - one + 1, one // 2)]
    begins, ends = np.array([*many, *([(0, size)] if size >= 2 * _SHORTEST else [])], np.int64).reshape(-1, 2).T
    splits = ends - begins - 2 * _SHORTEST + 1
    stretches = np.cumsum(splits) - splits
    begin, end = np.repeat(begins, splits), np.repeat(ends, splits)
    place = begin + _SHORTEST + np.arange(len(begin)) - np.repeat(stretches, splits)
    rows, at = np.unique(np.concatenate((begin, end)), return_inverse=True)
    return _Ways(begin, place, end, rows, at[: len(begin)], at[len(begin) :], stretches)


def _gains(weeks: Floats, ways: _Ways) -> Floats:
    """For each way to split, n₁·n₂/n · |mean₁ − mean₂|². With s the sums of all weeks before one, that is n/(n₁·n₂) times the square of
    how far s at the split is from the line between its ends, and this follows from the three points' distances alone.
    """
    summed = np.concatenate((np.zeros((1, weeks.shape[1])), np.cumsum(weeks, axis=0)))
    dots, square = _dots(summed[ways.rows], summed), np.einsum("ij,ij->i", summed, summed)
    before, after, whole = ways.place - ways.begin, ways.end - ways.place, ways.end - ways.begin
    at_begin, at_place, at_end = square[ways.begin], square[ways.place], square[ways.end]
    moved_before = at_begin + at_place - 2 * dots[ways.first, ways.place]
    moved_after = at_place + at_end - 2 * dots[ways.last, ways.place]
    moved = at_begin + at_end - 2 * dots[ways.first, ways.end]
    gains: Floats = moved_before / before + moved_after / after - moved / whole
    return gains


def _dots(some: Floats, every: Floats) -> Floats:
    """The products of some rows with every row; a few at a time, which the library multiplies without threads that await each other."""
    dots, step = np.empty((len(some), len(every))), max(1, _WITHOUT_THREADS // every.size)
    for at in range(0, len(some), step):
        np.matmul(some[at : at + step], every.T, out=dots[at : at + step])
    return dots


def _strongest(weeks: Floats, ways: _Ways) -> list[_Split]:
    """The best split of each stretch, at least _SHORTEST weeks from its ends."""
    gains = _gains(weeks, ways)
    found = []
    for begin, end in itertools.pairwise([*ways.stretches.tolist(), len(gains)]):
        best = begin + int(gains[begin:end].argmax())
        found.append(_Split(int(ways.begin[best]), int(ways.end[best]), float(gains[best]), int(ways.place[best])))
    return found


def _is_told(weeks: Floats, one: _Split) -> bool:
    return _apart(weeks, one.begin, one.place, one.end) >= _LEAST_CHANGE


def _apart(weeks: Floats, begin: int, place: int, end: int) -> float:
    """Hellinger's distance squared of what is before and after, 0 to 1."""
    return float(((weeks[begin:place].mean(axis=0) - weeks[place:end].mean(axis=0)) ** 2).sum()) / 2


def _to_the_day(day: I4, codes: I8, begins: list[int], split: tuple[int, int, int]) -> int:
    """The day, three blocks around the split at most, from which on the plays are likelier of the part after than of the one before."""
    (low, place, high), ends = split, [*begins, int(day.max()) + 1]
    size = int(codes.max()) + 1
    parts = (codes[(day >= ends[one]) & (day < ends[other])] for one, other in ((low, place), (place, high)))
    before, after = (np.bincount(part, minlength=size) + 0.5 for part in parts)
    unlike = np.log(before / before.sum()) - np.log(after / after.sum())
    first, last = ends[max(place - 3, low + 1)], ends[min(place + 3, high - 1)]
    rows = (day >= first) & (day < last)
    gain = np.bincount(day[rows] - first, weights=unlike[codes[rows]], minlength=last - first)
    return first + int(np.concatenate(([0], np.cumsum(gain))).argmax())


def _named(ids: I4, everywhere: I8, here: I8) -> tuple[tuple[int, int], ...]:
    surplus = here - everywhere * (here.sum() / max(int(everywhere.sum()), 1))
    if here.sum() == everywhere.sum():
        surplus = here.astype(np.float64)
    surplus = np.where(ids > 0, surplus, 0)
    order = np.lexsort((ids, -surplus))[:_NAMED]
    return tuple((int(ids[one]), int(here[one])) for one in order if surplus[one] > 0)


def _change(weeks: Floats, splits: list[tuple[int, int, int]], era: int) -> float:
    return round(_apart(weeks, *splits[era - 1]), 3) if era else 0.0
