"""What a range means."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from audiospective.errors import Invalid
from audiospective.insights.period import parse
from audiospective.insights.zones import Zone

LATE = datetime(2026, 3, 18, 23, 30, tzinfo=UTC)


def days(spelling: str, zone: str = "UTC") -> tuple[date | None, date | None]:
    period = parse(spelling, LATE, Zone(zone))
    return period.first_day, period.last_day


def test_seven_days_are_today_and_the_six_before() -> None:
    assert days("7d") == (date(2026, 3, 12), date(2026, 3, 18))


def test_today_is_the_listeners_today() -> None:
    assert days("1d", "Asia/Tokyo") == (date(2026, 3, 19), date(2026, 3, 19))


@pytest.mark.parametrize(
    ("spelling", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-01-01..2024-03-31", date(2024, 1, 1), date(2024, 3, 31)),
        ("2024-01-01..2024-01-01", date(2024, 1, 1), date(2024, 1, 1)),
    ],
)
def test_years_months_and_days_include_their_ends(spelling: str, first: date, last: date) -> None:
    assert days(spelling) == (first, last)


def test_everything_has_no_ends() -> None:
    assert days("all") == (None, None)


@pytest.mark.parametrize(
    "bad", ["", "7", "8d", "2024-13", "2024-02-30..2024-03-01", "2024-03-02..2024-03-01", "0000", "٢٠٢٤", "all ", "x" * 10_000]
)
def test_anything_else_is_refused_with_what_would_be_right(bad: str) -> None:
    with pytest.raises(Invalid, match=r"isn't a range: use 1d, 7d") as caught:
        parse(bad, LATE, Zone("UTC"))
    assert (caught.value.field, len(caught.value.message) < 250) == ("range", True)


@pytest.mark.parametrize(
    ("spelling", "first", "last"),
    [
        ("2024", date(2023, 1, 1), date(2023, 12, 31)),
        ("2024-03", date(2024, 2, 1), date(2024, 2, 29)),
        ("7d", date(2026, 3, 5), date(2026, 3, 11)),
    ],
)
def test_a_range_is_compared_with_the_one_before(spelling: str, first: date, last: date) -> None:
    before = parse(spelling, LATE, Zone("UTC")).previous()
    assert before is not None
    assert (before.first_day, before.last_day) == (first, last)


@pytest.mark.parametrize("spelling", ["0001-01-01..9999-12-31", "9999", "1899-12", "3000"])
def test_the_ends_of_the_calendar_are_out_of_reach(spelling: str) -> None:
    with pytest.raises(Invalid, match="1900 to 2999"):
        parse(spelling, LATE, Zone("UTC"))
