"""What was heard: totals, tops, hours, the newest plays, and how they compare with before (contract.md §4)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, TypeAlias

from litestar import get
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler

from audiospective.accounts.people import Person
from audiospective.bootstrap import Parts
from audiospective.errors import Invalid
from audiospective.infra.database import Connection
from audiospective.insights.listening import Listening
from audiospective.insights.period import Period, parse
from audiospective.insights.top import By
from audiospective.reports import answers, ask, completeness
from audiospective.reports import genres as genres_of
from audiospective.reports.answers import (
    ActivityAnswer,
    ComparisonAnswer,
    RecentPlays,
    StatsAnswer,
    TopAlbums,
    TopArtists,
    TopTracks,
)
from audiospective.reports.completeness import GapsAnswer
from audiospective.reports.finding import Filter, find
from audiospective.reports.genres import GenresAnswer
from audiospective.web.unchanged import unchanged
from audiospective.web.visitor import Listener, WithParts

Range: TypeAlias = Annotated[
    str, QueryParameter(description="1d, 7d, 30d, 90d, 365d, all, a year (2024), a month (2024-03) or days (2024-01-01..2024-03-31)")
]
Against: TypeAlias = Annotated[str, QueryParameter(description="another range to compare with, as `range`; the one before if left out")]
Limit: TypeAlias = Annotated[int, QueryParameter(ge=1, le=50, description="a whole number from 1 to 50")]
Way: TypeAlias = Annotated[By, QueryParameter(description="plays or time")]
PageSize: TypeAlias = Annotated[int, QueryParameter(ge=1, le=100, description="a whole number from 1 to 100")]
Cursor: TypeAlias = Annotated[str | None, QueryParameter(description="the `next` of the page before")]


Query: TypeAlias = Annotated[str, QueryParameter(description="words that track, artist or album must hold")]
Id: TypeAlias = Annotated[int | None, QueryParameter(description="an id as other answers give it", ge=1, le=2**31 - 1)]
Said: TypeAlias = Annotated[str, QueryParameter(description="a source as plays give it, like spotify-extended")]


@contextlib.asynccontextmanager
async def heard(parts: Parts, person: Person, spelling: str) -> AsyncIterator[tuple[Connection, Listening]]:
    """The person's listening over a range, and the reading transaction that it was seen in."""
    async with parts.db.reading() as conn:
        yield conn, await ask.listening(conn, parts.cache, person, spelling, parts.clock.now())


@get("/api/stats", middleware=[unchanged])
async def stats(parts: WithParts, person: Listener, range: Range = "all") -> StatsAnswer:  # noqa: A002 (the parameter's public name)
    """Totals of a range."""
    async with heard(parts, person, range) as (_, listening):
        return answers.stats(listening)


@get("/api/top-tracks", middleware=[unchanged])
async def top_tracks(parts: WithParts, person: Listener, range: Range = "all", limit: Limit = 10, by: Way = By.PLAYS) -> TopTracks:  # noqa: A002
    """Most played tracks; ties go to the one that was played first."""
    async with heard(parts, person, range) as (conn, listening):
        return await answers.top_tracks(conn, listening, limit, by=by)


@get("/api/top-artists", middleware=[unchanged])
async def top_artists(parts: WithParts, person: Listener, range: Range = "all", limit: Limit = 10, by: Way = By.PLAYS) -> TopArtists:  # noqa: A002
    """Most played artists; ties go to the one that was played first."""
    async with heard(parts, person, range) as (conn, listening):
        return await answers.top_artists(conn, listening, limit, by=by)


@get("/api/top-albums", middleware=[unchanged])
async def top_albums(parts: WithParts, person: Listener, range: Range = "all", limit: Limit = 10, by: Way = By.PLAYS) -> TopAlbums:  # noqa: A002
    """Most played albums; ties go to the one that was played first."""
    async with heard(parts, person, range) as (conn, listening):
        return await answers.top_albums(conn, listening, limit, by=by)


@get("/api/genres", middleware=[unchanged])
async def genres(parts: WithParts, person: Listener, range: Range = "all") -> GenresAnswer:  # noqa: A002
    """Plays by genre, as far as Spotify told the artists' genres."""
    async with heard(parts, person, range) as (conn, listening):
        return await genres_of.genres(conn, listening)


@get("/api/activity", middleware=[unchanged])
async def activity(parts: WithParts, person: Listener, range: Range = "all") -> ActivityAnswer:  # noqa: A002
    """Plays by hour and weekday on the listener's clock; day 0 is Sunday."""
    async with heard(parts, person, range) as (_, listening):
        return answers.activity(listening)


@get("/api/recent-plays", middleware=[unchanged])
async def recent_plays(
    parts: WithParts,
    person: Listener,
    *,
    range: Range = "all",  # noqa: A002
    limit: PageSize = 20,
    before: Cursor = None,
    q: Query = "",
    track: Id = None,
    artist: Id = None,
    album: Id = None,
    source: Said = "",
) -> RecentPlays:
    """The newest plays, a page at a time: all of them, or those that are looked for."""
    wanted = Filter(q, track, artist, album, source)
    async with heard(parts, person, range) as (conn, listening):
        return await answers.recent_plays(conn, await find(conn, listening, wanted), limit, before)


@get("/api/comparison", middleware=[unchanged])
async def comparison(parts: WithParts, person: Listener, range: Range = "7d", against: Against = "") -> ComparisonAnswer:  # noqa: A002
    """A range beside the same length before it, or beside the one that `against` names."""
    async with heard(parts, person, range) as (_, listening):
        return answers.comparison(listening, _other(against, listening))


def _other(against: str, listening: Listening) -> Period | None:
    try:
        return parse(against, listening.now, listening.zone) if against else None
    except Invalid as error:
        raise Invalid(str(error), field="against") from error


@get("/api/gaps")
async def gaps(parts: WithParts, person: Listener, range: Range = "all") -> GapsAnswer:  # noqa: A002
    """The completeness ledger: what is proven, and what is missing with its reason."""
    async with heard(parts, person, range) as (conn, listening):
        return await completeness.gaps(conn, listening)


routes: tuple[ControllerRouterHandler, ...] = (stats, top_tracks, top_artists, top_albums, genres, activity, recent_plays, comparison, gaps)
