"""What was heard last?"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec
import numpy as np

from audiospective.archive.plays import I4, UNKNOWN_MS, History, Source
from audiospective.errors import Invalid
from audiospective.insights.listening import Listening
from audiospective.insights.stats import moment


class Recent(msgspec.Struct, frozen=True):
    """One play: `id` is its own, stable as long as the play is, `ms_played` None where the source doesn't tell."""

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
    history, place = listening.history, int(listening.row[row])
    told, us = int(history.ms_played[place]), int(history.ended_at[place])
    alike = _at(history, us)
    track = int(alike.track_ids[place - alike.begin])
    again = int((alike.track_ids[: place - alike.begin] == track).sum())
    name = f"{us}-{track}-{again}" if again else f"{us}-{track}"
    return Recent(name, moment(us), track, None if told == UNKNOWN_MS else told, Source(int(history.source[place])))


class _Moment(NamedTuple):
    """Rows of a history that end at one moment, whether or not they count: how many lie before them, and their tracks' ids."""

    begin: int
    track_ids: I4


def _at(history: History, us: int) -> _Moment:
    begin, end = (int(np.searchsorted(history.ended_at, us, side=side)) for side in ("left", "right"))
    return _Moment(begin, history.track_ids[history.recorded(history.track[begin:end])])


def _place(listening: Listening, cursor: str) -> int:
    """How many plays lie before the one that the cursor names."""
    named = play_named(cursor)
    if named is None:
        raise Invalid(f"“{cursor[:60]}” isn't a cursor; pass the `next` of the page before.", field="before")
    alike = _at(listening.history, named.us)
    same = np.flatnonzero(alike.track_ids == named.track)
    within = int(same[named.again]) if named.again < len(same) else len(alike.track_ids)
    return int(np.searchsorted(listening.row, alike.begin + within))


class Named(NamedTuple):
    """What a play's id says: when it ended (µs), of which track, and how many of that track at that moment stand before it."""

    us: int
    track: int
    again: int


def play_named(text: str) -> Named | None:
    """The id of a play, taken apart; None for anything else."""
    parts = text.split("-")
    if len(parts) not in {2, 3} or not all(part.isascii() and part.isdigit() and len(part) < 18 for part in parts):
        return None
    us, track, again = (*map(int, parts), 0)[:3]
    return Named(us, track, again)
