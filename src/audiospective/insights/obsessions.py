"""Which track ran on repeat, and in which week?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from audiospective.insights.listening import Listening
from audiospective.insights.zones import day_of

#: A week belongs to a track that was played so often, and was such a part of all its plays.
_LEAST_PLAYS, _LEAST_SHARE = 10, 0.15
#: 1 January 1970 was a Thursday; weeks begin on Monday.
_THURSDAY = 3


@dataclass(frozen=True, slots=True)
class Obsession:
    """A week (its Monday) that one track dominated: its plays of all plays."""

    monday: date
    track_id: int
    plays: int
    of: int


def obsessions(listening: Listening, limit: int = 8) -> tuple[Obsession, ...]:
    """Weeks with a track of ten plays or more that were 15 % of the week or more; the most plays first, then the earlier week."""
    if not len(listening):
        return ()
    week = (listening.day.astype(np.int64) + _THURSDAY) // 7
    size = len(listening.history.track_ids)
    pairs, plays = np.unique(week * size + listening.track, return_counts=True)
    weeks, tracks = pairs // size, pairs % size
    known, total = np.unique(week, return_counts=True)
    of = total[np.searchsorted(known, weeks)]
    kept = np.flatnonzero((plays >= _LEAST_PLAYS) & (plays >= of * _LEAST_SHARE))
    order = kept[np.lexsort((tracks[kept], weeks[kept], -plays[kept]))][:limit]
    ids = listening.history.track_ids
    return tuple(Obsession(day_of(int(weeks[one] * 7 - _THURSDAY)), int(ids[tracks[one]]), int(plays[one]), int(of[one])) for one in order)
