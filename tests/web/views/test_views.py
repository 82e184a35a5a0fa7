"""Numbers, dates and plurals as people read them; a dashboard in every state."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from audiospective.collect.sweep import ArchiveStatus, RequestState
from audiospective.insights.zones import Zone
from audiospective.web.views import words
from audiospective.web.views.deck import from_status
from audiospective.web.views.landing import landing_view

NOW = datetime(2026, 3, 18, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 3, 18), date(2026, 3, 18), "18 March 2026"),
        (date(2026, 3, 12), date(2026, 3, 18), "12–18 Mar 2026"),
        (date(2026, 2, 17), date(2026, 3, 18), "17 Feb\u2009–\u200918 Mar 2026"),
        (date(2025, 3, 19), date(2026, 3, 18), "19 Mar 2025\u2009–\u200918 Mar 2026"),
    ],
)
def test_a_span_is_said_as_short_as_its_days_allow(first: date, last: date, said: str) -> None:
    assert words.span(first, last) == said


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=12), "12 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=5), "5 days ago"),
        (timedelta(seconds=-5), "just now"),
    ],
)
def test_how_long_ago(gone: timedelta, said: str) -> None:
    assert words.ago(NOW - gone, NOW) == said


@pytest.mark.parametrize(("count", "said"), [(0, "0 plays"), (1, "1 play"), (12_345, "12,345 plays")])
def test_plurals(count: int, said: str) -> None:
    assert words.counted(count, "play", "plays") == said


@pytest.mark.parametrize(
    ("now", "before", "direction", "said"),
    [(12, 10, "up", "20%"), (9, 10, "down", "10%"), (5, 5, "same", ""), (3, 0, "new", ""), (0, 0, "same", "")],
)
def test_a_change_in_per_cent(now: int, before: int, direction: str, said: str) -> None:
    assert words.percent_change(now, before) == words.Delta(direction, said)


@pytest.mark.parametrize(
    ("ms", "said"),
    [(0, "0<small> min</small>"), (3_600_000, "1<small> h </small>0<small> min</small>"), (400 * 3_600_000, "400<small> h</small>")],
)
def test_time_heard(ms: int, said: str) -> None:
    assert words.hours_and_minutes(ms) == said


@pytest.mark.parametrize(
    ("days_ago", "said"), [(0, "21:40"), (1, "Sat 21:40"), (6, "Mon 21:40"), (7, "15 Nov"), (325, "1 Jan"), (326, "31 Dec 2025")]
)
def test_when_something_was_heard_last(days_ago: int, said: str) -> None:
    today = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
    assert words.clock(today - timedelta(days=days_ago), today.date()) == said


def status(state: RequestState | None) -> ArchiveStatus:
    return ArchiveStatus(1 if state else None, state, 0, "", NOW - timedelta(minutes=12), NOW + timedelta(minutes=30))


def test_the_deck_says_when_it_was_and_when_it_will_be() -> None:
    assert from_status(status(None), NOW, Zone("Europe/Berlin")).line == "12 min ago, next 23:00"


@pytest.mark.parametrize("state", [RequestState.QUEUED, RequestState.RUNNING])
def test_the_deck_is_busy_while_a_request_runs(state: RequestState) -> None:
    assert from_status(status(state), NOW, Zone("UTC")).is_running


def test_the_front_page_is_the_same_all_day() -> None:
    assert landing_view("/dashboard", False, NOW.date()).rings is landing_view("/imports", True, NOW.date()).rings
