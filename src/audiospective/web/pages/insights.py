"""`/insights`: our own questions, in chapters; `/year/2024`: what a year was."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from audiospective.errors import NotFound
from audiospective.insights.zones import Zone
from audiospective.reports import ask, share
from audiospective.reports.insights import InsightsAnswer, insights
from audiospective.reports.share import Wanted
from audiospective.web.api.answers import Range, heard
from audiospective.web.rendering import render
from audiospective.web.unchanged import unchanged, unchanged_page
from audiospective.web.views.deck import deck
from audiospective.web.views.insights import insights_view
from audiospective.web.views.year import year_view
from audiospective.web.visitor import Asked, Listener, WithParts


@get("/insights", include_in_schema=False, middleware=[unchanged_page])
async def show(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """The page over `?range=`, a year unless it says otherwise."""
    async with heard(parts, person, request.query_params.get("range") or "365d") as (conn, listening):
        found = await insights(conn, listening)
        shown = await deck(conn, parts, person)
    return render(request, "pages/insights.html", insights_view(found, shown, Zone.named(person.time_zone)))


@get("/year/{spelling:str}", include_in_schema=False, middleware=[unchanged_page])
async def year(request: Asked, parts: WithParts, person: Listener, spelling: FromPath[str]) -> Response[bytes]:
    """A year (2024) or a month (2024-03): what it was."""
    if not (spelling[:4].isdigit() and len(spelling) in {4, 7}):
        raise NotFound("A year is written like 2024, a month like 2024-03.")
    async with parts.db.reading() as conn:
        listening = await ask.listening(conn, parts.cache, person, spelling, parts.clock.now())
        report = await share.freeze(conn, listening, Wanted(spelling))
        found = await insights(conn, listening)
        shown = await deck(conn, parts, person)
    return render(request, "pages/year.html", year_view(report, found, shown, Zone.named(person.time_zone)))


@get("/api/insights", middleware=[unchanged])
async def answers(parts: WithParts, person: Listener, range: Range = "365d") -> InsightsAnswer:  # noqa: A002 (the parameter's public name)
    """Sessions, milestones, obsessions, what is forgotten, this day in other years, skips."""
    async with heard(parts, person, range) as (conn, listening):
        return await insights(conn, listening)


routes: tuple[ControllerRouterHandler, ...] = (show, year, answers)
