"""Percentiles from counts: never off by more than a step of the scale, and exact where somebody judges."""

from __future__ import annotations

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from audiospective.infra import histogram
from audiospective.infra.histogram import BOUNDS

LENGTHS = st.lists(st.floats(0, 9_999), min_size=1, max_size=200)


def _counted(lengths: list[float]) -> list[int]:
    counts = histogram.empty()
    for ms in lengths:
        counts[histogram.place(ms)] += 1
    return counts


def test_of_nothing_nothing_is_told() -> None:
    assert histogram.percentile(histogram.empty(), 0.95) is None


def test_a_limit_itself_is_not_above_it() -> None:
    assert histogram.percentile(_counted([500.0] * 10), 0.95) <= 500  # type: ignore[operator]  # a number
    assert histogram.percentile(_counted([500.1] * 10), 0.5) > 500  # type: ignore[operator]  # a number


@given(LENGTHS, st.floats(0.01, 1))
def test_a_percentile_lies_in_the_step_of_the_true_one(lengths: list[float], share: float) -> None:
    true = sorted(lengths)[math.ceil(share * len(lengths)) - 1]
    low, high = next((low, high) for low, high in pairwise((0, *BOUNDS)) if true <= high)
    told = histogram.percentile(_counted(lengths), share)
    assert told is not None
    assert low - 0.01 <= told <= high + 0.01


@given(LENGTHS, LENGTHS)
def test_counts_add_up_in_any_order(some: list[float], others: list[float]) -> None:
    assert histogram.together([_counted(some), _counted(others)]) == _counted(others + some)
