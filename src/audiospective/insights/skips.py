"""How much was skipped, where the source tells?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audiospective.archive.plays import Flag, Kind
from audiospective.insights.listening import Listening
from audiospective.insights.zones import ordinal


@dataclass(frozen=True, slots=True)
class Skips:
    """Tracks begun in the period of which the source told; `skipped` ended before thirty seconds or were said to be skipped."""

    told: int
    skipped: int

    @property
    def rate(self) -> float:
        """Skipped in per cent of told; 0 without any."""
        return round(self.skipped / self.told * 100, 1) if self.told else 0.0


_SHORT_MS = 30_000


def skips(listening: Listening) -> Skips:
    """Over every row of the period, also those that don't count as plays: a skip is what the lens leaves out."""
    history, period = listening.history, listening.period
    rows = (history.flags & Flag.KIND) == Kind.TRACK
    rows &= history.ms_played >= 0
    if period.first_day is not None and period.last_day is not None:
        day = listening.zone.days(history.ended_at)
        rows &= (day >= ordinal(period.first_day)) & (day <= ordinal(period.last_day))
    said = (history.flags & Flag.SKIPPED) != 0
    return Skips(int(rows.sum()), int(np.count_nonzero(rows & (said | (history.ms_played < _SHORT_MS)))))
