"""`/imports`: what came from where, and the door for more."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from audiospective.accounts.people import Person
from audiospective.bootstrap import Parts
from audiospective.collect.imports import run
from audiospective.insights.zones import Zone
from audiospective.reports import ask
from audiospective.reports.completeness import complete
from audiospective.reports.imports import RehearsalAnswer
from audiospective.web.api.imports import rehearsal
from audiospective.web.api.uploads import MAX_UPLOAD, OVERHEAD
from audiospective.web.rendering import render
from audiospective.web.views.deck import deck
from audiospective.web.views.imports import imports_view
from audiospective.web.visitor import Asked, Listener, WithParts


@get("/imports", include_in_schema=False)
async def show(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """The newest import large, all of them in a table."""
    return await _page(request, parts, person)


@post("/imports/rehearsal", status_code=200, include_in_schema=False, request_max_body_size=MAX_UPLOAD + OVERHEAD)
async def rehearse(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """The page, and on it what an import of these files would bring."""
    return await _page(request, parts, person, await rehearsal(request, parts, person))


async def _page(request: Asked, parts: Parts, person: Person, foretold: RehearsalAnswer | None = None) -> Response[bytes]:
    now = parts.clock.now()
    async with parts.db.reading() as conn:
        rows = await run.listed(conn, person.id)
        newest = await run.status(conn, person.id, rows[0].id) if rows else None
        shown = await deck(conn, parts, person)
        whole = await complete(conn, await ask.listening(conn, parts.cache, person, "all", now))
    spotify = parts.settings.spotify
    made_up = f"{spotify.accounts_url}/account/privacy" if spotify.simulated else ""
    view = imports_view(shown, newest, rows, Zone(person.time_zone), complete=whole, now=now, made_up=made_up, foretold=foretold)
    return render(request, "pages/imports.html", view)


routes: tuple[ControllerRouterHandler, ...] = (show, rehearse)
