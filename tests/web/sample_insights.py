"""The chapters of a listener's insights, and a year of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec

from audiospective.insights.zones import Zone
from audiospective.reports import insights as found
from audiospective.reports.answers import ArtistName, TrackAnswer
from audiospective.reports.share import Report
from audiospective.web.views.deck import Deck
from audiospective.web.views.insights import InsightsView, insights_view
from audiospective.web.views.year import YearView, year_view


def an_answer(now: datetime, hostile: str) -> found.InsightsAnswer:
    """Every chapter has something to say."""
    song = TrackAnswer(7, hostile, "track7", 200_000, None, [ArtistName(hostile, None)])
    longest = found.SessionAnswer(now - timedelta(hours=5), now, 71, 15_000_000)
    return found.InsightsAnswer(
        "365d",
        found.SessionsAnswer(
            812,
            9.4,
            1_800_000,
            longest,
            [hour * 3 % 17 for hour in range(24)],
            [found.OpenerAnswer(song, 31)],
            [found.OpenerAnswer(song, 12)],
        ),
        [found.MilestoneAnswer("plays", 10_000, now, song), found.MilestoneAnswer("artists", 1_000, now, song)],
        found.ReturnAnswer(song, now - timedelta(days=2_900), now),
        [found.ObsessionAnswer(date(2026, 3, 2), song, 61, 210)],
        [found.ForgottenAnswer(song, 140, now - timedelta(days=800))],
        [found.DayAnswer(date(2019, 11, 22), 41, song, 6)],
        found.SkipsAnswer(9_000, 3_100, 34.4),
    )


def nothing() -> found.InsightsAnswer:
    """No chapter has."""
    sat = found.SessionsAnswer(0, 0.0, 0, None, [0] * 24, [], [])
    return found.InsightsAnswer("30d", sat, [], None, [], [], [], found.SkipsAnswer(0, 0, 0.0))


def chapters(now: datetime, hostile: str, deck: Deck, zone: Zone) -> Iterator[tuple[str, InsightsView]]:
    """The page, full and empty."""
    yield "full", insights_view(an_answer(now, hostile), deck, zone)
    yield "empty", insights_view(nothing(), deck, zone)


def years(report: Report, now: datetime, deck: Deck, zone: Zone) -> Iterator[tuple[str, YearView]]:
    """A year, a month, and one without plays."""
    told = an_answer(now, report.title)
    yield "2026", year_view(msgspec.structs.replace(report, range="2026"), told, deck, zone)
    yield "month", year_view(msgspec.structs.replace(report, range="2026-03"), told, deck, zone)
    assert report.numbers is not None
    numbers = msgspec.structs.replace(report.numbers, plays=0)
    empty = msgspec.structs.replace(report, range="1999", numbers=numbers, artists=[])
    yield "empty", year_view(empty, replace_range(nothing()), deck, zone)


def replace_range(one: found.InsightsAnswer) -> found.InsightsAnswer:
    """The same of another year."""
    return msgspec.structs.replace(one, range="1999")
