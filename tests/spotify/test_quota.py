"""One budget, four lanes: what is left for each, what is learned, and what is remembered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.infra.database import Connection
from audiospective.spotify import quota
from audiospective.spotify.quota import METADATA_A_DAY, Budget, Lane
from tests.clock import FakeClock

_calls = st.dictionaries(st.sampled_from(list(Lane)), st.integers(0, 3000))


@given(_calls, st.integers(300, 5000))
def test_a_lane_never_has_more_left_than_the_one_before_it(day: dict[Lane, int], calls_a_day: int) -> None:
    budget = Budget(calls_a_day, day, {})
    assert budget.left(Lane.SIGN_IN) >= budget.left(Lane.WAITING) >= budget.left(Lane.METADATA) >= 0


@given(_calls)
def test_while_spotify_never_said_enough_only_metadata_is_bounded(day: dict[Lane, int]) -> None:
    budget = Budget(None, day, {})
    assert min(budget.left(lane) for lane in (Lane.SIGN_IN, Lane.SWEEP, Lane.WAITING)) > 100_000
    assert budget.left(Lane.METADATA) == max(METADATA_A_DAY - day.get(Lane.METADATA, 0), 0)


@given(st.integers(300, 50_000))
def test_sweeps_of_a_day_spread_over_its_hours(calls_a_day: int) -> None:
    spent = 0
    for _ in range(24):
        allowed = Budget(calls_a_day, {Lane.SWEEP: spent}, {}).left(Lane.SWEEP)
        assert allowed > 0
        spent += allowed
    assert spent <= calls_a_day


async def test_what_was_spent_when_spotify_said_enough_is_the_quota_for_a_week(conn: Connection, clock: FakeClock) -> None:
    await quota.spend(conn, "app", Lane.SWEEP, 900, clock.now())
    await quota.spend(conn, "app", Lane.METADATA, 244, clock.forward(hours=2))
    assert await quota.learn(conn, "app", clock.now()) == 1144
    assert (await quota.budget(conn, "app", clock.forward(days=6))).calls_a_day == 1144
    assert (await quota.budget(conn, "app", clock.forward(days=2))).calls_a_day is None


async def test_calls_leave_the_window_after_a_day(conn: Connection, clock: FakeClock) -> None:
    await quota.spend(conn, "app", Lane.SWEEP, 5, clock.now())
    await quota.spend(conn, "app", Lane.SWEEP, 7, clock.forward(hours=23))
    assert (await quota.budget(conn, "app", clock.now())).spent == 12
    assert (await quota.budget(conn, "app", clock.forward(hours=2))).spent == 7
    assert await quota.forget(conn, clock.forward(days=3)) == 2


async def test_apps_have_budgets_of_their_own(conn: Connection, clock: FakeClock) -> None:
    await quota.spend(conn, "app", Lane.SWEEP, 5, clock.now())
    assert (await quota.budget(conn, "another", clock.now())).spent == 0


@pytest.mark.parametrize("lane", list(Lane))
async def test_in_a_pause_no_lane_may_call(conn: Connection, clock: FakeClock, lane: Lane) -> None:
    await quota.pause(conn, "app", clock.now() + timedelta(hours=3))
    assert (await quota.budget(conn, "app", clock.now())).left(lane) == 0


async def test_the_longest_pause_counts_for_every_worker(conn: Connection, clock: FakeClock) -> None:
    long = clock.now() + timedelta(hours=3)
    await quota.pause(conn, "app", long)
    await quota.pause(conn, "app", clock.now() + timedelta(seconds=30))
    assert await quota.paused_until(conn, "app", clock.now()) == long
    assert await quota.paused_until(conn, "another", clock.now()) is None
    assert await quota.paused_until(conn, "app", clock.forward(hours=3)) is None
