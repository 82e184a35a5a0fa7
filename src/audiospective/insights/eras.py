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
    stretches = _stretches(len(weeks))
    found = [one for one in _strongest(weeks, stretches) if _is_told(weeks, one)]
    if not found:
        return []
    chance = np.random.Generator(np.random.PCG64(len(weeks)))  # the same shuffles each time: an answer must not flicker
    best, bar = max(one.strength for one in found), 0.0
    for _ in range(_SHUFFLES - 1):
        bar = max(bar, *(one.strength for one in _strongest(weeks[chance.permutation(len(weeks))], stretches)))
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


def _stretches(size: int) -> list[tuple[int, list[int]]]:
    """(length, begins): lengths grow by √2 from the shortest that can hold two eras, each begins every half of its length."""
    found, length = [], 2.0 * _SHORTEST
    while int(length) < size:
        found.append((int(length), list(range(0, size - int(length) + 1, int(length) // 2))))
        length *= 2**0.5
    return [*found, (size, [0])] if size >= 2 * _SHORTEST else []


def _strongest(weeks: Floats, stretches: list[tuple[int, list[int]]]) -> list[_Split]:
    """The best split of each stretch: n₁·n₂/n · |mean₁ − mean₂|², at least _SHORTEST weeks from its ends."""
    summed = np.concatenate((np.zeros((1, weeks.shape[1]), np.float32), np.cumsum(weeks, axis=0, dtype=np.float32)))
    found = []
    for length, begins in stretches:
        at = np.arange(_SHORTEST, length - _SHORTEST + 1)
        begin = np.array(begins)[:, None]
        whole = summed[begins][:, None, :]
        apart = (
            summed[begin + at]
            - whole
            - (at / length).astype(np.float32)[None, :, None] * (summed[np.array(begins) + length][:, None, :] - whole)
        )
        gains = np.einsum("bta,bta->bt", apart, apart) * (length / (at * (length - at)))
        places = gains.argmax(axis=1)
        found += [_Split(one, one + length, float(gains[row, places[row]]), one + int(at[places[row]])) for row, one in enumerate(begins)]
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
