"""What became of the artists that each month brought?"""

from __future__ import annotations

from datetime import date

import msgspec
import numpy as np

from audiospective.archive.plays import I4, I8, Bools
from audiospective.insights.listening import Listening
from audiospective.insights.period import Period
from audiospective.insights.zones import month_number, month_start, months

#: Months after the discovery at which one looks again, and for how many months one looks.
AFTER = (3, 12, 36)
_LOOK = 3


class Cohort(msgspec.Struct, frozen=True):
    """Artists heard for the first time in a month. `kept[n]` of them were heard again in the three months that begin AFTER[n] months
    later; None while those aren't over. In the month in which the archive begins nothing is known to be new: `is_begin`.
    """

    month: date
    found: int
    kept: tuple[int | None, ...]
    is_begin: bool


def cohorts(listening: Listening) -> tuple[Cohort, ...]:
    """Every local month of the period up to this one, oldest first, those without discoveries too (peers: discovery cohorts).

    New means new in the whole archive; what happens after the period counts as well. A play counts for the track's first artist;
    nameless ones are left out.
    """
    everything = listening.everything
    if not len(everything):
        return ()
    low = int(months(everything.day).min())
    now = month_number(listening.zone.today(listening.now))
    first, seen = _seen(everything, low)
    begin, end = _bounds(listening.period, low, now)
    found = []
    for month in range(begin, end + 1):
        mine = first == month - low
        kept = tuple(_kept(seen[mine], month - low + after, now - low) for after in AFTER)
        found.append(Cohort(month_start(month), int(mine.sum()), kept, month == low))
    return tuple(found)


def _seen(everything: Listening, low: int) -> tuple[I8, Bools]:
    """By named artist: the month of the first play, and `(artists, months)` whether a month has any; months count from `low`."""
    ids, code = np.unique(everything.history.artist_ids, return_inverse=True)
    month: I4 = (months(everything.day) - low).astype(np.int32)
    wide = int(month.max()) + 1
    seen = np.zeros(len(ids) * wide, np.bool_)
    seen[code.astype(np.int64)[everything.track] * wide + month] = True
    rows = seen.reshape(len(ids), wide)[ids > 0]
    rows = rows[rows.any(axis=1)]
    return rows.argmax(axis=1).astype(np.int64), rows


def _bounds(period: Period, low: int, now: int) -> tuple[int, int]:
    if period.first_day is None or period.last_day is None:
        return low, now
    return max(month_number(period.first_day), low), min(month_number(period.last_day), now)


def _kept(seen: Bools, begin: int, now: int) -> int | None:
    """How many have a play in the months looked at; None while these aren't over."""
    if begin + _LOOK > now:
        return None
    return int(seen[:, begin : begin + _LOOK].any(axis=1).sum())
