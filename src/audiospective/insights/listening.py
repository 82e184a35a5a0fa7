"""A history seen through a lens and a period, in a zone: what every question takes, and nothing else of the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from audiospective.archive.plays import I2, I4, I8, Bools, History, Source
from audiospective.insights.lens import Lens, counted, outside_hours, podcasts
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone, ordinal

Rows = slice | npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """All plays that count under one lens, in one zone; columns of equal length, oldest first.

    `ended_at` int64 µs UTC · `track` int32 index into the history's track table, where tracks of one recording have one index · `ms` int32
    heard, the track's length where the source doesn't tell · `day` int32 local days since 1970 · `row` index into the history.
    """

    ended_at: I8
    track: I4
    ms: I4
    day: I4
    row: npt.NDArray[np.intp]
    first_row: npt.NDArray[np.intp]
    """By track index: its first play here; `len(track)` for a track without one."""
    days_ascend: bool
    """False where a zone put its clocks back over midnight, so that a day began twice."""
    podcast_plays: int


#: Derived columns live as long as the history that they come from; a changed archive is another history.
_derived: WeakKeyDictionary[History, dict[tuple[Zone, Lens], Heard]] = WeakKeyDictionary()


class Listening:
    """One question's material: the plays of a period, and all others to compare them with."""

    def __init__(self, history: History, zone: Zone, period: Period, lens: Lens, now: datetime) -> None:
        self.history = history
        self.zone = zone
        self.period = period
        self.lens = lens
        self.now = now
        self.heard = _heard(history, zone, lens)
        self.rows = self._rows(period)

    def over(self, period: Period) -> Listening:
        """The same listening in another period."""
        return Listening(self.history, self.zone, period, self.lens, self.now)

    def only(self, tracks: Bools, source: Source | None = None) -> Listening:
        """The plays of these tracks alone (`tracks[index]` True), and of one source if it is given; every question can be asked of them."""
        kept = tracks[self.track]
        if source is not None:
            kept = kept & (self.source == source)
        fewer = Listening(self.history, self.zone, self.period, self.lens, self.now)
        fewer.rows = np.arange(len(self.heard.day))[self.rows][kept]
        return fewer

    @property
    def key(self) -> tuple[int, int, str, Lens, str]:
        """Equal for equal answers; what is held by an ETag."""
        return (self.history.user, self.history.version, f"{self.period.first_day}{self.period.last_day}", self.lens, self.zone.name)

    @cached_property
    def ended_at(self) -> I8:
        """µs UTC of each play in the period, ascending."""
        return self.heard.ended_at[self.rows]

    @cached_property
    def track(self) -> I4:
        """Index into the track table of each play in the period."""
        return self.heard.track[self.rows]

    @cached_property
    def ms(self) -> I4:
        """ms heard of each play in the period."""
        return self.heard.ms[self.rows]

    @cached_property
    def day(self) -> I4:
        """Local days since 1970 of each play in the period."""
        return self.heard.day[self.rows]

    @cached_property
    def hour(self) -> I4:
        """Local hour of each play in the period."""
        return self.zone.hours(self.ended_at)

    @cached_property
    def row(self) -> npt.NDArray[np.intp]:
        """Index into the history of each play in the period."""
        return self.heard.row[self.rows]

    @cached_property
    def source(self) -> I2:
        """Source of each play in the period."""
        return self.history.source[self.row]

    def __len__(self) -> int:
        return len(self.ended_at)

    def _rows(self, period: Period) -> Rows:
        if period.first_day is None or period.last_day is None:
            return slice(0, len(self.heard.day))
        day = self.heard.day
        first, last = np.int32(ordinal(period.first_day)), np.int32(ordinal(period.last_day))  # of the column's type: nothing is copied
        if self.heard.days_ascend:
            return slice(int(np.searchsorted(day, first)), int(np.searchsorted(day, last, side="right")))
        return np.flatnonzero((day >= first) & (day <= last))


def see(history: History, zone: Zone, period: Period, lens: Lens, now: datetime) -> Listening:
    """A history through a lens and a period."""
    return Listening(history, zone, period, lens, now)


def _heard(history: History, zone: Zone, lens: Lens) -> Heard:
    kept = _derived.setdefault(history, {})
    if (zone, lens) not in kept:
        kept[zone, lens] = _derive(history, zone, lens)
    return kept[zone, lens]


def _derive(history: History, zone: Zone, lens: Lens) -> Heard:
    rows = np.flatnonzero(counted(history, lens))
    if lens.hours:
        rows = rows[outside_hours(zone.hours(history.ended_at[rows]), lens)]
    said, ended_at = history.track[rows], history.ended_at[rows]
    track = history.recording[said]
    told = history.ms_played[rows]
    first = np.full(len(history.track_ids), len(rows), np.intp)
    first[track[::-1]] = np.arange(len(rows))[::-1]
    day = zone.days(ended_at)
    return Heard(
        ended_at=ended_at,
        track=track,
        ms=np.where(told < 0, history.duration_ms[said], told).astype(np.int32),
        day=day,
        row=rows,
        first_row=first,
        days_ascend=bool((day[1:] >= day[:-1]).all()),
        podcast_plays=int(podcasts(history, lens).sum()),
    )
