"""From which decades is the music?"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np

from audiospective.insights.listening import Listening


class Decades(msgspec.Struct, frozen=True):
    """Plays by decade of release (`(1990, 41)`), oldest first, none in between left out; `known` of `plays` have a year at all.

    `median` is the year by which half of the known plays were released; None where no year is known.
    """

    plays: int
    known: int
    decades: tuple[tuple[int, int], ...]
    median: int | None

    @property
    def known_percent(self) -> float:
        """What share of the plays is spoken of; 0 without any."""
        return round(self.known / self.plays * 100, 1) if self.plays else 0.0


def decades(listening: Listening, released: Mapping[int, int]) -> Decades:
    """Plays by the year in which their album came out; `released` gives it by album id, as Spotify told it (a remaster has its own)."""
    albums = listening.history.album_ids
    year_of = np.array([released.get(one, 0) for one in albums.tolist()], np.int64)
    years = np.bincount(year_of[listening.track], minlength=1) if len(listening) else np.zeros(1, np.int64)
    known = int(years[1:].sum())
    if not known:
        return Decades(len(listening), 0, (), None)
    heard = np.flatnonzero(years[1:]) + 1
    span = range(int(heard[0]) // 10 * 10, int(heard[-1]) + 1, 10)
    median = int(np.searchsorted(np.cumsum(years[1:]), (known + 1) // 2)) + 1
    return Decades(len(listening), known, tuple((one, int(years[one : one + 10].sum())) for one in span), median)
