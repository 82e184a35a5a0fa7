"""`/imports`: what came from where, and the door for more."""

from __future__ import annotations

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from audiospective.collect.imports import run
from audiospective.insights.zones import Zone
from audiospective.reports import ask
from audiospective.reports.completeness import complete
from audiospective.web.rendering import render
from audiospective.web.views.deck import deck
from audiospective.web.views.imports import imports_view
from audiospective.web.visitor import Asked, Listener, WithParts


@get("/imports", include_in_schema=False)
async def show(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """The newest import large, all of them in a table."""
    async with parts.db.reading() as conn:
        rows = await run.listed(conn, person.id)
        newest = await run.status(conn, person.id, rows[0].id) if rows else None
        shown = await deck(conn, parts, person)
        whole = await complete(conn, await ask.listening(conn, parts.cache, person, "all", parts.clock.now()))
    spotify = parts.settings.spotify
    made_up = f"{spotify.accounts_url}/account/privacy" if spotify.simulated else ""
    view = imports_view(shown, newest, rows, Zone(person.time_zone), complete=whole, made_up=made_up)
    return render(request, "pages/imports.html", view)


routes: tuple[ControllerRouterHandler, ...] = (show,)
