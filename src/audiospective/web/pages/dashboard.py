"""`/dashboard`: a range at a glance."""

from __future__ import annotations

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from audiospective.infra.language import spoken
from audiospective.reports import ask
from audiospective.reports.completeness import complete
from audiospective.reports.dashboard import dashboard
from audiospective.web.asked import days_instead, way_of
from audiospective.web.rendering import render
from audiospective.web.unchanged import unchanged_page
from audiospective.web.views.dashboard import dashboard_view
from audiospective.web.views.deck import deck
from audiospective.web.visitor import Asked, Listener, WithParts


@get("/dashboard", include_in_schema=False, middleware=[unchanged_page])
async def show(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """The dashboard of `?range=` (or `?from=` and `?to=`, two days), else of the shortest usual range with plays; `?by=time` ranks so."""
    given, now = request.query_params, parts.clock.now()
    if given.get("from") and given.get("to"):
        return days_instead(given, "/dashboard")
    spelling, by = given.get("range"), way_of(given)
    async with parts.db.reading() as conn:
        if spelling is None:
            listening = await ask.lately(conn, parts.cache, person, now)
        else:
            listening = await ask.listening(conn, parts.cache, person, spelling, now)
        found = await dashboard(conn, listening, by, spoken().first_weekday)
        shown = await deck(conn, parts, person)
        whole = await complete(conn, listening)
    return render(
        request, "pages/dashboard.html", dashboard_view(found, shown, listening.zone, listening.now, complete=whole, lens=listening.lens)
    )


routes: tuple[ControllerRouterHandler, ...] = (show,)
