"""The ten-thousandth play, the thousandth artist: round numbers that were reached, and the longest silence before a return."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from audiospective.insights.listening import Listening
from audiospective.insights.stats import moment

#: Round enough to be told.
_ROUND: Final = (1, 100, 1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_000_000)


class What(StrEnum):
    """What was counted."""

    PLAYS = "plays"
    TRACKS = "tracks"
    ARTISTS = "artists"


class Milestone(msgspec.Struct, frozen=True):
    """The so-manieth of something, when it was reached, and the track that reached it."""

    what: What
    number: int
    at: datetime
    track_id: int


class Return(msgspec.Struct, frozen=True):
    """A track that came back after the longest silence: the play before it, and the one that broke it."""

    track_id: int
    before: datetime
    at: datetime


def milestones(listening: Listening) -> tuple[Milestone, ...]:
    """Every round number that was reached in the period, oldest first; what is counted begins with the period."""
    ids, artist = np.unique(listening.history.artist_ids, return_inverse=True)
    by_artist = np.full(len(ids), len(listening), np.int32)
    np.minimum.at(by_artist, artist, listening.first_of_track)
    firsts: dict[What, npt.NDArray[np.integer]] = {
        What.PLAYS: np.arange(len(listening)),
        What.TRACKS: np.sort(listening.first_of_track[listening.first_of_track < len(listening)]),
        What.ARTISTS: np.sort(by_artist[(ids > 0) & (by_artist < len(listening))]),
    }
    found = [
        Milestone(what, number, moment(listening.ended_at[rows[number - 1]]), _track(listening, int(rows[number - 1])))
        for what, rows in firsts.items()
        for number in _ROUND
        if number <= len(rows)
    ]
    return tuple(sorted(found, key=lambda one: (one.at, one.what, one.number)))


def longest_return(listening: Listening) -> Return | None:
    """The longest time between two plays of one track that follow each other; None when no track was played twice."""
    order = np.argsort(listening.track, kind="stable")  # plays are in the order of time already
    track, at = listening.track[order], listening.ended_at[order]
    silence = np.where(track[1:] == track[:-1], at[1:] - at[:-1], -1)
    if not len(silence) or silence.max() < 0:
        return None
    best = int(silence.argmax())
    return Return(int(listening.history.track_ids[track[best]]), moment(at[best]), moment(at[best + 1]))


def _track(listening: Listening, row: int) -> int:
    return int(listening.history.track_ids[listening.track[row]])
