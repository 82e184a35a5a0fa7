"""`/insights`: a life in music in chapters; `/year/2024`: what a year was, as a magazine."""

from __future__ import annotations

import re

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from audiospective.errors import NotFound
from audiospective.reports.completeness import complete
from audiospective.reports.insights import InsightsAnswer, insights
from audiospective.reports.story import story
from audiospective.web.api.answers import Range, heard
from audiospective.web.asked import days_instead, way_of
from audiospective.web.rendering import render
from audiospective.web.unchanged import unchanged, unchanged_page
from audiospective.web.views.deck import deck
from audiospective.web.views.insights import insights_view
from audiospective.web.views.year import year_view
from audiospective.web.visitor import Asked, Listener, WithParts

_YEAR = re.compile(r"\d{4}(-\d{2})?|\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}", re.ASCII)


@get("/insights", include_in_schema=False, middleware=[unchanged_page])
async def show(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """The chapters of `?range=` (or `?from=` and `?to=`), a year unless it says otherwise; `?by=time` ranks so."""
    given = request.query_params
    if given.get("from") and given.get("to"):
        return days_instead(given, "/insights")
    async with heard(parts, person, given.get("range") or "365d") as (conn, listening):
        told = await story(conn, listening, way_of(given))
        shown = await deck(conn, parts, person)
        whole = await complete(conn, listening)
    return render(request, "pages/insights.html", insights_view(told, shown, listening.zone, whole, listening.lens))


@get("/year/{spelling:str}", include_in_schema=False, middleware=[unchanged_page])
async def year(request: Asked, parts: WithParts, person: Listener, spelling: FromPath[str]) -> Response[bytes]:
    """A year (2024), a month (2024-03) or days (2024-01-01..2024-03-31): what they were."""
    if not _YEAR.fullmatch(spelling):
        raise NotFound("A year is written like 2024, a month like 2024-03, days like 2024-01-01..2024-03-31.")
    async with heard(parts, person, spelling) as (conn, listening):
        told = await story(conn, listening, way_of(request.query_params))
        shown = await deck(conn, parts, person)
        whole = await complete(conn, listening)
    return render(request, "pages/year.html", year_view(told, shown, listening.zone, whole, listening.lens))


@get("/api/insights", middleware=[unchanged])
async def answers(parts: WithParts, person: Listener, range: Range = "365d") -> InsightsAnswer:  # noqa: A002 (the parameter's public name)
    """Sessions, milestones, obsessions, what is forgotten, this day in other years, skips."""
    async with heard(parts, person, range) as (conn, listening):
        return await insights(conn, listening)


routes: tuple[ControllerRouterHandler, ...] = (show, year, answers)
