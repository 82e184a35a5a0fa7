"""How often must this person be swept? Pure: moments in, moments out."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from audiospective.archive.proofs import LATE

HOUR: Final = timedelta(hours=1)
#: The worst case is 50 plays of 30 seconds in 25 minutes (spotify-api.md §3): so often the answers still overlap by more than LATE.
SOON: Final = timedelta(minutes=10)

#: Nobody waits longer: who hasn't listened for a week is asked every other hour.
LONGEST: Final = 2 * HOUR

_SLEEP = timedelta(days=7)
#: A person's second of the hour is skipped when it comes sooner than this after a sweep.
_REST = timedelta(minutes=1)
#: A sweep comes when this part of a page can be full at the latest.
_MARGIN = 0.8
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
    ODD = "odd"
    """An answer that can't be believed yet: plays that Spotify told before are no longer in it."""
    UNSTORABLE = "unstorable"
    """The database refused what Spotify said."""


_WAITS = {TroubleKind.ENDED: timedelta(days=1), TroubleKind.FORBIDDEN: timedelta(hours=6), TroubleKind.UNSTORABLE: HOUR}


def after_success(user: int, now: datetime, *, fill_s: int, head_at: datetime | None, lost_track: bool) -> datetime:
    """When to come again: at the person's own second of the hour, sooner for whoever fills a page of 50 faster (`fill_s`, 0: not known).

    The second is the same for ever and spread evenly over people, so that an instance asks Spotify in an even stream. `lost_track`
    says that the page was full of plays of which none was known; `head_at` is when the newest of them ended.
    """
    if lost_track:
        return now + SOON
    earliest = now + _REST
    due = earliest + timedelta(seconds=(_chance(user) % 3600 - earliest.timestamp()) % 3600)
    if head_at is None or now - head_at > _SLEEP:
        return due + HOUR
    return min(due, now + max(timedelta(seconds=fill_s * _MARGIN) - LATE, SOON)) if fill_s else due


def after_trouble(user: int, now: datetime, kind: TroubleKind, *, troubles: int, pause_s: int = 0) -> datetime:
    """When to try again: what Spotify told, else what the kind deserves; `troubles` counts those in a row before this one."""
    spread = timedelta(seconds=_chance(user) % _SPREAD_S)
    if kind is TroubleKind.PAUSED:
        return now + timedelta(seconds=pause_s) + spread
    if kind in {TroubleKind.UNREACHABLE, TroubleKind.ODD}:
        return now + min(timedelta(minutes=2 ** (min(troubles, 10) + 1)), HOUR) + spread
    return now + _WAITS[kind] + spread


def _chance(user: int) -> int:
    """A number that a person keeps, like a die cast once."""
    return zlib.crc32(b"rhythm %d" % user)
