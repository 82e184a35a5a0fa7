"""What was loved and isn't heard any more?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec
import numpy as np

from audiospective.insights.listening import Listening
from audiospective.insights.stats import moment

#: Loved: played so often. Forgotten: not heard for so long.
_LEAST_PLAYS: Final = 10
SILENT: Final = timedelta(days=365)


class Forgotten(msgspec.Struct, frozen=True):
    """A track with its plays and its last one."""

    track_id: int
    plays: int
    last_at: datetime


def forgotten(listening: Listening, limit: int = 8) -> tuple[Forgotten, ...]:
    """Tracks of ten plays or more of which none lies within a year of now; most played first, ties by id."""
    size = len(listening.history.track_ids)
    plays = np.bincount(listening.track, minlength=size)
    last = np.zeros(size, np.int64)
    np.maximum.at(last, listening.track, listening.ended_at)
    before = int((listening.now - SILENT).timestamp() * 1_000_000)
    loved = np.flatnonzero((plays >= _LEAST_PLAYS) & (last < before))
    order = loved[np.lexsort((listening.history.track_ids[loved], -plays[loved]))][:limit]
    ids = listening.history.track_ids
    return tuple(Forgotten(int(ids[one]), int(plays[one]), moment(last[one])) for one in order)
