"""Which kinds of music?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from audiospective.insights import top
from audiospective.insights.listening import Listening


class Genre(msgspec.Struct, frozen=True):
    """Plays whose artist makes this kind of music; `percentage` of all plays of the period."""

    name: str
    plays: int
    percentage: float


class Genres(msgspec.Struct, frozen=True):
    """Most played first, ties by name. A play counts for each genre of its first artist, so the shares may pass 100 together."""

    total_plays: int
    all: tuple[Genre, ...]


def genres(listening: Listening, told: Mapping[int, Sequence[str]]) -> Genres:
    """The genres of a period; `told` gives each artist's by its id here, artists of whom none are known are missing in it."""
    plays: Counter[str] = Counter()
    for artist, count in top.plays_of(listening, listening.history.artist_ids).items():
        for name in dict.fromkeys(told.get(artist, ())):
            plays[name] += count
    total = len(listening)
    order = sorted(plays, key=lambda name: (-plays[name], name))
    return Genres(total, tuple(Genre(name, plays[name], round(plays[name] / total * 100, 1)) for name in order))
