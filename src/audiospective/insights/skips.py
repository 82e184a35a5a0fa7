"""How much was skipped, where the source tells?"""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from audiospective.archive.plays import Bools, Flag, Kind
from audiospective.insights.listening import Listening
from audiospective.insights.zones import ordinal


class Skips(msgspec.Struct, frozen=True):
    """Tracks begun in the period of which the source told; `skipped` ended before thirty seconds or were said to be skipped."""

    told: int
    skipped: int

    @property
    def rate(self) -> float:
        """Skipped in per cent of told; 0 without any."""
        return round(self.skipped / self.told * 100, 1) if self.told else 0.0


_SHORT_MS = 30_000


class ArtistSkips(msgspec.Struct, frozen=True):
    """An artist's tracks begun and skipped. `completion` is the mean share of a track's length that was heard, in per cent, a track heard
    beyond its end counting as whole; None where no length is known.
    """

    artist_id: int
    told: int
    skipped: int
    completion: float | None

    @property
    def rate(self) -> float:
        """Skipped in per cent of told."""
        return round(self.skipped / self.told * 100, 1)


def skips(listening: Listening) -> Skips:
    """Over every row of the period, also those that don't count as plays: a skip is what the lens leaves out."""
    rows, skipped = _begun(listening)
    return Skips(len(rows), int(skipped.sum()))


def by_artist(listening: Listening, *, least: int = 20) -> tuple[ArtistSkips, ...]:
    """The same by the track's first artist, of those with `least` tracks begun or more: most skipped first, then more begun, then by id."""
    history = listening.history
    rows, skipped = _begun(listening)
    ids, code = np.unique(history.artist_ids, return_inverse=True)
    artist, length = code[history.track[rows]], history.duration_ms[history.track[rows]]
    part = np.minimum(history.ms_played[rows] / np.maximum(length, 1), 1.0) * (length > 0)
    told, gone, known, heard = (
        np.bincount(artist, weights=column, minlength=len(ids)) for column in (np.ones(len(rows)), skipped, length > 0, part)
    )
    found = [
        ArtistSkips(int(ids[one]), int(told[one]), int(gone[one]), round(float(heard[one] / known[one]) * 100, 1) if known[one] else None)
        for one in np.flatnonzero((told >= least) & (ids > 0))
    ]
    return tuple(sorted(found, key=lambda one: (-one.skipped / one.told, -one.told, one.artist_id)))


def _begun(listening: Listening) -> tuple[npt.NDArray[np.intp], Bools]:
    """Rows of the history that are tracks of the period whose length heard is told, and which of them were skipped."""
    history, period = listening.history, listening.period
    rows = np.flatnonzero(((history.flags & Flag.KIND) == Kind.TRACK) & (history.ms_played >= 0))
    if period.first_day is not None and period.last_day is not None:
        day = listening.zone.days(history.ended_at[rows])
        rows = rows[(day >= ordinal(period.first_day)) & (day <= ordinal(period.last_day))]
    return rows, ((history.flags[rows] & Flag.SKIPPED) != 0) | (history.ms_played[rows] < _SHORT_MS)
