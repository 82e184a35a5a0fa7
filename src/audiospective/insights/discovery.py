"""How much of it was new?"""

from __future__ import annotations

import msgspec

from audiospective.insights.listening import Listening
from audiospective.insights.zones import ordinal


class Discovery(msgspec.Struct, frozen=True):
    """Different tracks of a period: never played before it, or known."""

    total_plays: int
    new_tracks: int
    repeat_tracks: int

    @property
    def rate(self) -> float:
        """New tracks in per cent of all different ones; 0 without any."""
        different = self.new_tracks + self.repeat_tracks
        return round(self.new_tracks / different * 100, 1) if different else 0.0

    @property
    def average_repeats(self) -> float:
        """Plays for each different track; 0 without any."""
        different = self.new_tracks + self.repeat_tracks
        return round(self.total_plays / different, 2) if different else 0.0


def discovery(listening: Listening) -> Discovery:
    """New against known tracks (contract §4 discovery): new means that the first play of all lies in the period."""
    tracks = listening.tracks
    if not len(tracks):
        return Discovery(0, 0, 0)
    first_day = listening.heard.day_of(listening.heard.first_row[tracks])
    period, new = listening.period, len(tracks)
    if period.first_day is not None and period.last_day is not None:
        new = int(((first_day >= ordinal(period.first_day)) & (first_day <= ordinal(period.last_day))).sum())
    return Discovery(len(listening), new, len(tracks) - new)
