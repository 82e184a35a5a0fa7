"""What was heard last?"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec
import numpy as np

from audiospective.archive.plays import I4, UNKNOWN_MS, Source
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
    history, place = listening.history, listening.row[row]
    told, us = int(history.ms_played[place]), int(history.ended_at[place])
    alike = _at(listening, us)
    track = int(alike.track_ids[row - alike.begin])
    again = int((alike.track_ids[: row - alike.begin] == track).sum())
    name = f"{us}-{track}-{again}" if again else f"{us}-{track}"
    return Recent(name, moment(us), track, None if told == UNKNOWN_MS else told, Source(int(history.source[place])))


class _Moment(NamedTuple):
    """Plays of the period that end at one moment: how many lie before them, and their tracks' ids."""

    begin: int
    track_ids: I4


def _at(listening: Listening, us: int) -> _Moment:
    history = listening.history  # its whole column is there; that of the period would have to be made
    edges = [np.searchsorted(history.ended_at, us), np.searchsorted(history.ended_at, us, side="right")]
    begin, end = np.searchsorted(listening.row, edges).tolist()
    return _Moment(begin, history.track_ids[history.recorded(history.track[listening.row[begin:end]])])


def _place(listening: Listening, cursor: str) -> int:
    """How many plays lie before the one that the cursor names."""
    us, track, again = (*cursor.split("-", 2), "0", "0")[:3] if "-" in cursor else (cursor, "", "")
    if not all(map(_is_number, (us, track, again))) or len(us) >= 18:
        raise Invalid(f"“{cursor[:60]}” isn't a cursor; pass the `next` of the page before.", field="before")
    alike = _at(listening, int(us))
    same = np.flatnonzero(alike.track_ids == int(track))
    return alike.begin + (int(same[min(int(again), len(same) - 1)]) if len(same) else len(alike.track_ids))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18
