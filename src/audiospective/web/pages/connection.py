"""`/settings/spotify`: how the permission stands, and the way out of Spotify that keeps the archive."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from audiospective.accounts import grants
from audiospective.accounts.people import Person
from audiospective.archive.plays import UserId
from audiospective.bootstrap import Parts
from audiospective.collect import disconnecting
from audiospective.infra.language import say
from audiospective.web.forms import back_to
from audiospective.web.rendering import render
from audiospective.web.views.permission import Permission, permission
from audiospective.web.views.words import long_day
from audiospective.web.visitor import Asked, Listener, WithParts


class ConnectionView(msgspec.Struct, frozen=True):
    """The view of templates/pages/settings_spotify.html; `leaving` says when what Spotify told goes, "" when nothing does."""

    permission: Permission | None
    leaving: str


@get("/settings/spotify", include_in_schema=False)
async def show(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """The page."""
    return await _page(request, parts, person)


@post("/settings/leave-spotify", status_code=303, include_in_schema=False)
async def leave(parts: WithParts, person: Listener) -> Response[bytes]:
    """Leave Spotify, and forget what its list told."""
    async with parts.db.transaction() as conn:
        await disconnecting.leave(conn, UserId(person.id), parts.clock.now())
    return back_to("/settings/spotify")


async def _page(request: Asked, parts: Parts, person: Person) -> Response[bytes]:
    async with parts.db.reading() as conn:
        state = await grants.state(conn, person.id)
        goes = await disconnecting.forgets_at(conn, UserId(person.id))
    said = say("What Spotify’s list told is deleted on {day}, unless you connect again before.", day=long_day(goes.date())) if goes else ""
    return render(request, "pages/settings_spotify.html", ConnectionView(permission(state, parts.clock.now()), said))


routes: tuple[ControllerRouterHandler, ...] = (show, leave)
