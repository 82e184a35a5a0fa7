"""Podcasts and audiobooks, apart from music: how much, which shows, which episodes last."""

from __future__ import annotations

import msgspec
import numpy as np

from audiospective.archive.plays import UNKNOWN_MS, Source
from audiospective.insights.lens import podcasts
from audiospective.insights.listening import Listening
from audiospective.insights.recent import Recent
from audiospective.insights.stats import moment
from audiospective.insights.top import Ranked
from audiospective.insights.zones import ordinal


class Spoken(msgspec.Struct, frozen=True):
    """Plays of episodes and chapters; `shows` (or authors) by their id here, most played first, ties to the one heard first; `latest` are
    the newest plays, newest first.
    """

    plays: int
    listened_ms: int
    shows: tuple[Ranked, ...]
    latest: tuple[Recent, ...]


def spoken(listening: Listening, limit: int = 8) -> Spoken:
    """What was spoken in the period (contract §7: never mixed into tracks); the lens's shortest time counts here too."""
    history, period = listening.history, listening.period
    rows = np.flatnonzero(podcasts(history, listening.lens))
    day = listening.zone.days(history.ended_at[rows])
    if period.first_day is not None and period.last_day is not None:
        rows = rows[(day >= ordinal(period.first_day)) & (day <= ordinal(period.last_day))]
    told = history.ms_played[rows]
    heard = np.where(told < 0, history.duration_ms[history.track[rows]], told).astype(np.int64)
    ids, first, code, plays = np.unique(history.artist_ids[history.track[rows]], return_index=True, return_inverse=True, return_counts=True)
    ms = np.bincount(code, weights=heard, minlength=len(ids)).astype(np.int64)
    order = [one for one in np.lexsort((first, -plays)).tolist() if ids[one] > 0][:limit]
    shows = tuple(Ranked(int(ids[one]), int(plays[one]), int(ms[one])) for one in order)
    return Spoken(len(rows), int(heard.sum()), shows, tuple(_recent(listening, int(row)) for row in rows[::-1][:limit]))


def _recent(listening: Listening, row: int) -> Recent:
    history = listening.history
    track, us, told = int(history.track_ids[history.track[row]]), int(history.ended_at[row]), int(history.ms_played[row])
    return Recent(f"{us}-{track}", moment(us), track, None if told == UNKNOWN_MS else told, Source(int(history.source[row])))
