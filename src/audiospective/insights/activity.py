"""When in the week?"""

from __future__ import annotations

import msgspec
import numpy as np

from audiospective.insights.listening import Listening


class Activity(msgspec.Struct, frozen=True):
    """Plays by local weekday and hour; `heatmap[weekday][hour]`, Sunday is 0."""

    heatmap: tuple[tuple[int, ...], ...]

    @property
    def total_plays(self) -> int:
        """All of them."""
        return sum(map(sum, self.heatmap))

    @property
    def by_hour(self) -> tuple[int, ...]:
        """24 totals."""
        return tuple(map(sum, zip(*self.heatmap, strict=True)))

    @property
    def by_weekday(self) -> tuple[int, ...]:
        """7 totals, Sunday first."""
        return tuple(map(sum, self.heatmap))

    @property
    def peak(self) -> tuple[int, int] | None:
        """(weekday, hour) with most plays, the earliest of equals; None without plays."""
        if not self.total_plays:
            return None
        best = int(np.argmax(np.array(self.heatmap)))
        return best // 24, best % 24


def activity(listening: Listening) -> Activity:
    """Plays by weekday and hour in the listener's zone (contract §4 activity)."""
    weekday = (listening.day + 4) % 7  # day 0 was a Thursday
    counts = np.bincount(weekday * 24 + listening.hour, minlength=7 * 24).reshape(7, 24)
    return Activity(tuple(tuple(row) for row in counts.tolist()))
