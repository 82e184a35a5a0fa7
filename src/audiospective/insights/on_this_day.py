"""What was heard on this day, in the years before?"""

from __future__ import annotations

from datetime import date

import msgspec

from audiospective.insights import top
from audiospective.insights.listening import Listening
from audiospective.insights.period import of_days
from audiospective.insights.zones import day_of


class DayThen(msgspec.Struct, frozen=True):
    """A day of an earlier year: its plays, and the track that was played most (ties: first)."""

    day: date
    plays: int
    track_id: int
    track_plays: int


def on_this_day(listening: Listening, today: date) -> tuple[DayThen, ...]:
    """The same day of each earlier year that has plays, the latest year first; 29 February only in leap years."""
    if not len(listening):
        return ()
    found = []
    for year in range(today.year - 1, day_of(int(listening.day[0])).year - 1, -1):
        if (today.month, today.day) == (2, 29) and not _is_leap(year):
            continue
        day = today.replace(year=year)
        seen = listening.over(of_days(day, day))
        ranked = top.tracks(seen, 1)
        if ranked:
            found.append(DayThen(day, len(seen), ranked[0].id, ranked[0].plays))
    return tuple(found)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
