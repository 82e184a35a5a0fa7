"""How does it go over time?"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec
import numpy as np

from audiospective.archive.plays import I8
from audiospective.errors import Invalid
from audiospective.insights.codes import codes
from audiospective.insights.listening import Listening
from audiospective.insights.zones import day_of, ordinal

_MOST = 20_000
#: A table of so many bytes, and so many for each play, is faster than sorting.
_MOST_CELLS, _CELLS_A_PLAY = 16_000_000, 16


class Interval(StrEnum):
    """How wide a step is; weeks start on Monday."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Bucket(msgspec.Struct, frozen=True, gc=False):
    """One step: its local start, plays, and how many different tracks and artists. A struct, since ten years have 3,650 days."""

    start: date | datetime
    plays: int
    unique_tracks: int
    unique_artists: int


def trends(listening: Listening, interval: Interval) -> tuple[Bucket, ...]:
    """Every step of the period in order, empty ones with 0 (contract §4 trends). Raises Invalid for more than 20,000 steps."""
    first, last = _edges(listening)
    if first is None or last is None:
        return ()
    low, high = _step(first, interval), _step(last, interval) + (23 if interval is Interval.HOUR else 0)
    if high - low >= _MOST:
        raise Invalid(
            f"{high - low + 1:,} steps are too many; ask for a wider interval than {interval} or a shorter range.", field="interval"
        )
    history, steps = listening.history, _steps(listening, interval) - low
    size = high - low + 1
    plays = np.bincount(steps, minlength=size)
    tracks = _different(steps, listening.track.astype(np.int64), size)
    artists = _different(steps, codes(history, history.artist_ids).of_track[listening.track].astype(np.int64), size)
    return tuple(map(Bucket, _starts(low, high, interval), plays.tolist(), tracks.tolist(), artists.tolist()))


def _edges(listening: Listening) -> tuple[date | None, date | None]:
    if listening.period.first_day is not None:
        return listening.period.first_day, listening.period.last_day
    if not len(listening):
        return None, None
    return day_of(listening.day.min()), day_of(listening.day.max())


def _steps(listening: Listening, interval: Interval) -> I8:
    day = listening.day.astype(np.int64)
    if interval is Interval.HOUR:
        return day * 24 + listening.hour
    if interval is Interval.DAY:
        return day
    if interval is Interval.WEEK:
        return (day + 3) // 7  # day 0 was a Thursday, so Monday is three days back
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _step(day: date, interval: Interval) -> int:
    number = ordinal(day)
    if interval is Interval.HOUR:
        return number * 24
    if interval is Interval.DAY:
        return number
    return (number + 3) // 7 if interval is Interval.WEEK else (day.year - 1970) * 12 + day.month - 1


def _starts(low: int, high: int, interval: Interval) -> list[date] | list[datetime]:
    steps = range(low, high + 1)
    if interval is Interval.HOUR:
        midnights = {day: datetime.combine(day_of(day), datetime.min.time()) for day in range(low // 24, high // 24 + 1)}
        return [midnights[step // 24] + timedelta(hours=step % 24) for step in steps]
    if interval is Interval.DAY:
        return list(map(day_of, steps))
    return [day_of(step * 7 - 3) if interval is Interval.WEEK else date(1970 + step // 12, step % 12 + 1, 1) for step in steps]


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
