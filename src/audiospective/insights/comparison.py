"""More or less than before?"""

from __future__ import annotations

import msgspec

from audiospective.insights.listening import Listening
from audiospective.insights.period import Period
from audiospective.insights.stats import Stats, stats


class Comparison(msgspec.Struct, frozen=True):
    """A period's totals beside those of another, the one before if nobody says which; `before` None: nothing lies before (range all)."""

    now: Stats
    before: Stats | None


def comparison(listening: Listening) -> Comparison:
    """The period against the one of the same length before it (contract §4 comparison)."""
    earlier = listening.period.previous()
    return against(listening, earlier) if earlier else Comparison(stats(listening), None)


def against(listening: Listening, other: Period) -> Comparison:
    """The period beside any other one."""
    return Comparison(stats(listening), stats(listening.over(other)))


def percentage(now: float, before: float) -> float | None:
    """Change in per cent to one decimal; None where there was nothing before."""
    return round((now - before) / before * 100, 1) if before else None
