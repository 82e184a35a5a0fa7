"""Which place had it, year by year?"""

from __future__ import annotations

from datetime import date

import msgspec

from audiospective.archive.plays import I4
from audiospective.insights import top
from audiospective.insights.listening import Listening
from audiospective.insights.period import of_days
from audiospective.insights.zones import day_of


class YearRank(msgspec.Struct, frozen=True):
    """A year's plays of something, and its place among all of its kind by plays (equal plays share a place); `rank` None without plays."""

    year: int
    plays: int
    rank: int | None


def yearly(listening: Listening, ids_by_track: I4, wanted: int) -> tuple[YearRank, ...]:
    """Every year of the listening, oldest first; `ids_by_track` gives each track's id of the kind that `wanted` is of, 0 for none."""
    if not len(listening):
        return ()
    first, last = day_of(int(listening.day[0])).year, day_of(int(listening.day[-1])).year
    found = []
    for year in range(first, last + 1):
        plays = top.plays_of(listening.over(of_days(date(year, 1, 1), date(year, 12, 31))), ids_by_track)
        own = plays.get(wanted, 0)
        found.append(YearRank(year, own, 1 + sum(count > own for count in plays.values()) if own else None))
    return tuple(found)
