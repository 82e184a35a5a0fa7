"""Counts by size, small enough to keep for every minute, from which percentiles over any stretch can be told."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Final

#: Upper bounds in milliseconds, the limit itself included; what is above the last counts in one place more. Limits that somebody judges
#: by are bounds, so that “below 500 ms” is exact.
BOUNDS: Final = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 400, 500, 700, 1000, 1500, 2000, 2500, 4000, 6000, 10_000)
SIZE: Final = len(BOUNDS) + 1


def empty() -> list[int]:
    """Nothing counted yet."""
    return [0] * SIZE


def place(ms: float) -> int:
    """Where such a length counts."""
    return bisect_left(BOUNDS, ms)


def together(many: Iterable[Sequence[int]]) -> list[int]:
    """Several added up."""
    return [sum(counts) for counts in zip_longest(empty(), *many, fillvalue=0)]


def percentile(counts: Sequence[int], share: float) -> float | None:
    """The length in ms that this share (0 to 1) of what was counted doesn't exceed; between two bounds evenly. None without any."""
    total = sum(counts)
    if not total:
        return None
    wanted, seen = share * total, 0
    for at, count in enumerate(counts):
        if count and seen + count >= wanted:
            low = BOUNDS[at - 1] if at else 0
            high = BOUNDS[at] if at < len(BOUNDS) else 2 * BOUNDS[-1]
            return round(low + (high - low) * max(wanted - seen, 0) / count, 2)
        seen += count
    return float(2 * BOUNDS[-1])
