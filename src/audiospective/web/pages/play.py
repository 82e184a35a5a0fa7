"""`/play/{id}`: one play, and who said that it was heard."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from audiospective.archive.plays import UserId
from audiospective.insights.zones import Zone
from audiospective.reports.play import PlayAnswer, play
from audiospective.web.rendering import render
from audiospective.web.unchanged import unchanged_page
from audiospective.web.views.deck import deck
from audiospective.web.views.play import play_view
from audiospective.web.visitor import Asked, Listener, WithParts


@get("/play/{play_id:str}", include_in_schema=False, middleware=[unchanged_page])
async def show(request: Asked, parts: WithParts, person: Listener, play_id: FromPath[str]) -> Response[bytes]:
    """The page of a play."""
    async with parts.db.reading() as conn:
        found = await play(conn, UserId(person.id), play_id)
        shown = await deck(conn, parts, person)
    return render(request, "pages/play.html", play_view(found, shown, Zone.named(person.time_zone)))


@get("/api/plays/{play_id:str}")
async def told(parts: WithParts, person: Listener, play_id: FromPath[str]) -> PlayAnswer:
    """One play by the id that `recent-plays` gives it: every source that reported it, and the import that brought each."""
    async with parts.db.reading() as conn:
        return await play(conn, UserId(person.id), play_id)


routes: tuple[ControllerRouterHandler, ...] = (show, told)
