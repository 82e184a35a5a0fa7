"""How it goes: over time, how new, how regular (contract.md §4, `/api/analytics/…`); our own questions are in chapters.py."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from litestar import get
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler

from audiospective.infra.language import spoken
from audiospective.insights.trends import Interval
from audiospective.reports import answers, genres
from audiospective.reports.answers import DiscoveryAnswer, StreaksAnswer, TrendsAnswer
from audiospective.reports.genres import DiversityAnswer
from audiospective.web.api.answers import Range, heard
from audiospective.web.unchanged import unchanged
from audiospective.web.visitor import Listener, WithParts

Step: TypeAlias = Annotated[Interval, QueryParameter(description="hour, day, week or month")]


@get("/api/analytics/trends", middleware=[unchanged])
async def trends(parts: WithParts, person: Listener, range: Range = "all", interval: Step = Interval.DAY) -> TrendsAnswer:  # noqa: A002
    """Every step of a range, empty ones with 0; weeks begin on Monday, or on Sunday where the listener’s language has it so."""
    async with heard(parts, person, range) as (_, listening):
        return answers.trends(listening, interval, spoken().first_weekday)


@get("/api/analytics/discovery", middleware=[unchanged])
async def discovery(parts: WithParts, person: Listener, range: Range = "all") -> DiscoveryAnswer:  # noqa: A002
    """How much of a range was heard for the first time."""
    async with heard(parts, person, range) as (_, listening):
        return answers.discovery(listening)


@get("/api/analytics/streaks", middleware=[unchanged])
async def streaks(parts: WithParts, person: Listener) -> StreaksAnswer:
    """Days in a row with a play, on the listener's clock; over everything."""
    async with heard(parts, person, "all") as (_, listening):
        return answers.streaks(listening)


@get("/api/analytics/diversity", middleware=[unchanged])
async def diversity(parts: WithParts, person: Listener, range: Range = "all") -> DiversityAnswer:  # noqa: A002
    """How varied a range is, by genre and by artist."""
    async with heard(parts, person, range) as (conn, listening):
        return await genres.diversity(conn, listening)


routes: tuple[ControllerRouterHandler, ...] = (trends, discovery, streaks, diversity)
