"""Does an answer of Spotify's follow the one before without a hole? Pure: moments in, a verdict out.

Spotify tells the last 50 plays of the last 90 days (spotify-api.md §3). A full page proves the time from its oldest play on; one
that isn't full proves all 90 days. Two answers that overlap make one run; where they don't, there is a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from audiospective.archive.proofs import LATE, Gap, Reason, Stretch
from audiospective.collect.leases import Lease
from audiospective.collect.rhythm import LONGEST, TroubleKind

#: So many plays Spotify tells, and so far back.
PAGE: Final = 50
MEMORY: Final = timedelta(days=90)
#: An odd answer is believed when it comes so often in a row.
BELIEVED_AFTER: Final = 3

#: A pace is measured over so many plays.
_STEP = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_REASONS = {
    TroubleKind.ENDED: Reason.PERMISSION,
    TroubleKind.FORBIDDEN: Reason.FORBIDDEN,
    TroubleKind.PAUSED: Reason.QUOTA,
    TroubleKind.UNREACHABLE: Reason.UNREACHABLE,
    TroubleKind.ODD: Reason.UNREACHABLE,
    TroubleKind.UNSTORABLE: Reason.FAULT,
}


class Told(msgspec.Struct, frozen=True):
    """What matters of an answer: when it was asked for, and when its plays ended, in µs since 1970 UTC.

    `count` is of all its items, unreadable ones too.
    """

    asked_at: datetime
    count: int
    ends_us: tuple[int, ...]

    @property
    def newest(self) -> datetime | None:
        """When the newest play ended."""
        return _moment(max(self.ends_us)) if self.ends_us else None

    @property
    def reach(self) -> datetime:
        """Since when the answer tells everything."""
        return _moment(min(self.ends_us)) if self.count >= PAGE and self.ends_us else self.asked_at - MEMORY


class Continuity(msgspec.Struct, frozen=True):
    """What an answer proves: nothing is missing between `proven_from` and when it was asked for.

    `ended` is the run before it, where that doesn't reach so far, and `gap` what lies between.
    """

    proven_from: datetime
    head_at: datetime | None
    ended: Stretch | None = None
    gap: Gap | None = None


def is_odd(lease: Lease, told: Told) -> bool:
    """Whether the answer lacks the newest play that was told before, although Spotify should still tell it.

    An empty answer for somebody who listens is no success (peers.md: it hid broken tokens for weeks). The fourth in a row is believed:
    people may clear what was played last.
    """
    return _lacks_head(lease, told) and not (lease.last_trouble == TroubleKind.ODD and lease.troubles >= BELIEVED_AFTER)


def continued(lease: Lease, told: Told) -> Continuity:
    """How the answer stands to the run before it.

    One that lacks what was told before proves nothing but its own moment; nor does the first, if it is empty.
    """
    lacks = _lacks_head(lease, told)
    reach = told.asked_at if lacks else told.reach
    if told.count == 0 and lease.head_at is None:
        reach = lease.proven_from or told.asked_at
    head = told.newest or (told.asked_at - MEMORY if lacks else None)
    if lease.asked_at is None or lease.proven_from is None:
        return Continuity(reach, head)
    known_till = max(lease.asked_at - LATE, lease.proven_from)
    if reach <= known_till:
        return Continuity(min(lease.proven_from, reach), head)
    gap = Gap(Stretch(known_till, reach), _reason(lease, told.asked_at), _per_hour(told.ends_us))
    return Continuity(reach, head, Stretch(lease.proven_from, known_till), gap)


def _lacks_head(lease: Lease, told: Told) -> bool:
    head = lease.head_at
    if head is None or head <= told.asked_at - MEMORY:
        return False
    return told.newest is None or told.newest < head


def fill_seconds(told: Told) -> int:
    """In how many seconds this person fills a page at the fastest pace of the last day; 0 where too little was played to tell."""
    since = (told.asked_at - timedelta(days=1) - _EPOCH) // _MICROSECOND
    ends = sorted(end for end in told.ends_us if end > since)
    paces = [(later - earlier) / _STEP for earlier, later in zip(ends, ends[_STEP:], strict=False)]
    return int(min(paces) * PAGE / 1e6) if paces else 0


def _reason(lease: Lease, now: datetime) -> Reason:
    if lease.last_trouble is not None:
        return _REASONS[TroubleKind(lease.last_trouble)]
    was_away = lease.asked_at is not None and now - lease.asked_at > LONGEST + timedelta(minutes=30)
    return Reason.NOT_RUNNING if was_away else Reason.TOO_LATE


def _per_hour(ends_us: Sequence[int]) -> float:
    span_us = max(ends_us) - min(ends_us) if ends_us else 0
    return (len(ends_us) - 1) / span_us * 3_600_000_000 if span_us else 0.0


def _moment(us: int) -> datetime:
    return _EPOCH + us * _MICROSECOND
