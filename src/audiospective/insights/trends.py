"""How does it go over time?"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec
import numpy as np

from audiospective.archive.plays import I4, I8
from audiospective.errors import Invalid
from audiospective.insights.codes import codes
from audiospective.insights.listening import Listening
from audiospective.insights.zones import day_of, ordinal

_MOST = 20_000
#: A table of so many bytes, and so many for each play, is faster than sorting.
_MOST_CELLS, _CELLS_A_PLAY = 16_000_000, 16


class Interval(StrEnum):
    """How wide a step is."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Bucket(msgspec.Struct, frozen=True, gc=False):
    """One step: its local start, plays, and how many different tracks and named artists. A struct, since ten years have 3,650 days."""

    start: date | datetime
    plays: int
    unique_tracks: int
    unique_artists: int


class Newness(msgspec.Struct, frozen=True):
    """One step: its first local day, different tracks, and how many of them were played for the first time of all in it."""

    start: date
    tracks: int
    new: int


def trends(listening: Listening, interval: Interval, week_starts: int = 0) -> tuple[Bucket, ...]:
    """Every step of the period in order, empty ones with 0 (contract §4 trends). Raises Invalid for more than 20,000 steps.

    Weeks start on Monday (`week_starts` 0) unless the listener's locale says otherwise; Sunday is 6.
    """
    first, last = _edges(listening)
    if first is None or last is None:
        return ()
    count = _Steps(interval, week_starts)
    low, high = count.of_day(first), count.of_day(last) + (23 if interval is Interval.HOUR else 0)
    if high - low >= _MOST:
        raise Invalid(
            f"{high - low + 1:,} steps are too many; ask for a wider interval than {interval} or a shorter range.", field="interval"
        )
    history, steps, size = listening.history, count.of_plays(listening) - low, high - low + 1
    plays = np.bincount(steps, minlength=size)
    tracks = _different(steps, listening.track.astype(np.int64), size)
    artists = codes(history, history.artist_ids)
    of_play = artists.of_track[listening.track].astype(np.int64)
    named = artists.ids[of_play] > 0
    different_artists = _different(steps[named], of_play[named], size)
    return tuple(map(Bucket, count.starts(low, high), plays.tolist(), tracks.tolist(), different_artists.tolist()))


def newness(listening: Listening, interval: Interval, week_starts: int = 0) -> tuple[Newness, ...]:
    """What `discovery` says of every day, week or month of the period, in order and at once; at the edges, of what lies within."""
    first, last = _edges(listening)
    if first is None or last is None:
        return ()
    count = _Steps(interval, week_starts)
    low, size = count.of_day(first), count.of_day(last) - count.of_day(first) + 1
    tracks = _different(count.of_plays(listening) - low, listening.track.astype(np.int64), size)
    begun = listening.heard.day_of(listening.heard.first_row[listening.tracks])
    within = (begun >= ordinal(first)) & (begun <= ordinal(last))  # a clock put back over midnight can show a later day earlier
    new = np.bincount(count.of_days(begun[within]) - low, minlength=size)
    rows = zip(tracks.tolist(), new.tolist(), strict=True)
    return tuple(Newness(count.start_day(low + place), *row) for place, row in enumerate(rows))


class _Steps(msgspec.Struct, frozen=True):
    """Numbers the steps of an interval, whatever the time before 1970; a week begins with `week_starts`, Monday is 0."""

    interval: Interval
    week_starts: int

    @property
    def _back(self) -> int:
        """Day 0 was a Thursday: its week began so many days earlier."""
        return (3 - self.week_starts) % 7

    def of_plays(self, listening: Listening) -> I8:
        """The step of each play in the period."""
        if self.interval is Interval.HOUR:
            return listening.day.astype(np.int64) * 24 + listening.hour
        return self.of_days(listening.day)

    def of_days(self, days: I4) -> I8:
        """The step of each local day since 1970."""
        day = days.astype(np.int64)
        if self.interval is Interval.DAY:
            return day
        if self.interval is Interval.WEEK:
            return (day + self._back) // 7
        return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)

    def of_day(self, day: date) -> int:
        """The step of one day; the first of its hours."""
        number = ordinal(day)
        if self.interval is Interval.HOUR:
            return number * 24
        if self.interval is Interval.DAY:
            return number
        return (number + self._back) // 7 if self.interval is Interval.WEEK else (day.year - 1970) * 12 + day.month - 1

    def starts(self, low: int, high: int) -> list[date] | list[datetime]:
        """When each step of these begins, on the listener's clock."""
        steps = range(low, high + 1)
        if self.interval is Interval.HOUR:
            midnights = {day: datetime.combine(day_of(day), datetime.min.time()) for day in range(low // 24, high // 24 + 1)}
            return [midnights[step // 24] + timedelta(hours=step % 24) for step in steps]
        return list(map(self.start_day, steps))

    def start_day(self, step: int) -> date:
        """The first day of a step of a day or more."""
        if self.interval is Interval.DAY:
            return day_of(step)
        return day_of(step * 7 - self._back) if self.interval is Interval.WEEK else date(1970 + step // 12, step % 12 + 1, 1)


def _edges(listening: Listening) -> tuple[date | None, date | None]:
    if listening.period.first_day is not None:
        return listening.period.first_day, listening.period.last_day
    if not len(listening):
        return None, None
    return day_of(listening.day.min()), day_of(listening.day.max())


def _different(steps: I8, things: I8, size: int) -> I8:
    """How many different things each step has; `things` are small numbers."""
    if not len(things):
        return np.zeros(size, np.int64)
    kinds = int(things.max()) + 1
    if size * kinds <= min(_MOST_CELLS, _CELLS_A_PLAY * len(things)):
        seen = np.zeros(size * kinds, np.bool_)
        seen[steps * kinds + things] = True
        different: I8 = seen.reshape(size, kinds).sum(axis=1, dtype=np.int64)
        return different
    pairs = steps * kinds + things
    if size * kinds < 1 << 32:
        pairs = pairs.astype(np.uint32)  # sorted in half the time
    pairs.sort()
    first = np.concatenate(([True], pairs[1:] != pairs[:-1]))
    return np.bincount(pairs[first] // kinds, minlength=size).astype(np.int64)
