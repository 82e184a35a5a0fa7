"""How did taste move? The shares of the largest, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
import numpy as np

from audiospective.archive.plays import I8
from audiospective.insights.listening import Listening
from audiospective.insights.zones import month_start, months

#: Up to so many months are told by month, more of them by quarter.
_BY_MONTH, _QUARTER = 18, 3
REST = -1


class Stream(msgspec.Struct, frozen=True):
    """Plays of one artist (by `id`) or genre (by `name`), a number for each step; the stream of all others has `id` REST."""

    id: int
    name: str
    plays: tuple[int, ...]


class Taste(msgspec.Struct, frozen=True):
    """`steps` are the first days of months or quarters, none left out. Streams in the order in which they had their middle play, so that
    early ones stand first; the rest is last. `by_genre` says what they are of.
    """

    steps: tuple[date, ...]
    streams: tuple[Stream, ...]
    by_genre: bool


def taste(listening: Listening, told: Mapping[int, Sequence[str]], largest: int = 6) -> Taste:
    """The largest genres of a period over time, or its largest artists while genres are known of less than half of its plays.

    A play counts for the first genre told of its first artist (`told`, by artist id). All plays add up to the period's.
    """
    if not len(listening):
        return Taste((), (), False)
    month = months(listening.day)
    low, span = int(month.min()), int(month.max() - month.min()) + 1
    width = 1 if span <= _BY_MONTH else _QUARTER
    low -= low % width
    step = (month - low) // width
    starts = tuple(month_start(low + place * width) for place in range(int(step.max()) + 1))
    found = _labels(listening, told)
    size = len(found.ids)
    counts: I8 = np.bincount(found.code[listening.track] * len(starts) + step, minlength=size * len(starts)).reshape(size, -1)
    totals = counts.sum(axis=1)
    best = [one for one in np.lexsort((np.arange(size), -totals)).tolist() if found.is_known[one] and totals[one]][:largest]
    best.sort(key=lambda one: (int(np.searchsorted(np.cumsum(counts[one]), totals[one] / 2)), -int(totals[one])))
    shown = [Stream(found.ids[one], found.names[one], tuple(counts[one].tolist())) for one in best]
    rest = counts.sum(axis=0) - counts[best].sum(axis=0)
    return Taste(starts, (*shown, Stream(REST, "", tuple(rest.tolist()))) if rest.any() else tuple(shown), found.by_genre)


class _Labels(msgspec.Struct, frozen=True):
    """What each code stands for, and each track's code."""

    by_genre: bool
    ids: list[int]
    names: list[str]
    is_known: list[bool]
    code: I8


def _labels(listening: Listening, told: Mapping[int, Sequence[str]]) -> _Labels:
    ids, code = np.unique(listening.history.artist_ids, return_inverse=True)
    first = [next(iter(told.get(one, ())), "") for one in ids.tolist()]
    plays = np.bincount(code[listening.track], minlength=len(ids))
    if plays[np.array([bool(one) for one in first])].sum() * 2 < len(listening):
        return _Labels(False, ids.tolist(), [""] * len(ids), (ids > 0).tolist(), code.astype(np.int64))
    names = sorted(set(first))
    place = {name: at for at, name in enumerate(names)}
    of_artist = np.array([place[one] for one in first], np.int64)
    return _Labels(True, [0] * len(names), names, [bool(name) for name in names], of_artist[code])
