"""What is proven, what is a gap? Types, and the arithmetic of stretches of time; pure.

A stretch is half open: it begins after `from_at` and includes `till_at`, as plays are told by their ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

#: A play may be told so long after its end (three minutes for one in twenty): what lies closer to a question isn't proven by its answer.
LATE: Final = timedelta(minutes=15)


class Stretch(NamedTuple):
    """From a moment to a later one, aware, UTC."""

    from_at: datetime
    till_at: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.till_at - self.from_at


class Reason(StrEnum):
    """Why nobody can say what was heard in a gap."""

    TOO_LATE = "too-late"
    """More plays between two sweeps than Spotify tells at once."""
    PERMISSION = "permission-ended"
    """The listener's permission had ended."""
    FORBIDDEN = "forbidden"
    """Spotify didn't let this app ask."""
    QUOTA = "quota"
    """Spotify told this app to wait."""
    UNREACHABLE = "spotify-unreachable"
    """Spotify couldn't be reached, or its answers couldn't be believed."""
    FAULT = "fault"
    """What Spotify said couldn't be stored."""
    NOT_RUNNING = "not-running"
    """This instance wasn't at work."""
    NEVER_ASKED = "never-asked"
    """Nobody asked Spotify then, and no export covers it."""


class Gap(msgspec.Struct, frozen=True):
    """Where plays may be missing; `per_hour` is how fast they came just after it, 0 where that isn't known."""

    stretch: Stretch
    reason: Reason
    per_hour: float = 0.0


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is known of a person's completeness: `proofs` in no order, some may overlap; `gaps` by time, closed ones too.

    `swept_till` is until when the present run proves (None: never swept); `trouble` what keeps sweeps from going on, if anything does.
    """

    proofs: tuple[Stretch, ...]
    gaps: tuple[Gap, ...]
    swept_till: datetime | None
    trouble: str | None


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time in as few stretches as possible, in order; what touches is one."""
    whole: list[Stretch] = []
    for one in sorted(stretches):
        if whole and one.from_at <= whole[-1].till_at:
            whole[-1] = Stretch(whole[-1].from_at, max(whole[-1].till_at, one.till_at))
        elif one.till_at > one.from_at:
            whole.append(one)
    return whole


def without(stretch: Stretch, taken: Iterable[Stretch]) -> list[Stretch]:
    """What is left of `stretch` when the time of `taken` goes."""
    left, at = [], stretch.from_at
    for one in joined(taken):
        if one.till_at <= at or one.from_at >= stretch.till_at:
            continue
        if one.from_at > at:
            left.append(Stretch(at, one.from_at))
        at = max(at, one.till_at)
    return [*left, Stretch(at, stretch.till_at)] if at < stretch.till_at else left


def within(stretches: Iterable[Stretch], bounds: Stretch) -> list[Stretch]:
    """The parts that lie between the bounds, in order."""
    cut = (Stretch(max(one.from_at, bounds.from_at), min(one.till_at, bounds.till_at)) for one in joined(stretches))
    return [one for one in cut if one.from_at < one.till_at]
