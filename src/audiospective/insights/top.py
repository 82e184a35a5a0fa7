"""What is played most?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from audiospective.archive.plays import I4
from audiospective.insights.listening import Listening


class By(StrEnum):
    """What "most" means."""

    PLAYS = "plays"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A track, artist or album by its id here, with plays and ms heard in the period."""

    id: int
    plays: int
    listened_ms: int


def tracks(listening: Listening, limit: int, by: By = By.PLAYS) -> tuple[Ranked, ...]:
    """Most played tracks, ties by earliest first play in the period; those without a name are left out."""
    named = np.where(listening.history.artist_ids > 0, listening.history.track_ids, 0)
    return _ranked(listening, named, limit, by)


def artists(listening: Listening, limit: int, by: By = By.PLAYS) -> tuple[Ranked, ...]:
    """Most played artists; a play counts for the track's first artist."""
    return _ranked(listening, listening.history.artist_ids, limit, by)


def albums(listening: Listening, limit: int, by: By = By.PLAYS) -> tuple[Ranked, ...]:
    """Most played albums; plays of tracks whose album no source named are left out."""
    return _ranked(listening, listening.history.album_ids, limit, by)


def plays_of(listening: Listening, ids_by_track: I4) -> dict[int, int]:
    """Plays in the period by id, for every id that has any; `ids_by_track` gives each track's id, 0 for none."""
    return amounts(listening, ids_by_track, By.PLAYS)


def amounts(listening: Listening, ids_by_track: I4, by: By) -> dict[int, int]:
    """Plays or ms heard in the period by id, for every id that has any, as `plays_of`."""
    much = listening.ms_of_track if by is By.TIME else listening.plays_of_track
    ids, place = np.unique(ids_by_track, return_inverse=True)
    totals = np.bincount(place, weights=much, minlength=len(ids)).astype(np.int64)
    kept = (totals > 0) & (ids != 0)
    return dict(zip(ids[kept].tolist(), totals[kept].tolist(), strict=True))


def _ranked(listening: Listening, ids_by_track: I4, limit: int, by: By) -> tuple[Ranked, ...]:
    if not len(listening):
        return ()
    ids, place = np.unique(ids_by_track, return_inverse=True)
    columns = (listening.plays_of_track, listening.ms_of_track)
    plays, ms = (np.bincount(place, weights=column, minlength=len(ids)).astype(np.int64) for column in columns)
    earliest = np.full(len(ids), len(listening), np.int64)
    np.minimum.at(earliest, place, listening.first_of_track)
    order = np.lexsort((earliest, -(plays if by is By.PLAYS else ms)))
    shown = [one for one in order[: limit + 1].tolist() if ids[one] > 0 and plays[one] > 0][:limit]
    return tuple(Ranked(int(ids[one]), int(plays[one]), int(ms[one])) for one in shown)
