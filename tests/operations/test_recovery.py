"""It is over when thirty minutes in a row were well; a breach, or a minute that nobody looked at, begins the count anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from audiospective.infra import histogram
from audiospective.infra.database import Database
from audiospective.operations import recovery
from audiospective.operations.machine import Look
from audiospective.operations.measures import Cell
from tests.clock import FakeClock

UNTIL = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LOOKS = [Look(UNTIL - timedelta(minutes=back), "1", True, True, 9, 1, 0.1) for back in range(1, 41)]


def _cell(back: int, class_: str, ms: float, count: int) -> Cell:
    buckets = histogram.empty()
    buckets[histogram.place(ms)] = count
    return Cell(UNTIL - timedelta(minutes=back), "page", class_, buckets)


def test_half_an_hour_is_enough() -> None:
    assert recovery.well_minutes([], LOOKS, UNTIL) == 30


@pytest.mark.parametrize("back", [2, 7, 29])
def test_a_minute_without_a_look_ends_the_row(back: int) -> None:
    assert recovery.well_minutes([], [one for one in LOOKS if one.at != UNTIL - timedelta(minutes=back)], UNTIL) == back - 1


def test_the_newest_minute_may_still_be_looked_at() -> None:
    assert recovery.well_minutes([], LOOKS[1:], UNTIL) == 30


@pytest.mark.parametrize("bad", [{"is_well": False}, {"connections": 50}, {"cpu_ratio": 0.8}])
def test_a_breach_begins_the_count_anew(bad: dict[str, object]) -> None:
    looks = [replace(one, **bad) if place == 9 else one for place, one in enumerate(LOOKS)]  # type: ignore[arg-type]  # what a test says
    assert recovery.well_minutes([], looks, UNTIL) == 9


def test_failed_and_slow_requests_do_too() -> None:
    assert recovery.well_minutes([_cell(5, "2xx", 40, 90), _cell(5, "5xx", 40, 1)], LOOKS, UNTIL) == 4
    assert recovery.well_minutes([_cell(5, "2xx", 1400, 9)], LOOKS, UNTIL) == 4


async def test_without_requests_nothing_is_known_of_errors(db: Database, clock: FakeClock) -> None:
    found = await recovery.look(db, clock.now())
    assert found["recovery.error_ratio"].problem
    assert found["recovery.well_minutes"].value == 0
