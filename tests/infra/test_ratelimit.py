"""Budgets per key, in windows that begin with the first use."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from audiospective.infra.ratelimit import Limit, Limiter
from tests.clock import FakeClock

TEN = Limit("ten", 10, 10)


def test_what_is_left_is_told_with_every_use() -> None:
    limiter = Limiter(FakeClock().monotonic)
    first, second = limiter.take("a", TEN), limiter.take("a", TEN)
    assert (first.limit, first.remaining, first.reset_s, first.allowed) == (10, 9, 10, True)
    assert second.remaining == 8


def test_the_eleventh_of_ten_is_refused_until_the_window_ends() -> None:
    clock = FakeClock()
    limiter = Limiter(clock.monotonic)
    verdicts = [limiter.take("a", TEN) for _ in range(11)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 10 + [False]
    clock.forward(seconds=9.5)
    assert (limiter.take("a", TEN).allowed, limiter.take("a", TEN).reset_s) == (False, 1)
    clock.forward(seconds=0.5)
    assert limiter.take("a", TEN).allowed


def test_keys_and_limits_are_counted_apart() -> None:
    limiter = Limiter(FakeClock().monotonic)
    for _ in range(10):
        limiter.take("a", TEN)
    assert limiter.take("b", TEN).remaining == 9
    assert limiter.take("a", Limit("other", 10, 10)).remaining == 9


def test_a_flood_of_keys_does_not_fill_the_memory() -> None:
    limiter = Limiter(FakeClock().monotonic, most_keys=100)
    for number in range(1_000):
        limiter.take(str(number), TEN)
    assert len(limiter) <= 100


def test_ended_windows_are_forgotten() -> None:
    clock = FakeClock()
    limiter = Limiter(clock.monotonic)
    for number in range(50):
        limiter.take(str(number), TEN)
    clock.forward(seconds=11)
    limiter.take("fresh", TEN)
    assert len(limiter) == 1


@given(st.lists(st.floats(0, 1.5), max_size=80))
def test_no_ten_seconds_ever_see_more_than_two_windows_of_uses(pauses: list[float]) -> None:
    clock = FakeClock()
    limiter = Limiter(clock.monotonic)
    times = []
    for pause in pauses:
        clock.forward(seconds=pause)
        if limiter.take("a", TEN).allowed:
            times.append(clock.monotonic())
    assert all(later - earlier >= 9.999 for earlier, later in zip(times, times[20:], strict=False))
