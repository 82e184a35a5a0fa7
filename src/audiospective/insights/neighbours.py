"""What is heard just before it, and just after?"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from audiospective.archive.plays import Bools
from audiospective.insights.listening import Listening

#: Two plays are of one session when the second ends so soon after the first; longer tracks than that are rare.
SESSION_US: Final = 30 * 60 * 1_000_000


class Neighbour(msgspec.Struct, frozen=True):
    """Another track by its id here, and how often it stood beside."""

    track_id: int
    times: int


class Neighbours(msgspec.Struct, frozen=True):
    """Most frequent first, ties by id."""

    before: tuple[Neighbour, ...]
    after: tuple[Neighbour, ...]


def neighbours(listening: Listening, tracks: Bools, limit: int = 5) -> Neighbours:
    """Within sessions, what preceded and followed plays of `tracks` (by index); those tracks themselves aren't told."""
    own = tracks[listening.track]
    close = np.diff(listening.ended_at) <= SESSION_US
    before = np.flatnonzero(own[1:] & ~own[:-1] & close)
    after = np.flatnonzero(own[:-1] & ~own[1:] & close) + 1
    return Neighbours(_ranked(listening, before, limit), _ranked(listening, after, limit))


def _ranked(listening: Listening, rows: npt.NDArray[np.intp], limit: int) -> tuple[Neighbour, ...]:
    found, times = np.unique(listening.history.track_ids[listening.track[rows]], return_counts=True)
    order = np.lexsort((found, -times))[:limit]
    return tuple(Neighbour(int(found[one]), int(times[one])) for one in order)
