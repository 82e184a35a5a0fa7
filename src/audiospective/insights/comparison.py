"""More or less than before?"""

from __future__ import annotations

from dataclasses import dataclass

from audiospective.insights.listening import Listening
from audiospective.insights.stats import Stats, stats


@dataclass(frozen=True, slots=True)
class Comparison:
    """A period's totals beside those of the one before; `before` is None where nothing lies before (range all)."""

    now: Stats
    before: Stats | None


def comparison(listening: Listening) -> Comparison:
    """The period against the one of the same length before it (contract §4 comparison)."""
    earlier = listening.period.previous()
    return Comparison(stats(listening), stats(listening.over(earlier)) if earlier else None)


def percentage(now: float, before: float) -> float | None:
    """Change in per cent to one decimal; None where there was nothing before."""
    return round((now - before) / before * 100, 1) if before else None
