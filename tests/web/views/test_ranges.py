"""The range picker: what it calls the days, and what lies beside them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from audiospective.insights.period import parse
from audiospective.insights.top import By
from audiospective.insights.zones import Zone
from audiospective.web.views.ranges import RangePicker, range_picker

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)


def picker(spelling: str, by: By = By.PLAYS) -> RangePicker:
    return range_picker(parse(spelling, NOW, Zone("UTC")), date(2026, 3, 18), by)


@pytest.mark.parametrize(
    ("spelling", "earlier", "later"),
    [
        ("7d", "2026-03-05..2026-03-11", ""),
        ("2025", "2024", "2026"),
        ("2026", "2025", ""),
        ("2025-12", "2025-11", "2026-01"),
        ("2026-03", "2026-02", ""),
        ("2026-03-02..2026-03-08", "2026-02-23..2026-03-01", "2026-03-09..2026-03-15"),
        ("all", "", ""),
        ("1900", "", "1901"),
        ("2999", "2998", ""),
    ],
)
def test_the_same_width_before_and_after(spelling: str, earlier: str, later: str) -> None:
    shown = picker(spelling)
    assert shown.earlier == (f"/dashboard?range={earlier}" if earlier else "")
    assert shown.later == (f"/dashboard?range={later}" if later else "")


def test_counting_by_time_is_kept_by_every_range() -> None:
    shown = picker("7d", By.TIME)
    assert all(one.href.endswith("&by=time") for one in shown.ranges)
    assert ([one.is_current for one in shown.ways], shown.by) == ([False, True], "time")


def test_what_is_shown_stands_in_the_fields() -> None:
    assert (picker("30d").first, picker("30d").last, picker("30d").spelling) == ("2026-02-17", "2026-03-18", "30d")
