"""How many days in a row?"""

from __future__ import annotations

from datetime import date

import msgspec
import numpy as np

from audiospective.archive.plays import I8
from audiospective.insights.listening import Listening
from audiospective.insights.zones import day_of, ordinal


class Streak(msgspec.Struct, frozen=True):
    """Days in a row with a play; dates None for none."""

    days: int
    start: date | None
    end: date | None


class Streaks(msgspec.Struct, frozen=True):
    """The run that goes on, the longest, and how many days had a play out of all since the first."""

    current: Streak
    longest: Streak
    active_days: int
    days_since_first: int


def streaks(listening: Listening) -> Streaks:
    """Runs of local days with plays over the whole period; `current` may end yesterday, since today isn't over (contract §4 streaks)."""
    days = np.unique(listening.day).astype(np.int64)
    none = Streak(0, None, None)
    if not len(days):
        return Streaks(none, none, 0, 0)
    today = ordinal(listening.zone.today(listening.now))
    runs = _runs(days)
    best = max(runs, key=lambda run: (run[1] - run[0], -run[0]))
    last = runs[-1]
    return Streaks(_streak(*last) if last[1] >= today - 1 else none, _streak(*best), len(days), max(today - int(days[0]) + 1, 1))


def longest(listening: Listening, limit: int) -> tuple[Streak, ...]:
    """The longest runs of the period, the longest first, ties to the earlier one."""
    days = np.unique(listening.day).astype(np.int64)
    runs = sorted(_runs(days), key=lambda run: (run[0] - run[1], run[0])) if len(days) else []
    return tuple(_streak(*run) for run in runs[:limit])


def _runs(days: I8) -> list[tuple[int, int]]:
    """First and last day of each run of at least one day."""
    ends = np.flatnonzero(np.append(np.diff(days) > 1, True))
    starts = np.concatenate(([0], ends[:-1] + 1))
    return [(int(days[a]), int(days[b])) for a, b in zip(starts, ends, strict=True)]


def _streak(first: int, last: int) -> Streak:
    return Streak(last - first + 1, day_of(first), day_of(last))
