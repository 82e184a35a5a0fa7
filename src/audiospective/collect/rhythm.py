"""How often must this person be swept? Pure: moments in, moments out."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

HOUR: Final = timedelta(hours=1)
#: All 50 were new: some may have been lost between, so come before 50 more can be heard (spotify-api.md §3).
SOON: Final = timedelta(minutes=25)

#: A person's minute of the hour is skipped when it comes sooner than this after a sweep.
_REST = timedelta(minutes=15)
_PAGE = 50
_SPREAD_S = 60


class TroubleKind(StrEnum):
    """What kept a person's plays from coming, by what helps."""

    ENDED = "ended"
    """Only the person can: by signing in again."""
    FORBIDDEN = "forbidden"
    """Only the operator can: allow-list, lapsed Premium."""
    PAUSED = "paused"
    """Spotify told how long to wait."""
    UNREACHABLE = "unreachable"
    """Time: no answer, or none that could be used."""
    UNSTORABLE = "unstorable"
    """The database refused what Spotify said."""


_WAITS = {TroubleKind.ENDED: timedelta(days=1), TroubleKind.FORBIDDEN: timedelta(hours=6), TroubleKind.UNSTORABLE: HOUR}


def after_success(user: int, now: datetime, *, fetched: int, new: int) -> datetime:
    """When to come again: at the person's own second of the hour, 15 to 75 minutes ahead; sooner when plays may have been lost.

    The second is the same for ever and spread evenly over people, so that an instance asks Spotify in an even stream.
    """
    if fetched >= _PAGE and new == fetched:
        return now + SOON
    own_s = _chance(user) % 3600
    earliest = now + _REST
    waits = (own_s - earliest.timestamp()) % 3600
    return earliest + timedelta(seconds=waits)


def after_trouble(user: int, now: datetime, kind: TroubleKind, *, troubles: int, pause_s: int = 0) -> datetime:
    """When to try again: what Spotify told, else what the kind deserves; `troubles` counts those in a row before this one."""
    spread = timedelta(seconds=_chance(user) % _SPREAD_S)
    if kind is TroubleKind.PAUSED:
        return now + timedelta(seconds=pause_s) + spread
    if kind is TroubleKind.UNREACHABLE:
        return now + min(timedelta(minutes=2 ** (min(troubles, 10) + 1)), HOUR) + spread
    return now + _WAITS[kind] + spread


def _chance(user: int) -> int:
    """A number that a person keeps, like a die cast once."""
    return zlib.crc32(b"rhythm %d" % user)
