"""What was heard last?"""

from __future__ import annotations

from datetime import datetime

import msgspec
import numpy as np

from audiospective.archive.plays import UNKNOWN_MS, Source
from audiospective.errors import Invalid
from audiospective.insights.listening import Listening
from audiospective.insights.stats import moment


class Recent(msgspec.Struct, frozen=True):
    """One play: `id` is stable as long as the play is, `ms_played` None where the source doesn't tell."""

    id: str
    ended_at: datetime
    track_id: int
    ms_played: int | None
    source: Source


class RecentPage(msgspec.Struct, frozen=True):
    """Newest first; `next` is the cursor of the following page, None at the end."""

    plays: tuple[Recent, ...]
    total: int
    next: str | None


def recent(listening: Listening, limit: int, before: str | None = None) -> RecentPage:
    """The newest plays of the period, or those before a cursor. Raises Invalid(field="before")."""
    end = len(listening) if before is None else _place(listening, before)
    begin = max(0, end - limit)
    plays = tuple(_recent(listening, row) for row in range(end - 1, begin - 1, -1))
    return RecentPage(plays, len(listening), plays[-1].id if begin > 0 and plays else None)


def _recent(listening: Listening, row: int) -> Recent:
    history, place = listening.history, listening.row[row]
    told, us, track = int(history.ms_played[place]), int(history.ended_at[place]), _track(listening, row)
    return Recent(f"{us}-{track}", moment(us), track, None if told == UNKNOWN_MS else told, Source(int(history.source[place])))


def _track(listening: Listening, row: int) -> int:
    history = listening.history
    return int(history.track_ids[history.recorded(history.track[listening.row[row : row + 1]])[0]])


def _place(listening: Listening, cursor: str) -> int:
    """How many plays lie before the one that the cursor names."""
    us, _, track = cursor.partition("-")
    if not (us.isascii() and us.isdigit() and track.isascii() and track.isdigit() and len(us) < 18 and len(track) < 11):
        raise Invalid(f"“{cursor[:60]}” isn't a cursor; pass the `next` of the page before.", field="before")
    ended_at = listening.history.ended_at  # the whole column is there; that of the period would have to be made
    low = int(np.searchsorted(listening.row, np.searchsorted(ended_at, int(us))))
    while low < len(listening) and ended_at[listening.row[low]] == int(us):
        if _track(listening, low) == int(track):
            break
        low += 1
    return low
