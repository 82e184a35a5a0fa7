"""`/compare`: two listeners who agree to see how much they hear of the same."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from audiospective.insights.zones import Zone
from audiospective.reports import compare
from audiospective.web.forms import back_to
from audiospective.web.rendering import render
from audiospective.web.views.compare import comparison_view, comparisons_view
from audiospective.web.views.deck import deck
from audiospective.web.visitor import Asked, Listener, WithParts


@get("/compare", include_in_schema=False)
async def own(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """One's own comparisons, and the button that asks for one."""
    async with parts.db.reading() as conn:
        pairs, shown = await compare.own(conn, person.id), await deck(conn, parts, person)
    view = comparisons_view(shown, pairs, person.id, Zone.named(person.time_zone), f"{parts.settings.app_url}/compare/")
    return render(request, "pages/comparisons.html", view)


@post("/compare", status_code=303, include_in_schema=False)
async def invite(parts: WithParts, person: Listener) -> Response[bytes]:
    """A link for one other person."""
    async with parts.db.transaction() as conn:
        made = await compare.invite(conn, person.id, parts.clock.now())
    return back_to(f"/compare/{made}")


@get("/compare/{pair_id:str}", include_in_schema=False)
async def show(request: Asked, parts: WithParts, person: Listener, pair_id: FromPath[str]) -> Response[bytes]:
    """What the two see; whoever has the link of one that waits may say yes."""
    async with parts.db.reading() as conn:
        pair = await compare.find(conn, person.id, pair_id)
        seen = await compare.together(conn, parts.cache, person, pair, parts.clock.now()) if pair.other_id else None
        shown = await deck(conn, parts, person)
    url = f"{parts.settings.app_url}/compare/{pair.id}"
    return render(request, "pages/comparison.html", comparison_view(shown, pair, person.id, url, seen))


@post("/compare/{pair_id:str}/agree", status_code=303, include_in_schema=False)
async def agree(parts: WithParts, person: Listener, pair_id: FromPath[str]) -> Response[bytes]:
    """Say yes."""
    async with parts.db.transaction() as conn:
        await compare.agree(conn, person.id, pair_id, parts.clock.now())
    return back_to(f"/compare/{pair_id}")


@post("/compare/{pair_id:str}/end", status_code=303, include_in_schema=False)
async def end(parts: WithParts, person: Listener, pair_id: FromPath[str]) -> Response[bytes]:
    """End it for both."""
    async with parts.db.transaction() as conn:
        await compare.finish(conn, person.id, pair_id)
    return back_to("/compare")


routes: tuple[ControllerRouterHandler, ...] = (own, invite, show, agree, end)
