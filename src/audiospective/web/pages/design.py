"""`/design`: every component in every state, in development only."""

from __future__ import annotations

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from audiospective.errors import NotFound
from audiospective.web.rendering import icons, render
from audiospective.web.views.design import design_view
from audiospective.web.visitor import Asked, Whoever, WithParts


@get("/design", include_in_schema=False)
async def show(request: Asked, parts: WithParts, visitor: Whoever) -> Response[bytes]:  # noqa: ARG001 (asked for so that the page greets whom it knows)
    """The page; nothing in it is anybody's."""
    if parts.settings.is_production:
        raise NotFound("There is nothing at this address.")
    return render(request, "pages/design.html", design_view(tuple(icons())))


routes: tuple[ControllerRouterHandler, ...] = (show,)
