"""Leaving: the account's end from Settings, and `/receipt`, where anybody checks the proof of one."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from audiospective.privacy import receipt
from audiospective.web.api.account import deleted
from audiospective.web.forms import fields
from audiospective.web.rendering import render
from audiospective.web.views.leaving import deleted_view, receipt_view
from audiospective.web.visitor import Asked, Listener, Whoever, WithParts, forget, leave


@post("/settings/delete", status_code=200, include_in_schema=False)
async def delete_account(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """Delete everything of whoever typed their display name; the page that follows holds the receipt."""
    gone = await deleted(request, parts, person, (await fields(request)).get("confirm", ""))
    forget(request)
    response = render(request, "pages/deleted.html", deleted_view(gone.records, gone.receipt))
    leave(response, parts.settings)
    return response


@get("/receipt", include_in_schema=False)
async def check(request: Asked, parts: WithParts, visitor: Whoever) -> Response[bytes]:  # noqa: ARG001 (the page greets whom it knows)
    """What a deletion receipt states, if this instance signed it."""
    given = request.query_params.get("r", "")
    return render(request, "pages/receipt.html", receipt_view(given, receipt.read(parts.sealer, given)))


routes: tuple[ControllerRouterHandler, ...] = (delete_account, check)
