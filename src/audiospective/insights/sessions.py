"""When somebody sat down to listen, for how long, and what opened it."""

from __future__ import annotations

from datetime import datetime

import msgspec
import numpy as np
import numpy.typing as npt

from audiospective.archive.plays import I8
from audiospective.insights.listening import Listening
from audiospective.insights.neighbours import SESSION_US
from audiospective.insights.stats import moment

#: The local hour from which on it is evening.
_EVENING = 18


class Session(msgspec.Struct, frozen=True):
    """Plays of which each ends at most half an hour after the one before; from the first play's end to the last one's."""

    first_at: datetime
    last_at: datetime
    plays: int
    listened_ms: int


class Sessions(msgspec.Struct, frozen=True):
    """All sessions of a period. `by_hour` counts local hours of their first plays; `openers` are tracks by how often they came first."""

    count: int
    average_plays: float
    average_ms: int
    longest: Session | None
    by_hour: tuple[int, ...]
    openers: tuple[tuple[int, int], ...]
    evening_openers: tuple[tuple[int, int], ...]
    """The same of sessions that began from 18:00 to midnight."""


def sessions(listening: Listening, openers: int = 5) -> Sessions:
    """The sessions of a period; `longest` by time heard, ties to the earlier one."""
    if not len(listening):
        return Sessions(0, 0.0, 0, None, (0,) * 24, (), ())
    begins = np.flatnonzero(np.concatenate(([True], np.diff(listening.ended_at) > SESSION_US)))
    ends = np.concatenate((begins[1:], [len(listening)]))
    heard: I8 = np.add.reduceat(listening.ms.astype(np.int64), begins)
    best = int(heard.argmax())
    hours = listening.zone.hours(listening.ended_at[begins])
    return Sessions(
        count=len(begins),
        average_plays=round(len(listening) / len(begins), 1),
        average_ms=int(heard.mean()),
        longest=Session(
            moment(listening.ended_at[begins[best]]),
            moment(listening.ended_at[ends[best] - 1]),
            int(ends[best] - begins[best]),
            int(heard[best]),
        ),
        by_hour=tuple(np.bincount(hours, minlength=24).tolist()),
        openers=_openers(listening, begins, openers),
        evening_openers=_openers(listening, begins[hours >= _EVENING], openers),
    )


def _openers(listening: Listening, begins: npt.NDArray[np.intp], limit: int) -> tuple[tuple[int, int], ...]:
    tracks, times = np.unique(listening.history.track_ids[listening.track[begins]], return_counts=True)
    order = np.lexsort((tracks, -times))[:limit]
    return tuple((int(tracks[one]), int(times[one])) for one in order)
