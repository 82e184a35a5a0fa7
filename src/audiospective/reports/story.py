"""A range told whole: everything that `/insights` and `/year` show, asked once while neither the archive nor the day has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary

import msgspec

from audiospective.archive.plays import History
from audiospective.infra.database import Connection
from audiospective.insights.lens import Lens
from audiospective.insights.listening import Listening
from audiospective.insights.period import Period
from audiospective.insights.top import By
from audiospective.insights.trends import Interval
from audiospective.insights.zones import Zone, day_of
from audiospective.reports import answers, chapters
from audiospective.reports.answers import ActivityAnswer, ComparisonAnswer, DiscoveryAnswer, StreaksAnswer, TrendsAnswer
from audiospective.reports.chapter_answers import (
    CalendarAnswer,
    CohortsAnswer,
    DecadesAnswer,
    ErasAnswer,
    FavouritesAnswer,
    FirstsAnswer,
    MovementAnswer,
    Of,
    PlacesAnswer,
    RunsAnswer,
    SeasonsAnswer,
    SkipsByArtistAnswer,
    SpokenAnswer,
    TasteAnswer,
)
from audiospective.reports.genres import DiversityAnswer, diversity
from audiospective.reports.insights import InsightsAnswer, insights

_SHOWN, _FEW = 8, 5
#: Steps of the time line: weeks up to here, then months.
_WEEKS_UP_TO = 800
_MOST_TOLD = 8


class Tops(msgspec.Struct, frozen=True):
    """The top of a range beside the period before."""

    tracks: MovementAnswer
    artists: MovementAnswer
    albums: MovementAnswer
    genres: MovementAnswer


@dataclass(frozen=True, slots=True)
class Story:
    """All answers of one range, of the same plays. `first_day` is the archive's, None without a play; `steps` are weeks or months."""

    period: Period
    by: By
    today: date
    first_day: date | None
    ever: int
    compared: ComparisonAnswer
    own: InsightsAnswer
    tops: Tops
    activity: ActivityAnswer
    calendar: CalendarAnswer
    steps: TrendsAnswer
    streaks: StreaksAnswer
    runs: RunsAnswer
    discovery: DiscoveryAnswer
    new_artists: FirstsAnswer
    cohorts: CohortsAnswer
    favourites: FavouritesAnswer
    diversity: DiversityAnswer
    eras: ErasAnswer
    taste: TasteAnswer
    decades: DecadesAnswer
    seasons: SeasonsAnswer
    places: PlacesAnswer
    skips: SkipsByArtistAnswer
    spoken: SpokenAnswer


#: Stories live as long as the history that they were made of; a changed archive is another history.
_told: WeakKeyDictionary[History, dict[tuple[Period, Zone, Lens, date, By], Story]] = WeakKeyDictionary()


async def story(conn: Connection, listening: Listening, by: By = By.PLAYS) -> Story:
    """The story of a range, from memory if it was told today."""
    kept = _told.setdefault(listening.history, {})
    key = (listening.period, listening.zone, listening.lens, listening.zone.today(listening.now), by)
    if key not in kept:
        found = await tell(conn, listening, by)
        if len(kept) >= _MOST_TOLD:
            kept.clear()
        kept[key] = found
    return kept[key]


async def tell(conn: Connection, listening: Listening, by: By = By.PLAYS) -> Story:
    """The story of a range, told anew."""
    everything = listening.everything
    days = (int(listening.day.max()) - int(listening.day.min())) if len(listening) else 0
    return Story(
        period=listening.period,
        by=by,
        today=listening.zone.today(listening.now),
        first_day=day_of(everything.day.min()) if len(everything) else None,
        ever=len(everything),
        compared=answers.comparison(listening),
        own=await insights(conn, listening),
        tops=await _tops(conn, listening, by),
        activity=answers.activity(listening),
        calendar=chapters.calendar(listening),
        steps=answers.trends(listening, Interval.WEEK if days <= _WEEKS_UP_TO else Interval.MONTH),
        streaks=answers.streaks(listening),
        runs=chapters.runs(listening, _FEW),
        discovery=answers.discovery(listening),
        new_artists=await chapters.firsts(conn, listening, Of.ARTISTS, _SHOWN),
        cohorts=chapters.cohorts(listening),
        favourites=chapters.favourites(listening),
        diversity=await diversity(conn, listening),
        eras=await chapters.eras(conn, listening),
        taste=await chapters.taste(conn, listening),
        decades=await chapters.decades(conn, listening),
        seasons=await chapters.seasons(conn, listening),
        places=await chapters.places(conn, listening),
        skips=await chapters.skips(conn, listening, _FEW),
        spoken=await chapters.spoken(conn, listening),
    )


async def _tops(conn: Connection, listening: Listening, by: By) -> Tops:
    return Tops(
        await chapters.movement(conn, listening, Of.TRACKS, _SHOWN, by=by),
        await chapters.movement(conn, listening, Of.ARTISTS, _SHOWN, by=by),
        await chapters.movement(conn, listening, Of.ALBUMS, _SHOWN, by=by),
        await chapters.movement(conn, listening, Of.GENRES, _SHOWN),
    )
