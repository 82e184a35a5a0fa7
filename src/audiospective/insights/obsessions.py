"""Which track ran on repeat, and in which week?"""

from __future__ import annotations

from datetime import date

import msgspec
import numpy as np

from audiospective.archive.plays import I8
from audiospective.insights.listening import Listening
from audiospective.insights.zones import day_of

#: A week belongs to a track that was played so often, and was such a part of all its plays.
_LEAST_PLAYS, _LEAST_SHARE = 10, 0.15
#: 1 January 1970 was a Thursday; weeks begin on Monday.
_THURSDAY = 3


class Obsession(msgspec.Struct, frozen=True):
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
    pairs, plays = _counted(week * size + listening.track)
    weeks, tracks = pairs // size, pairs % size
    low = int(week.min())
    of = np.bincount(week - low)[weeks - low]
    kept = np.flatnonzero((plays >= _LEAST_PLAYS) & (plays >= of * _LEAST_SHARE))
    order = kept[np.lexsort((tracks[kept], weeks[kept], -plays[kept]))][:limit]
    ids = listening.history.track_ids
    return tuple(Obsession(day_of(int(weeks[one] * 7 - _THURSDAY)), int(ids[tracks[one]]), int(plays[one]), int(of[one])) for one in order)


def _counted(pairs: I8) -> tuple[I8, I8]:
    """Each number that is there, ascending, with how often."""
    ordered = np.sort(pairs)
    begins = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return ordered[begins], np.diff(begins, append=len(ordered))
