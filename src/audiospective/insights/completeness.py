"""How complete is it? What is proven of a period, what is missing, why, and about how many plays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec
import numpy as np

from audiospective.archive.proofs import Gap, Ledger, Reason, Stretch, joined, within, without
from audiospective.insights.listening import Listening
from audiospective.insights.zones import Zone

#: The usual pace is taken from so long before and after a gap.
_AROUND: Final = timedelta(days=28)
#: A sweep comes every hour, or every other for who sleeps; until then the newest time isn't missing, only not asked for yet.
_PENDING: Final = timedelta(hours=2, minutes=30)
_SHORTEST: Final = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_TROUBLES = {
    "ended": Reason.PERMISSION,
    "forbidden": Reason.FORBIDDEN,
    "paused": Reason.QUOTA,
    "unreachable": Reason.UNREACHABLE,
    "odd": Reason.UNREACHABLE,
    "unstorable": Reason.FAULT,
}


class Missing(msgspec.Struct, frozen=True):
    """A stretch that nothing proves; `likely_lost` plays, by the pace around it, less those that some source told."""

    stretch: Stretch
    reason: Reason
    likely_lost: int


class Completeness(msgspec.Struct, frozen=True):
    """`share` 0 to 1 of the time from `bounds.from_at` (the period's begin, or the first play) to `bounds.till_at` is proven.

    `proven` and `missing` ascend and together make up the bounds, but for stretches under a minute. `bounds` is None when nothing was
    ever heard or swept, or the period lies outside; then `share` is 1 and both are empty.
    """

    bounds: Stretch | None
    share: float
    proven: tuple[Stretch, ...]
    missing: tuple[Missing, ...]

    @property
    def percent(self) -> float:
        """The share with one decimal, never rounded up to a hundred: what lacks a minute isn't whole."""
        return min(round(self.share * 100, 1), 99.9) if self.share < 1 else 100.0

    @property
    def likely_lost(self) -> int:
        """Plays that are likely missing in all."""
        return sum(one.likely_lost for one in self.missing)


def completeness(listening: Listening, ledger: Ledger) -> Completeness:
    """What is proven of the listening's period, and what is not.

    Proven: nothing that Spotify tells is missing (archive/coverage.py). What isn't proven is missing, by the reason on record where a
    run of sweeps broke; where nobody ever asked, the reason is just that.
    """
    bounds = _bounds(listening, ledger)
    if bounds is None:
        return Completeness(None, 1.0, (), ())
    proven = within(ledger.proofs, bounds)
    recorded = [(one, left) for one in ledger.gaps for left in _open(one.stretch, ledger, bounds)]
    rest = without(bounds, [*proven, *(left for _, left in recorded)])
    found = [Gap(left, gap.reason, gap.per_hour) for gap, left in recorded]
    found += [Gap(one, _why(one, ledger)) for one in rest]
    missing = [_counted(listening, ledger, gap) for gap in sorted(found, key=lambda gap: gap.stretch) if gap.stretch.length >= _SHORTEST]
    share = sum((one.length for one in proven), timedelta(0)) / bounds.length
    return Completeness(bounds, share, tuple(proven), tuple(missing))


def _bounds(listening: Listening, ledger: Ledger) -> Stretch | None:
    """From the period's begin or the first play, to its end or now; the last hours are left out while their sweep is still to come."""
    first = _first(listening)
    firsts = [first] if first else [one.from_at for one in joined(ledger.proofs)[:1]]
    if not firsts:
        return None
    till = listening.now
    if ledger.swept_till is not None and till - ledger.swept_till < _PENDING:
        till = ledger.swept_till
    period, zone = listening.period, listening.zone
    begin = max(firsts[0], _midnight(period.first_day, zone)) if period.first_day else firsts[0]
    end = min(till, _midnight(period.last_day + timedelta(days=1), zone)) if period.last_day and period.last_day < date.max else till
    return Stretch(begin, end) if begin < end else None


def _open(gap: Stretch, ledger: Ledger, bounds: Stretch) -> list[Stretch]:
    return [left for part in within([gap], bounds) for left in without(part, ledger.proofs)]


def _why(stretch: Stretch, ledger: Ledger) -> Reason:
    """After the last sweep: what keeps it from going on."""
    if ledger.swept_till is None or stretch.till_at <= ledger.swept_till:
        return Reason.NEVER_ASKED
    return _TROUBLES.get(ledger.trouble or "", Reason.NOT_RUNNING)


def _counted(listening: Listening, ledger: Ledger, gap: Gap) -> Missing:
    hours = gap.stretch.length / timedelta(hours=1)
    pace = gap.per_hour if gap.reason is Reason.TOO_LATE and gap.per_hour else _usual(listening, ledger, gap.stretch)
    lost = round(pace * hours) - _plays(listening, gap.stretch)
    return Missing(gap.stretch, gap.reason, max(lost, 0))


def _usual(listening: Listening, ledger: Ledger, gap: Stretch) -> float:
    """Plays an hour in the proven time around the gap, since the first play; 0 where none is."""
    first = _first(listening) or gap.from_at
    around = [Stretch(max(gap.from_at - _AROUND, first), gap.from_at), Stretch(gap.till_at, gap.till_at + _AROUND)]
    known = [part for side in around for part in within(ledger.proofs, side)]
    hours = sum((one.length for one in known), timedelta(0)) / timedelta(hours=1)
    return sum(_plays(listening, one) for one in known) / hours if hours else 0.0


def _plays(listening: Listening, stretch: Stretch) -> int:
    ended_at = listening.history.ended_at
    first, last = np.searchsorted(listening.heard.row, [np.searchsorted(ended_at, _us(moment), side="right") for moment in stretch])
    return int(last - first)


def _first(listening: Listening) -> datetime | None:
    """The first play that counts, whatever the period."""
    row = listening.heard.row
    return _moment(int(listening.history.ended_at[row[0]])) if len(row) else None


def _midnight(day: date, zone: Zone) -> datetime:
    return zone.midnight(day)


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)
