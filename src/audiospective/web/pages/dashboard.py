"""`/dashboard`: a range at a glance."""

from __future__ import annotations

from urllib.parse import urlencode

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from audiospective.errors import Invalid
from audiospective.insights.top import By
from audiospective.reports import ask
from audiospective.reports.completeness import complete
from audiospective.reports.dashboard import dashboard
from audiospective.web.forms import back_to
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
        said = {"range": f"{given['from']}..{given['to']}"} | ({"by": given["by"]} if given.get("by") else {})
        return back_to(f"/dashboard?{urlencode(said)}")
    spelling, by = given.get("range"), _by(given.get("by", ""))
    async with parts.db.reading() as conn:
        if spelling is None:
            listening = await ask.lately(conn, parts.cache, person, now)
        else:
            listening = await ask.listening(conn, parts.cache, person, spelling, now)
        found = await dashboard(conn, listening, by)
        shown = await deck(conn, parts, person)
        whole = await complete(conn, listening)
    return render(
        request, "pages/dashboard.html", dashboard_view(found, shown, listening.zone, listening.now, complete=whole, lens=listening.lens)
    )


def _by(given: str) -> By:
    try:
        return By(given or By.PLAYS)
    except ValueError as error:
        raise Invalid(f"“{given[:60]}” isn't possible; count by plays or by time.", field="by") from error


routes: tuple[ControllerRouterHandler, ...] = (show,)
