"""`/auth/scrobbler`: a scrobbler asks for a key of its own, and its listener says yes."""

from __future__ import annotations

from urllib.parse import quote

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from audiospective.accounts import scrobblers
from audiospective.infra.language import say
from audiospective.web.forms import back_to, fields
from audiospective.web.rendering import render
from audiospective.web.views.scrobbler import ScrobblerView
from audiospective.web.visitor import Asked, Listener, WithParts


@get("/api/auth", include_in_schema=False)
async def sent_here(request: Asked) -> Response[bytes]:
    """Where clients of Last.fm send their listener."""
    return back_to(f"/auth/scrobbler?token={quote(request.query_params.get('token', ''), safe='')}")


@get("/auth/scrobbler", include_in_schema=False)
async def show(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:  # noqa: ARG001 (somebody must be signed in)
    """The question."""
    token = request.query_params.get("token", "")
    if not scrobblers.is_asked(parts.sealer, token, parts.clock.now()):
        note = say("It asked more than an hour ago, or not here. Let it ask again.")
        return render(request, "pages/scrobbler.html", ScrobblerView(say("This scrobbler’s question is over."), note, ""), 404)
    note = say(
        "It may then send what it hears into your archive, and read and change what a personal token can. "
        "Say yes only if you have just set one up yourself. Settings lists it, and ends it."
    )
    return render(request, "pages/scrobbler.html", ScrobblerView(say("May this scrobbler send here?"), note, token))


@post("/auth/scrobbler", status_code=200, include_in_schema=False)
async def allow(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """Yes."""
    given, now = await fields(request), parts.clock.now()
    async with parts.db.transaction() as conn:
        name = say("Scrobbler")
        await scrobblers.allow(conn, parts.sealer, person.id, given.get("token", ""), name=name, now=now)
    done = ScrobblerView(say("It may."), say("Go back to the scrobbler; it goes on from there."), "")
    return render(request, "pages/scrobbler.html", done)


routes: tuple[ControllerRouterHandler, ...] = (sent_here, show, allow)
