"""Straight lines: chance is no trend, and what doubles isn't straight."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from audiospective.infra import trends


@given(st.floats(-50, 50), st.floats(1, 1000), st.integers(3, 60))
def test_a_straight_line_is_found(slope: float, start: float, count: int) -> None:
    found = trends.line([start + slope * place for place in range(count)])
    assert found is not None
    assert abs(found.slope - slope) < 1e-6 * max(abs(slope), 1)


def test_chance_is_no_trend_and_a_rise_is() -> None:
    chance = random.Random(7)
    noise = [10 + chance.gauss(0, 3) for _ in range(60)]
    assert trends.sure_slope(noise) == 0
    assert trends.sure_slope([value + place for place, value in enumerate(noise)]) > 0.8
    assert trends.sure_slope([0.0] * 15) == 0
    assert trends.sure_slope([1.0]) == 0


def test_what_doubles_is_not_straight() -> None:
    assert trends.straightness([1e6 + 2e4 * place for place in range(30)]) >= 0
    assert trends.straightness([1e6 * 1.3**place for place in range(30)]) < 0
    assert trends.straightness([5e6] * 30) == 0


def test_where_it_will_be() -> None:
    told = trends.projected([100.0 + place for place in range(10)], 100)
    assert told is not None
    assert abs(told - 209) < 0.01
    assert trends.projected([1.0, 2.0], 10) is None


def test_a_spike_is_told_from_small_steps() -> None:
    assert trends.step_ratio([0, 1e6, 2e6, 12e6], least=1e6) == 10
    assert trends.step_ratio([0, 8192, 16384, 900_000], least=1e6) == 0
    assert trends.step_ratio([5, 5, 5], least=1) == 0
    assert trends.step_ratio([5e6, 5e6, 7e6, 7e6], least=1e6) == 6  # where nothing else grew
