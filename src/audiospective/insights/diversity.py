"""How varied is it? By Shannon's entropy and by concentration."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np

from audiospective.insights import top
from audiospective.insights.genres import Genres
from audiospective.insights.listening import Listening


class Diversity(msgspec.Struct, frozen=True):
    """How plays spread over `different` things.

    `score` 0 to 100: Shannon's entropy H = −Σ p·ln p in per cent of ln(different), the most that so many things can have; 0 with fewer
    than two. `concentration` 0 to 1: Herfindahl's Σ p²; 1 is one thing only.
    """

    score: float
    different: int
    plays: int
    concentration: float


def artists(listening: Listening) -> Diversity:
    """How plays spread over artists; a play counts for the track's first artist, those of nameless ones are left out."""
    return spread(top.plays_of(listening, listening.history.artist_ids).values())


def of_genres(found: Genres) -> Diversity:
    """How plays spread over genres."""
    return spread(genre.plays for genre in found.all)


class Favourites(msgspec.Struct, frozen=True):
    """How much of the plays the most played artists hold. `curve` are 21 points of Lorenz's curve: the share of plays, in per cent, that
    the least played 0, 5 … 100 % of artists have together. `half` is how few artists have half of the plays; `top_ten` is in per cent.
    """

    artists: int
    half: int
    top_ten: float
    curve: tuple[float, ...]


def favourites(listening: Listening) -> Favourites:
    """A few favourites, or many? A play counts for the track's first artist; nameless ones are left out."""
    plays = np.sort(np.array(list(top.plays_of(listening, listening.history.artist_ids).values()), np.int64))
    if not len(plays):
        return Favourites(0, 0, 0.0, ())
    summed = np.concatenate(([0], np.cumsum(plays))) / plays.sum()
    curve = np.interp(np.linspace(0, len(plays), 21), np.arange(len(plays) + 1), summed) * 100
    from_top = np.cumsum(plays[::-1])
    half = int(np.searchsorted(from_top * 2, plays.sum())) + 1
    return Favourites(len(plays), half, round(float(plays[-10:].sum() / plays.sum()) * 100, 1), tuple(np.round(curve, 1).tolist()))


def spread(counts: Iterable[int]) -> Diversity:
    """The measures of any counts, each above 0."""
    plays = np.array(list(counts), np.float64)
    total = float(plays.sum())
    if not total:
        return Diversity(0.0, 0, 0, 0.0)
    share = plays / total
    entropy = float(-(share * np.log(share)).sum())
    score = round(entropy / float(np.log(len(plays))) * 100, 1) if len(plays) > 1 else 0.0
    return Diversity(score, len(plays), int(total), round(float((share**2).sum()), 4))
