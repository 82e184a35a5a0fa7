"""Which chapters has a life in music? Change points in taste, named by the artists that belong to each."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date
from typing import Final

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
_ARTISTS: Final = 60
#: A change is told if it is the largest of so many shuffles of the weeks, the true order among them.
_SHUFFLES: Final = round(1 / FALSE_ALARMS)
#: What is less of a difference isn't a chapter, however certain (Hellinger's distance squared, 0 to 1).
_LEAST_CHANGE: Final = 0.08
_NAMED: Final = 3

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Era:
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

    Weeks (those with few plays joined to the next) become shares of the sixty most played artists, under a square root, so that
    distances are Hellinger's. The best split of a stretch is where the means before and after differ most for their length (CUSUM). It
    counts if shuffling the weeks never does as well in a hundred orders: whoever's weeks are alike is told of a change in one archive of
    a hundred (FALSE_ALARMS). The strongest split goes first, then those within its parts. The day is then found by likelihood.
    """
    if not len(listening):
        return ()
    day = listening.day - listening.day.min()
    begins, block = _blocks(day)
    codes, weeks = _shares(listening, block, len(begins))
    splits = _splits(weeks)
    days = [0, *(_to_the_day(day, codes, begins, split) for split in splits), int(day.max()) + 1]
    first = int(listening.day.min())
    artists = listening.history.artist_ids[listening.track]
    ids, artist = np.unique(artists, return_inverse=True)
    edges = np.searchsorted(day, days) if (np.diff(day) >= 0).all() else None
    found = []
    for place, (begin, end) in enumerate(itertools.pairwise(days)):
        rows = slice(int(edges[place]), int(edges[place + 1])) if edges is not None else np.flatnonzero((day >= begin) & (day < end))
        named = _named(ids, np.bincount(artist, minlength=len(ids)), np.bincount(artist[rows], minlength=len(ids)))
        change = _change(weeks, splits, place)
        found.append(Era(day_of(first + begin), day_of(first + end - 1), len(artist[rows]), named, change))
    return tuple(found)


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


def _splits(weeks: Floats) -> list[tuple[int, int, int]]:
    """(begin of the stretch, where it splits, its end) in order of time, the strongest found first."""
    open_, found = [(0, len(weeks))], [0, len(weeks)]
    best = {stretch: _best(weeks[slice(*stretch)]) for stretch in open_}
    while len(found) <= _MOST and any(strength for strength, _ in best.values()):
        low, high = max(best, key=lambda stretch: (best[stretch][0], -stretch[0]))
        place = low + best.pop((low, high))[1]
        found.append(place)
        for part in ((low, place), (place, high)):
            best[part] = _best(weeks[slice(*part)])
    found.sort()
    return [(found[at - 1], found[at], found[at + 1]) for at in range(1, len(found) - 1)]


def _best(weeks: Floats) -> tuple[float, int]:
    """How strongly a stretch splits, and where; (0, 0) where it stays whole."""
    if len(weeks) < 2 * _SHORTEST:
        return 0.0, 0
    gain = _gains(weeks)
    place = int(gain.argmax())
    strength, at = float(gain[place]), place + _SHORTEST
    if float(((weeks[:at].mean(axis=0) - weeks[at:].mean(axis=0)) ** 2).sum()) / 2 < _LEAST_CHANGE:
        return 0.0, 0
    chance = np.random.Generator(np.random.PCG64(len(weeks)))  # the same shuffles each time: an answer must not flicker
    if any(_gains(weeks[chance.permutation(len(weeks))]).max() >= strength for _ in range(_SHUFFLES - 1)):
        return 0.0, 0
    return strength, at


def _gains(weeks: Floats) -> Floats:
    """By place of a split, from _SHORTEST on: n₁·n₂/n · |mean₁ − mean₂|²."""
    size = len(weeks)
    summed = np.cumsum(weeks, axis=0)
    before = np.arange(_SHORTEST, size - _SHORTEST + 1)
    left = summed[before - 1] / before[:, None]
    right = (summed[-1] - summed[before - 1]) / (size - before)[:, None]
    gains: Floats = before * (size - before) / size * ((left - right) ** 2).sum(axis=1)
    return gains


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
    if not era:
        return 0.0
    low, place, high = splits[era - 1]
    return round(float(((weeks[low:place].mean(axis=0) - weeks[place:high].mean(axis=0)) ** 2).sum()) / 2, 3)
