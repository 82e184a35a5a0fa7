"""F20: days of 23 and 25 hours, quarter-hour zones, people who move: days and weeks sum to the total, whatever the clock does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.insights.lens import Lens
from audiospective.insights.listening import see
from audiospective.insights.period import parse
from audiospective.insights.trends import Interval, trends
from audiospective.insights.zones import Zone
from tests.cast import Played, history_of

_ZONES = (
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Europe/Lisbon",
    "Pacific/Apia",
    "Africa/Casablanca",
)
_MOVER = "Pacific/Apia<2011-12-29;Europe/Lisbon<2020-03-29;Australia/Lord_Howe"


@given(
    st.sampled_from((*_ZONES, _MOVER)),
    st.lists(st.integers(0, 20 * 365 * 24 * 60), min_size=1, max_size=60),
)
def test_days_weeks_and_months_sum_to_the_total(zone_name: str, minutes: list[int]) -> None:
    zone, now = Zone(zone_name), datetime(2026, 3, 18, tzinfo=UTC)
    played = [Played(now - timedelta(minutes=minute)) for minute in minutes]
    seen = see(history_of(played), zone, parse("all", now, zone), Lens(min_ms=0), now)
    for interval in (Interval.DAY, Interval.WEEK, Interval.MONTH):
        assert sum(one.plays for one in trends(seen, interval)) == len(minutes), interval


@pytest.mark.parametrize("zone", [*_ZONES, _MOVER])
def test_the_days_of_a_year_hold_each_of_its_hours_once(zone: str) -> None:
    there, now = Zone(zone), datetime(2026, 3, 18, tzinfo=UTC)
    begin = datetime(2011, 1, 3, tzinfo=UTC)
    played = history_of([Played(begin + timedelta(hours=hour)) for hour in range(2 * 365 * 24)])
    whole = see(played, there, parse("all", now, there), Lens(min_ms=0), now)
    counted = sum(len(whole.over(parse(year, now, there))) for year in ("2010", "2011", "2012", "2013"))
    assert counted == len(whole) == len(played)
