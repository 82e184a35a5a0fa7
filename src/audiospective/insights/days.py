"""Which days of which years had music?"""

from __future__ import annotations

from datetime import date

import msgspec
import numpy as np

from audiospective.insights.listening import Listening
from audiospective.insights.zones import day_of, ordinal


class YearOfDays(msgspec.Struct, frozen=True):
    """A calendar year; `plays` has a number for each of its 365 or 366 local days, 1 January first."""

    year: int
    plays: tuple[int, ...]

    @property
    def active(self) -> int:
        """Days with a play."""
        return sum(map(bool, self.plays))


def days(listening: Listening) -> tuple[YearOfDays, ...]:
    """Plays by local day of every year from the first play in the period to the last, oldest year first; days outside have 0."""
    if not len(listening):
        return ()
    found = []
    for year in range(day_of(listening.day.min()).year, day_of(listening.day.max()).year + 1):
        first, last = ordinal(date(year, 1, 1)), ordinal(date(year, 12, 31))
        day = listening.day[(listening.day >= first) & (listening.day <= last)]
        found.append(YearOfDays(year, tuple(np.bincount(day - first, minlength=last - first + 1).tolist())))
    return tuple(found)
