"""The chapters of a listener's insights, and a year of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import msgspec

from audiospective.insights.lens import Lens
from audiospective.insights.period import Period
from audiospective.insights.top import By
from audiospective.insights.zones import Zone
from audiospective.reports import chapter_answers as told
from audiospective.reports import insights as found
from audiospective.reports.answers import (
    ActivityAnswer,
    ArtistName,
    ComparisonAnswer,
    DiscoveryAnswer,
    StatsAnswer,
    Step,
    StreakAnswer,
    StreaksAnswer,
    TrackAnswer,
    TrendsAnswer,
)
from audiospective.reports.genres import ArtistDiversity, DiversityAnswer, GenreDiversity
from audiospective.reports.play import PlayAnswer, WitnessAnswer
from audiospective.reports.story import Story, Tops
from audiospective.web.views.deck import Deck
from audiospective.web.views.insights import InsightsView, insights_view
from audiospective.web.views.made_up import HOLES
from audiospective.web.views.play import PlayPage, play_view
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


def named(name: str, number: int | None = 7) -> told.Named:
    """An artist, album, track or genre of this name."""
    return told.Named(number, name, name, "spotify7", "https://i.scdn.co/image/a")


def a_story(now: datetime, hostile: str, spelling: str = "all", period: Period | None = None) -> Story:
    """Years of it, with something in each chapter."""
    one, played = named(hostile), told.Played(named(hostile), 61)
    moved = [told.MovedAnswer(one, 90, 60, 1, 4, 3), told.MovedAnswer(one, 60, 0, 2, None, None), told.MovedAnswer(one, 50, 70, 3, 1, -2)]
    top = told.MovementAnswer(spelling, "artists", "plays", True, moved, [told.MovedAnswer(one, 0, 40, None, 2, None)])
    totals = StatsAnswer(143_880, 9_000, 812, 2_100, 9_120.4, 32_833_440_000, now - timedelta(days=3_900), now)
    days = [told.YearOfDaysAnswer(year, 300, [(at * 7 + year) % 53 for at in range(366 - bool(year % 4))]) for year in range(2023, 2027)]
    eras = [
        told.EraAnswer(date(2023, 1, 1), date(2024, 6, 30), 70_000, 0.0, [played] * 3),
        told.EraAnswer(date(2024, 7, 1), now.date(), 73_880, 0.31, [played]),
    ]
    steps = [Step(f"{2023 + at // 12}-{at % 12 + 1:02d}-01", 900 + at * 31 % 400, 60, 20) for at in range(46)]
    streams = [told.StreamAnswer(one, [at * 13 % 50 + 5 for at in range(15)]) for _ in range(6)] + [told.StreamAnswer(None, [40] * 15)]
    kept = [{"3": 4, "12": 2, "36": None}, {"3": 1, "12": None, "36": None}]
    cohorts = [told.CohortAnswer(f"202{3 + at // 12}-{at % 12 + 1:02d}", 9, kept[at % 2], at == 0) for at in range(30)]
    skipped = told.ArtistSkipsAnswer(one, 40, 12, 30.0, 71.5)
    return Story(
        period=period or Period("all", None, None),
        by=By.PLAYS,
        today=now.date(),
        first_day=date(2023, 1, 1),
        ever=143_880,
        compared=ComparisonAnswer(spelling, totals, totals, {}),
        own=msgspec.structs.replace(an_answer(now, hostile), range=spelling),
        tops=Tops(top, top, top, top),
        activity=ActivityAnswer(
            spelling, {str(at): at * 5 % 17 for at in range(24)}, dict.fromkeys(map(str, range(7)), 9), [[1] * 24] * 7, 168
        ),
        calendar=told.CalendarAnswer(spelling, days),
        steps=TrendsAnswer("month", spelling, steps),
        streaks=StreaksAnswer(
            StreakAnswer(3, date(2026, 11, 20), now.date()), StreakAnswer(41, date(2025, 1, 1), date(2025, 2, 10)), 900, 1400
        ),
        runs=told.RunsAnswer(spelling, [StreakAnswer(41, date(2025, 1, 1), date(2025, 2, 10)), StreakAnswer(1, None, None)]),
        discovery=DiscoveryAnswer(spelling, 143_880, 812, 8_188, 9.0, 16.0),
        new_artists=told.FirstsAnswer(spelling, "artists", 812, [told.FirstAnswer(one, now - timedelta(days=9), now, 14)]),
        cohorts=told.CohortsAnswer(spelling, cohorts),
        favourites=told.FavouritesAnswer(spelling, 812, 31, 38.0, [at * at / 4 for at in range(21)]),
        diversity=DiversityAnswer(spelling, GenreDiversity(71.0, 14, 143_880, []), ArtistDiversity(71.0, 812, 143_880, 0.01)),
        eras=told.ErasAnswer(spelling, 0.01, eras),
        taste=told.TasteAnswer(spelling, "artists", [date(2023 + at // 4, at % 4 * 3 + 1, 1) for at in range(15)], streams),
        decades=told.DecadesAnswer(spelling, 143_880, 61.0, 1997, [told.DecadeAnswer(1970 + 10 * at, at * 300 + 1) for at in range(6)]),
        seasons=told.SeasonsAnswer(spelling, [told.SeasonAnswer([1, 2, 3], 900, played, 71.0)] * 4),
        places=told.PlacesAnswer(spelling, 900, 800, [told.PlaceAnswer("Android", 800)], 700, [told.PlaceAnswer("PT", 700)]),
        skips=told.SkipsByArtistAnswer(spelling, [skipped], [skipped]),
        spoken=told.SpokenAnswer(spelling, 412, 90_000_000, [played], [told.SpokenPlay(one, now, 1_200_000)]),
    )


def quiet(now: datetime, hostile: str, spelling: str, period: Period, *, spoken: bool) -> Story:
    """A range without music, of somebody who has heard some or has only heard podcasts."""
    full = a_story(now, hostile, spelling, period)
    zero = StatsAnswer(0, 0, 0, 0, 0.0, 0, None, None)
    none = told.MovementAnswer(spelling, "artists", "plays", False, [], [])
    return replace(
        full,
        compared=ComparisonAnswer(spelling, zero, None, {}),
        own=msgspec.structs.replace(nothing(), range=spelling),
        tops=Tops(none, none, none, none),
        calendar=told.CalendarAnswer(spelling, []),
        steps=TrendsAnswer("week", spelling, []),
        eras=told.ErasAnswer(spelling, 0.01, []),
        first_day=None if spoken else full.first_day,
        spoken=full.spoken if spoken else told.SpokenAnswer(spelling, 0, 0, [], []),
    )


_YEAR = Period("2026", date(2026, 1, 1), date(2026, 12, 31))
_MONTH = Period("2026-03", date(2026, 3, 1), date(2026, 3, 31))
_DAYS = Period("2026-03-01..2026-04-12", date(2026, 3, 1), date(2026, 4, 12))
_LONG_AGO = Period("1999", date(1999, 1, 1), date(1999, 12, 31))


def chapters(now: datetime, hostile: str, deck: Deck, zone: Zone) -> Iterator[tuple[str, InsightsView]]:
    """The page: full, of few plays, empty, of podcasts alone."""
    few = replace(
        a_story(now, hostile, "2026", _YEAR),
        eras=told.ErasAnswer("2026", 0.01, []),
        taste=told.TasteAnswer("2026", "artists", [], []),
        cohorts=told.CohortsAnswer("2026", []),
        decades=told.DecadesAnswer("2026", 3, 0.0, None, []),
        favourites=told.FavouritesAnswer("2026", 1, 1, 100.0, [0.0, 100.0]),
        skips=told.SkipsByArtistAnswer("2026", [], []),
        places=told.PlacesAnswer("2026", 3, 0, [], 0, []),
        new_artists=told.FirstsAnswer("2026", "artists", 0, []),
    )
    yield "full", insights_view(a_story(now, hostile), deck, zone, HOLES, Lens(min_ms=0))
    yield "few", insights_view(few, deck, zone, HOLES, Lens())
    yield "empty", insights_view(quiet(now, hostile, "1999", _LONG_AGO, spoken=False), deck, zone, HOLES, Lens())
    yield "podcasts", insights_view(quiet(now, hostile, "2026", _YEAR, spoken=True), deck, zone, HOLES, Lens())


def years(now: datetime, hostile: str, deck: Deck, zone: Zone) -> Iterator[tuple[str, YearView]]:
    """A year, a month, some days, and one without plays."""
    for name, period in (("2026", _YEAR), ("month", _MONTH), ("days", _DAYS)):
        yield name, year_view(a_story(now, hostile, period.spelling, period), deck, zone, HOLES, Lens())
    yield "empty", year_view(quiet(now, hostile, "1999", _LONG_AGO, spoken=False), deck, zone, HOLES, Lens())


def a_play(now: datetime, hostile: str, deck: Deck, zone: Zone) -> Iterator[tuple[str, PlayPage]]:
    """A play of three sources, and one of a sweep alone."""
    song = TrackAnswer(7, hostile, "track7", 200_000, None, [ArtistName(hostile, None)])
    export = WitnessAnswer("spotify-extended", now, 201_000, hostile, "PT", 3, hostile, [hostile], True)
    sweep = WitnessAnswer("spotify-api", now, None, None, None, None, None, [], False)
    client = WitnessAnswer("scrobble", now, 200_000, None, None, None, None, [], False)
    yield "three", play_view(PlayAnswer("1-7", now, song, [export, sweep, client]), deck, zone)
    yield "one", play_view(PlayAnswer("1-7", now, song, [sweep]), deck, zone)


def telling(now: datetime, hostile: str, deck: Deck, zone: Zone) -> Iterator[tuple[str, str, object]]:
    """All of them: name, template, view."""
    yield from ((f"insights-{name}", "pages/insights.html", view) for name, view in chapters(now, hostile, deck, zone))
    yield from ((f"year-{name}", "pages/year.html", view) for name, view in years(now, hostile, deck, zone))
    yield from ((f"play-{name}", "pages/play.html", view) for name, view in a_play(now, hostile, deck, zone))
