"""`/dashboard`: a range at a glance."""

from __future__ import annotations

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from audiospective.accounts.people import Person
from audiospective.bootstrap import Parts
from audiospective.reports import ask
from audiospective.reports.dashboard import dashboard
from audiospective.web.rendering import render
from audiospective.web.views.dashboard import dashboard_view
from audiospective.web.views.deck import deck
from audiospective.web.visitor import Asked


@get("/dashboard", include_in_schema=False)
async def show(request: Asked, parts: Parts, person: Person) -> Response[bytes]:
    """The dashboard of `?range=`, seven days unless told."""
    spelling = request.query_params.get("range", "7d")
    async with parts.db.reading() as conn:
        listening = await ask.listening(conn, parts.cache, person, spelling, parts.clock.now())
        found = await dashboard(conn, listening)
        shown = await deck(conn, parts, person)
    return render(request, "pages/dashboard.html", dashboard_view(found, shown, listening.zone, listening.now))


routes: tuple[ControllerRouterHandler, ...] = (show,)
