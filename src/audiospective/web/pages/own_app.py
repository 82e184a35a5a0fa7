"""`/settings/app`: a listener brings a Spotify app of their own, and is told beforehand what Spotify will refuse."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from audiospective.accounts import apps
from audiospective.accounts.people import Person
from audiospective.bootstrap import Parts
from audiospective.errors import Conflict, Invalid
from audiospective.infra.language import say
from audiospective.spotify import oauth
from audiospective.spotify.errors import Refused
from audiospective.web.forms import back_to, fields
from audiospective.web.rendering import render
from audiospective.web.retold import retold
from audiospective.web.views.own_app import own_app_view
from audiospective.web.visitor import Asked, Listener, WithParts


@get("/settings/app", include_in_schema=False)
async def show(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """The page."""
    return await _page(request, parts, person)


@post("/settings/app", status_code=303, include_in_schema=False)
async def bring(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """Keep the app, once Spotify has said that its two keys belong together."""
    form = await fields(request)
    client_id, secret = form.get("client_id", "").strip(), form.get("client_secret", "").strip()
    try:
        apps.check(client_id, secret)
        await oauth.prove(parts.spotify.as_app(client_id, secret))
        async with parts.db.transaction() as conn:
            await apps.bring(conn, parts.spotify, parts.sealer, person.id, client_id=client_id, secret=secret, now=parts.clock.now())
    except Refused as error:
        problem = say(
            "Spotify doesn’t know an app with these keys ({reason}). Copy both once more from the app’s page.", reason=error.reason
        )
        return await _page(request, parts, person, given=client_id, problem=problem)
    except (Invalid, Conflict) as error:
        return await _page(request, parts, person, given=client_id, problem=retold(error.message))
    return back_to("/settings/app")


@post("/settings/app/remove", status_code=303, include_in_schema=False)
async def remove(parts: WithParts, person: Listener) -> Response[bytes]:
    """Take the app away."""
    async with parts.db.transaction() as conn:
        await apps.drop(conn, person.id)
    return back_to("/settings/app")


async def _page(request: Asked, parts: Parts, person: Person, *, given: str = "", problem: str = "") -> Response[bytes]:
    url = parts.settings.app_url
    async with parts.db.reading() as conn:
        app = await apps.own(conn, person.id)
        rules = await apps.rules(conn, parts.spotify, app.client_id if app else "", url)
    view = own_app_view(app, rules, url, given=given[:64], problem=problem)
    return render(request, "pages/settings_app.html", view, status=400 if problem else 200)


routes: tuple[ControllerRouterHandler, ...] = (show, bring, remove)
