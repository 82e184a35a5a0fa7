"""What years were: our own questions beside the contract's (`/api/analytics/…`)."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from litestar import get
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler

from audiospective.insights.top import By
from audiospective.reports import chapters
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
from audiospective.web.api.answers import Limit, Range, Way, heard
from audiospective.web.unchanged import unchanged
from audiospective.web.visitor import Listener, WithParts

What: TypeAlias = Annotated[Of, QueryParameter(description="tracks, artists, albums or genres")]


@get("/api/analytics/eras", middleware=[unchanged])
async def eras(parts: WithParts, person: Listener, range: Range = "all") -> ErasAnswer:  # noqa: A002 (the parameter's public name)
    """Chapters: where taste changed and stayed changed, named by the artists that belong to each."""
    async with heard(parts, person, range) as (conn, listening):
        return await chapters.eras(conn, listening)


@get("/api/analytics/seasons", middleware=[unchanged])
async def seasons(parts: WithParts, person: Listener, range: Range = "all") -> SeasonsAnswer:  # noqa: A002
    """The four quarters of all years, and who belongs to each."""
    async with heard(parts, person, range) as (conn, listening):
        return await chapters.seasons(conn, listening)


@get("/api/analytics/cohorts", middleware=[unchanged])
async def cohorts(parts: WithParts, person: Listener, range: Range = "all") -> CohortsAnswer:  # noqa: A002
    """What became of the artists that each month brought."""
    async with heard(parts, person, range) as (_, listening):
        return chapters.cohorts(listening)


@get("/api/analytics/decades", middleware=[unchanged])
async def decades(parts: WithParts, person: Listener, range: Range = "all") -> DecadesAnswer:  # noqa: A002
    """Plays by decade of release, and of how many it is known."""
    async with heard(parts, person, range) as (conn, listening):
        return await chapters.decades(conn, listening)


@get("/api/analytics/places", middleware=[unchanged])
async def places(parts: WithParts, person: Listener, range: Range = "all") -> PlacesAnswer:  # noqa: A002
    """Kinds of devices and countries, where an export tells them."""
    async with heard(parts, person, range) as (conn, listening):
        return await chapters.places(conn, listening)


@get("/api/analytics/calendar", middleware=[unchanged])
async def calendar(parts: WithParts, person: Listener, range: Range = "all") -> CalendarAnswer:  # noqa: A002
    """Plays of every day of every year."""
    async with heard(parts, person, range) as (_, listening):
        return chapters.calendar(listening)


@get("/api/analytics/firsts", middleware=[unchanged])
async def firsts(parts: WithParts, person: Listener, range: Range = "all", of: What = Of.ARTISTS, limit: Limit = 10) -> FirstsAnswer:  # noqa: A002
    """First and last times of what the range brought, the latest discovery first; genres are told by their artists."""
    async with heard(parts, person, range) as (conn, listening):
        return await chapters.firsts(conn, listening, of, limit)


@get("/api/analytics/movement", middleware=[unchanged])
async def movement(
    parts: WithParts,
    person: Listener,
    *,
    range: Range = "30d",  # noqa: A002
    of: What = Of.ARTISTS,
    limit: Limit = 10,
    by: Way = By.PLAYS,
) -> MovementAnswer:
    """Places won and lost against the period before; genres are counted by plays."""
    async with heard(parts, person, range) as (conn, listening):
        return await chapters.movement(conn, listening, of, limit, by=By.PLAYS if of is Of.GENRES else by)


@get("/api/analytics/taste", middleware=[unchanged])
async def taste(parts: WithParts, person: Listener, range: Range = "all") -> TasteAnswer:  # noqa: A002
    """The largest genres or artists, month by month or quarter by quarter."""
    async with heard(parts, person, range) as (conn, listening):
        return await chapters.taste(conn, listening)


@get("/api/analytics/favourites", middleware=[unchanged])
async def favourites(parts: WithParts, person: Listener, range: Range = "all") -> FavouritesAnswer:  # noqa: A002
    """How much of the plays the most played artists hold."""
    async with heard(parts, person, range) as (_, listening):
        return chapters.favourites(listening)


@get("/api/analytics/runs", middleware=[unchanged])
async def runs(parts: WithParts, person: Listener, range: Range = "all", limit: Limit = 10) -> RunsAnswer:  # noqa: A002
    """The longest runs of days with a play."""
    async with heard(parts, person, range) as (_, listening):
        return chapters.runs(listening, limit)


@get("/api/analytics/skips", middleware=[unchanged])
async def skips(parts: WithParts, person: Listener, range: Range = "all", limit: Limit = 10) -> SkipsByArtistAnswer:  # noqa: A002
    """Whose tracks are skipped, whose are heard to their end."""
    async with heard(parts, person, range) as (conn, listening):
        return await chapters.skips(conn, listening, limit)


@get("/api/analytics/spoken", middleware=[unchanged])
async def spoken(parts: WithParts, person: Listener, range: Range = "all") -> SpokenAnswer:  # noqa: A002
    """Podcasts and audiobooks, which are never counted as tracks."""
    async with heard(parts, person, range) as (conn, listening):
        return await chapters.spoken(conn, listening)


routes: tuple[ControllerRouterHandler, ...] = (
    eras,
    seasons,
    cohorts,
    decades,
    places,
    calendar,
    firsts,
    movement,
    taste,
    favourites,
    runs,
    skips,
    spoken,
)
