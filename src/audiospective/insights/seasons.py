"""Which artist belongs to which time of the year?"""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from audiospective.archive.plays import I4, I8
from audiospective.insights.listening import Listening
from audiospective.insights.zones import months

#: An artist belongs to a season only with so many plays in it.
_LEAST = 10


class Season(msgspec.Struct, frozen=True):
    """A quarter of every year, named by its months since hemispheres disagree about the words: 0 is December to February, 3 September
    to November. `artist_id` is who was played most beyond what the whole year would make one expect, None where nobody was.
    """

    quarter: int
    plays: int
    artist_id: int | None
    artist_plays: int
    artist_share: float
    """Of all plays of this artist, in per cent, those in this season."""


def seasons(listening: Listening) -> tuple[Season, ...]:
    """The four seasons of a period, all years together (meteorological: whole months).

    Who belongs to a season: the artist with the largest surplus `plays here − plays × (plays of the season ÷ all plays)`, of those
    with ten plays here and a surplus; ties to the lower id.
    """
    if not len(listening):
        return ()
    quarter = (months(listening.day) % 12 + 1) % 12 // 3
    ids, code = np.unique(listening.history.artist_ids, return_inverse=True)
    counts: I8 = np.bincount(quarter * len(ids) + code[listening.track], minlength=4 * len(ids)).reshape(4, len(ids))
    totals, of_season = counts.sum(axis=0), counts.sum(axis=1)
    surplus = counts - totals[None, :] * (of_season / len(listening))[:, None]
    surplus[(counts < _LEAST) | (ids <= 0)[None, :]] = 0
    return tuple(_season(place, of_season, counts, surplus, ids) for place in range(4))


def _season(place: int, of_season: I8, counts: I8, surplus: npt.NDArray[np.float64], ids: I4) -> Season:
    best = int(surplus[place].argmax())
    if surplus[place][best] <= 1e-9:
        return Season(place, int(of_season[place]), None, 0, 0.0)
    here, everywhere = int(counts[place][best]), int(counts[:, best].sum())
    return Season(place, int(of_season[place]), int(ids[best]), here, round(here / everywhere * 100, 1))
