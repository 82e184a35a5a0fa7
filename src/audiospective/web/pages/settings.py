"""`/settings`: name, zone, theme, tokens, permission, the way out."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from audiospective.accounts import grants, lenses, sessions, tokens
from audiospective.accounts.people import Person
from audiospective.archive.plays import UserId
from audiospective.bootstrap import Parts
from audiospective.collect.disconnect import disconnect
from audiospective.reports import calendar, share
from audiospective.web.forms import back_to, fields
from audiospective.web.rendering import render
from audiospective.web.views.access import access_view
from audiospective.web.views.deck import deck
from audiospective.web.views.permission import permission
from audiospective.web.views.settings import settings_view
from audiospective.web.visitor import Asked, Listener, WithParts, credentials, leave


@get("/settings", include_in_schema=False)
async def show(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """The page."""
    return await _page(request, parts, person, is_saved="saved" in request.query_params)


@post("/settings/tokens", status_code=200, include_in_schema=False)
async def add_token(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """A new personal token, shown this once."""
    given = await fields(request)
    async with parts.db.transaction() as conn:
        made = await tokens.issue(conn, person.id, given.get("name", ""), parts.clock.now())
    return await _page(request, parts, person, new_token=made)


@post("/settings/tokens/revoke", status_code=303, include_in_schema=False)
async def revoke_token(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """End a personal token."""
    given = await fields(request)
    async with parts.db.transaction() as conn:
        await tokens.revoke(conn, person.id, given.get("id", ""))
    return back_to("/settings#tokens-title")


@post("/settings/sessions/end", status_code=303, include_in_schema=False)
async def end_session(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """Sign another browser out."""
    given = await fields(request)
    async with parts.db.transaction() as conn:
        await sessions.end_one(conn, person.id, given.get("id", ""))
    return back_to("/settings#access")


@post("/settings/disconnect", status_code=303, include_in_schema=False)
async def disconnect_spotify(parts: WithParts, person: Listener) -> Response[bytes]:
    """Let go of Spotify; the archive stays."""
    async with parts.db.transaction() as conn:
        await disconnect(conn, person.id, parts.clock.now())
    return back_to("/settings#spotify")


@post("/settings/sign-out-everywhere", status_code=303, include_in_schema=False)
async def sign_out_everywhere(parts: WithParts, person: Listener) -> Response[bytes]:
    """End every session of this person, this one too."""
    async with parts.db.transaction() as conn:
        await sessions.end_all(conn, person.id)
    response = back_to("/")
    leave(response, parts.settings)
    return response


async def _page(request: Asked, parts: Parts, person: Person, *, new_token: str = "", is_saved: bool = False) -> Response[bytes]:
    now = parts.clock.now()
    async with parts.db.reading() as conn:
        state = await grants.state(conn, person.id)
        listed = await tokens.listed(conn, person.id)
        wanted = await lenses.wanted(conn, person.id)
        shares = await share.own(conn, UserId(person.id))
        signed_in = await sessions.listed(conn, person.id, now)
        shown = await deck(conn, parts, person)
    view = settings_view(
        person,
        shown,
        listed,
        permission(state, now),
        now,
        wanted=wanted,
        calendar=f"{parts.settings.app_url}/calendar/{calendar.name(parts.sealer, person.id)}.ics",
        shares=shares,
        access=access_view(person, state, signed_in, credentials(request.scope, parts.settings).session or "", now),
        new_token=new_token,
        is_saved=is_saved,
    )
    return render(request, "pages/settings.html", view)


routes: tuple[ControllerRouterHandler, ...] = (show, add_token, revoke_token, end_session, disconnect_spotify, sign_out_everywhere)
