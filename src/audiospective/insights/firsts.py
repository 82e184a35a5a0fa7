"""When was each of them heard for the first time, and when for the last?"""

from __future__ import annotations

from datetime import datetime

import msgspec
import numpy as np

from audiospective.archive.plays import I4
from audiospective.insights.listening import Listening
from audiospective.insights.stats import moment
from audiospective.insights.zones import ordinal


class First(msgspec.Struct, frozen=True):
    """A track, artist or album by its id here: its first and last play of all, and how many there were between."""

    id: int
    first_at: datetime
    last_at: datetime
    plays: int


class Firsts(msgspec.Struct, frozen=True):
    """`found` things were heard in the period for the first time of all; `newest` are the latest of them, latest first."""

    found: int
    newest: tuple[First, ...]


def firsts(listening: Listening, ids_by_track: I4, limit: int) -> Firsts:
    """First and last plays of what the period brought; `ids_by_track` gives each track's id of its kind, 0 for none.

    First and last are of the whole archive under the lens; ties go to the lower id.
    """
    ids, code = np.unique(ids_by_track, return_inverse=True)
    everything = listening.everything
    rows, of_play = np.arange(len(everything)), code.astype(np.int32)[everything.track]
    first, last = np.full(len(ids), len(rows)), np.full(len(ids), -1)
    first[of_play[::-1]] = rows[::-1]
    last[of_play] = rows
    wanted = np.flatnonzero((ids > 0) & (last >= 0))
    day, period = everything.day[first[wanted]], listening.period
    if period.first_day is not None and period.last_day is not None:
        wanted = wanted[(day >= ordinal(period.first_day)) & (day <= ordinal(period.last_day))]
    order = wanted[np.lexsort((ids[wanted], -first[wanted]))][:limit]
    ended_at = everything.ended_at
    plays = np.bincount(of_play, minlength=len(ids))
    newest = [First(int(ids[one]), moment(ended_at[first[one]]), moment(ended_at[last[one]]), int(plays[one])) for one in order]
    return Firsts(len(wanted), tuple(newest))
