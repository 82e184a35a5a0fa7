"""Days and hours as the listener's clocks showed them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.errors import Invalid
from audiospective.insights.zones import Zone, day_of, ordinal

_SECONDS = st.lists(
    st.integers(int(datetime(2006, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2037, 1, 1, tzinfo=UTC).timestamp())), max_size=30
)
_ODD = [
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Europe/Lisbon",
    "Pacific/Apia",
]


@given(_SECONDS, st.sampled_from(_ODD))
def test_every_moment_has_the_day_and_hour_that_its_zone_says(seconds: list[int], name: str) -> None:
    ended_at = np.array(sorted(seconds), np.int64) * 1_000_000
    zone = Zone.named(name)
    shown = [datetime.fromtimestamp(second, ZoneInfo(name)) for second in sorted(seconds)]
    assert [day_of(day) for day in zone.days(ended_at)] == [moment.date() for moment in shown]
    assert zone.hours(ended_at).tolist() == [moment.hour for moment in shown]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_days_of_23_and_25_hours_have_as_many(day: date, hours: int) -> None:
    begin = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - 86_400
    ended_at = np.arange(begin, begin + 4 * 86_400, 3600, dtype=np.int64) * 1_000_000
    assert int((Zone("Europe/Berlin").days(ended_at) == ordinal(day)).sum()) == hours


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/localtime", "UTC'; --", "x" * 1_000_000])
def test_only_names_of_zones_are_zones(name: str) -> None:
    with pytest.raises(Invalid) as caught:
        Zone.named(name)
    assert caught.value.field == "timeZone"
    assert len(caught.value.message) < 200


_DAYS = st.dates(date(2008, 1, 1), date(2035, 1, 1))


@given(_SECONDS, st.lists(st.tuples(st.sampled_from(_ODD), _DAYS), max_size=3, unique_by=lambda one: one[1]), st.sampled_from(_ODD))
def test_who_moved_has_the_clock_of_where_they_were(seconds: list[int], moves: list[tuple[str, date]], last: str) -> None:
    moves.sort(key=lambda one: one[1])
    ends = [(name, datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(name)).timestamp()) for name, day in moves]
    zone = Zone.named("".join(f"{name}<{day};" for name, day in moves) + last)
    shown = []
    for second in sorted(seconds):
        where = next((name for name, end in ends if second < end), last)
        shown.append(datetime.fromtimestamp(second, ZoneInfo(where)))
    ended_at = np.array(sorted(seconds), np.int64) * 1_000_000
    assert zone.hours(ended_at).tolist() == [moment.hour for moment in shown]
    assert [day_of(day) for day in zone.days(ended_at)] == [moment.date() for moment in shown]
    assert [zone.local(moment) for moment in shown] == shown
    assert (zone.current, zone.lived) == (last, tuple(moves))


@pytest.mark.parametrize("name", ["Asia/Tokyo;Europe/Lisbon", "Asia/Tokyo<x;Europe/Lisbon", "Mars<2019-01-01;UTC", "UTC;" * 900])
def test_only_moves_from_zone_to_zone_are_moves(name: str) -> None:
    with pytest.raises(Invalid):
        Zone.named(name)
