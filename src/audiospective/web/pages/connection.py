"""`/settings/spotify`: how the permission stands, where notices go, and the way out of Spotify that keeps the archive."""

from __future__ import annotations

from dataclasses import dataclass

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from audiospective.accounts import grants, people
from audiospective.accounts.people import Person
from audiospective.archive.plays import UserId
from audiospective.bootstrap import Parts
from audiospective.collect import disconnecting
from audiospective.errors import Invalid
from audiospective.infra.language import say
from audiospective.web.forms import back_to, fields
from audiospective.web.rendering import render
from audiospective.web.views.permission import Permission, permission
from audiospective.web.views.words import long_day
from audiospective.web.visitor import Asked, Listener, WithParts


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """The view of templates/pages/settings_spotify.html; `leaving` says when what Spotify told goes, "" when nothing does."""

    permission: Permission | None
    leaving: str
    mail: str
    mail_note: str
    problem: str


@get("/settings/spotify", include_in_schema=False)
async def show(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """The page."""
    return await _page(request, parts, person)


@post("/settings/notices", status_code=303, include_in_schema=False)
async def send_notices(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """Where notices go from now on; an empty address ends them."""
    given = (await fields(request)).get("mail", "").strip()
    try:
        async with parts.db.transaction() as conn:
            await people.set_mail(conn, person.id, given)
    except Invalid as error:
        return await _page(request, parts, person, given=given, problem=error.message)
    return back_to("/settings/spotify")


@post("/settings/leave-spotify", status_code=303, include_in_schema=False)
async def leave(parts: WithParts, person: Listener) -> Response[bytes]:
    """Leave Spotify, and forget what its list told."""
    async with parts.db.transaction() as conn:
        await disconnecting.leave(conn, UserId(person.id), parts.clock.now())
    return back_to("/settings/spotify")


async def _page(request: Asked, parts: Parts, person: Person, *, given: str = "", problem: str = "") -> Response[bytes]:
    async with parts.db.reading() as conn:
        state = await grants.state(conn, person.id)
        goes = await disconnecting.forgets_at(conn, UserId(person.id))
        mail = given or await people.mail(conn, person.id)
    can_send = parts.settings.alerts.smtp_url is not None
    view = ConnectionView(
        permission=permission(state, parts.clock.now()),
        leaving=say("What Spotify’s list told is deleted on {day}, unless you connect again before.", day=long_day(goes.date()))
        if goes
        else "",
        mail=mail[:254],
        mail_note=say("Leave it empty to get none.")
        if can_send
        else say("This instance has no mail server yet; pages and your calendar tell you."),
        problem=problem,
    )
    return render(request, "pages/settings_spotify.html", view, status=400 if problem else 200)


routes: tuple[ControllerRouterHandler, ...] = (show, send_notices, leave)
