"""What is played most?"""

from __future__ import annotations

from enum import StrEnum

import msgspec
import numpy as np

from audiospective.archive.plays import I4, Bools
from audiospective.insights.codes import codes
from audiospective.insights.listening import Listening


class By(StrEnum):
    """What "most" means."""

    PLAYS = "plays"
    TIME = "time"


class Ranked(msgspec.Struct, frozen=True):
    """A track, artist or album by its id here, with plays and ms heard in the period."""

    id: int
    plays: int
    listened_ms: int


def tracks(listening: Listening, limit: int, by: By = By.PLAYS) -> tuple[Ranked, ...]:
    """Most played tracks, ties by earliest first play in the period; those without a name are left out."""
    return _ranked(listening, listening.history.track_ids, limit, by, listening.history.artist_ids > 0)


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
    found = codes(listening.history, ids_by_track)
    totals = np.bincount(found.of_track, weights=much, minlength=len(found.ids)).astype(np.int64)
    kept = (totals > 0) & (found.ids != 0)
    return dict(zip(found.ids[kept].tolist(), totals[kept].tolist(), strict=True))


def _ranked(listening: Listening, ids_by_track: I4, limit: int, by: By, shown: Bools | None = None) -> tuple[Ranked, ...]:
    """`shown` says by track which are ranked at all; else those with an id."""
    heard = listening.tracks if shown is None else listening.tracks[shown[listening.tracks]]
    found = codes(listening.history, ids_by_track)
    places = found.of_track[heard]
    plays, ms = (np.bincount(places, weights=column[heard]) for column in (listening.plays_of_track, listening.ms_of_track))
    much = plays if by is By.PLAYS else ms
    of_much = np.where(found.ids[: len(much)] > 0, much, -1)
    of_much[plays == 0] = -1
    candidates = np.flatnonzero(of_much >= max(np.partition(of_much, -limit)[-limit] if limit < len(of_much) else 0, 0))
    earliest = np.full(len(much), len(listening), np.int64)
    np.minimum.at(earliest, places, listening.first_of_track[heard])
    order = candidates[np.lexsort((earliest[candidates], -of_much[candidates]))][:limit]
    return tuple(Ranked(int(found.ids[one]), int(plays[one]), int(ms[one])) for one in order.tolist())
