"""`/`: what it is, in the listener's own terms; whoever is signed in goes on to the dashboard."""

from __future__ import annotations

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from audiospective.operations.notices import Board
from audiospective.web.forms import back_to
from audiospective.web.pages.auth import safe_path
from audiospective.web.rendering import render
from audiospective.web.views.about import about_view
from audiospective.web.views.landing import landing_view
from audiospective.web.visitor import Asked, Whoever, WithParts


@get("/", include_in_schema=False)
async def landing(request: Asked, parts: WithParts, visitor: Whoever) -> Response[bytes]:
    """The front page."""
    if visitor is not None:
        return back_to("/dashboard")
    query = request.query_params
    board: Board = request.app.state.notices
    told = await board.read(parts.db, parts.clock.now())
    view = landing_view(safe_path(query.get("next")), query.get("session") == "ended", parts.clock.now().date(), told)
    return render(request, "pages/landing.html", view)


@get("/privacy", include_in_schema=False)
async def privacy(request: Asked, parts: WithParts, visitor: Whoever) -> Response[bytes]:  # noqa: ARG001 (asked for so that the page greets whom it knows)
    """What is kept, and what isn't."""
    return render(request, "pages/privacy.html", about_view(parts.settings))


@get("/help", include_in_schema=False)
async def answers(request: Asked, parts: WithParts, visitor: Whoever) -> Response[bytes]:  # noqa: ARG001 (as above)
    """What people ask."""
    return render(request, "pages/help.html", about_view(parts.settings))


@get("/terms", include_in_schema=False)
async def terms(request: Asked, visitor: Whoever) -> Response[bytes]:  # noqa: ARG001 (asked for so that the page greets whom it knows)
    """Under what terms."""
    return render(request, "pages/terms.html", None)


routes: tuple[ControllerRouterHandler, ...] = (landing, privacy, terms, answers)
