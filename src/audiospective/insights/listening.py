"""A history seen through a lens and a period, in a zone: what every question takes, and nothing else of the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from audiospective.archive.plays import I4, I8, Bools, Bytes, History, Source
from audiospective.insights.lens import Lens, counted, outside_hours, podcasts
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone, ordinal

Rows = slice | npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """All plays that count under one lens, in one zone, oldest first: four bytes each, since the rest is in the history.

    `row` int32 index into the history · `first_row` int32 by track index (tracks of one recording have one): its first play here,
    `len(row)` for a track without one · `edges` int32: where each local day begins in `row`, from `first_day` on, and the end.
    """

    row: I4
    first_row: I4
    first_day: int
    edges: I4
    days: I4 | None
    """Local days since 1970 of each play where a zone put its clocks back over midnight, so that a day began twice; else None."""
    podcast_plays: int

    def __len__(self) -> int:
        return len(self.row)

    def day_of(self, rows: npt.NDArray[np.integer]) -> I4:
        """Local days since 1970 of some of the plays, by their place here."""
        days: I4
        if self.days is not None:
            days = self.days[rows]
            return days
        days = (np.searchsorted(self.edges, rows, side="right") - 1 + self.first_day).astype(np.int32)
        return days

    def begin_of(self, day: int) -> int:
        """How many plays lie before a local day; only where days ascend."""
        return int(self.edges[min(max(day - self.first_day, 0), len(self.edges) - 1)])


#: Derived columns live as long as the history that they come from; a changed archive is another history.
_MOST_SEEN = 2
#: Sorting so many times fewer plays than there are tracks is faster than counting by track.
_FEW = 16
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
        fewer.rows = np.arange(len(self.heard))[self.rows][kept]
        return fewer

    @property
    def key(self) -> tuple[int, int, str, Lens, str]:
        """Equal for equal answers; what is held by an ETag."""
        return (self.history.user, self.history.version, f"{self.period.first_day}{self.period.last_day}", self.lens, self.zone.name)

    @cached_property
    def everything(self) -> Listening:
        """The same without a period."""
        return self if self.period.first_day is None and isinstance(self.rows, slice) else self.over(Period("all", None, None))

    @cached_property
    def row(self) -> I4:
        """Index into the history of each play in the period."""
        return self.heard.row[self.rows]

    @cached_property
    def ended_at(self) -> I8:
        """µs UTC of each play in the period, ascending."""
        return self.history.ended_at[self.row]

    @cached_property
    def track(self) -> I4:
        """Index into the track table of each play in the period; tracks of one recording have one index."""
        return self.history.recorded(self._said)

    @cached_property
    def ms(self) -> I4:
        """ms heard of each play in the period, the track's length where the source doesn't tell."""
        told = self.history.ms_played[self.row]
        return np.where(told < 0, self.history.duration_ms[self._said], told)

    @cached_property
    def day(self) -> I4:
        """Local days since 1970 of each play in the period."""
        heard = self.heard
        if heard.days is not None:
            return heard.days[self.rows]
        if not isinstance(self.rows, slice):
            return heard.day_of(self.rows)
        first, last = self.rows.start, self.rows.stop
        low, high = np.searchsorted(heard.edges, (first, last), side="left").tolist()
        edges = np.concatenate(([first], heard.edges[low:high], [last])).clip(first, last)
        days = np.arange(low - 1, high, dtype=np.int32) + np.int32(heard.first_day)
        return np.repeat(days, np.diff(edges))

    @cached_property
    def hour(self) -> I4:
        """Local hour of each play in the period."""
        return self.zone.hours(self.ended_at)

    @cached_property
    def tracks(self) -> npt.NDArray[np.integer]:
        """Different track indexes of the period, ascending; a few plays are sorted, many are counted."""
        if len(self) * _FEW < len(self.history.track_ids):
            return np.unique(self.track)
        return np.flatnonzero(self.plays_of_track)

    @cached_property
    def plays_of_track(self) -> I8:
        """By track index, how many plays of it lie in the period."""
        return np.bincount(self.track, minlength=len(self.history.track_ids)).astype(np.int64)

    @cached_property
    def ms_of_track(self) -> I8:
        """By track index, how many ms of it were heard in the period."""
        return np.bincount(self.track, weights=self.ms, minlength=len(self.history.track_ids)).astype(np.int64)

    @cached_property
    def first_of_track(self) -> I4:
        """By track index, the place in the period of its first play; as many as there are plays for a track without one."""
        first = np.full(len(self.history.track_ids), len(self), np.int32)
        first[self.track[::-1]] = np.arange(len(self), dtype=np.int32)[::-1]
        return first

    @property
    def _said(self) -> I4:
        return self.history.track[self.row]

    @cached_property
    def source(self) -> Bytes:
        """Source of each play in the period."""
        return self.history.source[self.row]

    def __len__(self) -> int:
        return len(self.row)

    def _rows(self, period: Period) -> Rows:
        if period.first_day is None or period.last_day is None:
            return slice(0, len(self.heard))
        first, last = ordinal(period.first_day), ordinal(period.last_day)
        if self.heard.days is None:
            return slice(self.heard.begin_of(first), self.heard.begin_of(last + 1))
        return np.flatnonzero((self.heard.days >= first) & (self.heard.days <= last))


def see(history: History, zone: Zone, period: Period, lens: Lens, now: datetime) -> Listening:
    """A history through a lens and a period."""
    return Listening(history, zone, period, lens, now)


def _heard(history: History, zone: Zone, lens: Lens) -> Heard:
    kept = _derived.setdefault(history, {})
    if (zone, lens) not in kept:
        if len(kept) >= _MOST_SEEN:
            kept.clear()
        kept[zone, lens] = _derive(history, zone, lens)
    return kept[zone, lens]


def _derive(history: History, zone: Zone, lens: Lens) -> Heard:
    rows = np.flatnonzero(counted(history, lens))
    if lens.hours:
        rows = rows[outside_hours(zone.hours(history.ended_at[rows]), lens)]
    track = history.recorded(history.track[rows])
    first = np.full(len(history.track_ids), len(rows), np.int32)
    first[track[::-1]] = np.arange(len(rows), dtype=np.int32)[::-1]
    day = zone.days(history.ended_at[rows])
    ascend = bool((day[1:] >= day[:-1]).all())
    low = int(day.min()) if len(day) else 0
    counts = np.bincount(day - low) if len(day) else np.zeros(0, np.int64)
    return Heard(
        row=rows.astype(np.int32),
        first_row=first,
        first_day=low,
        edges=np.concatenate(([0], np.cumsum(counts))).astype(np.int32),
        days=None if ascend else day,
        podcast_plays=int(podcasts(history, lens).sum()),
    )
