"""`/share/{id}`: a report for whoever has the link; `/shares`: where reports are made and taken back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from audiospective.bootstrap import Parts
from audiospective.errors import Invalid
from audiospective.insights.zones import Zone
from audiospective.reports import share
from audiospective.reports.share import Section, Share, ViewCounter, Wanted
from audiospective.web.api.share import published, url_of
from audiospective.web.forms import back_to, every_field
from audiospective.web.frozen import Frozen
from audiospective.web.pages.cover import cover_of
from audiospective.web.rendering import render
from audiospective.web.views.deck import deck
from audiospective.web.views.share import shared_view, shares_view
from audiospective.web.visitor import Asked, Listener, WithParts


@get("/share/{share_id:str}", include_in_schema=False)
async def show(request: Asked, parts: WithParts, share_id: FromPath[str]) -> Response[bytes]:
    """The report, and nothing else of its maker; the same page for everybody, so it greets nobody."""
    found = await _found(parts, share_id)
    views: ViewCounter = request.app.state.views
    if count := views.seen(found.id, parts.clock.now()):
        async with parts.db.transaction() as conn:
            await share.add_views(conn, found.id, count)
    pages: Frozen = request.app.state.share_pages
    page = pages.of(found, lambda: render(request, "pages/shared.html", shared_view(found, url_of(parts, found.id))).content)
    return Response(page, media_type="text/html")


@get("/share/{share_id:str}/embed", include_in_schema=False)
async def embed(request: Asked, parts: WithParts, share_id: FromPath[str]) -> Response[bytes]:
    """The report in small, the one page of ours that other sites may show in a frame."""
    found = await _found(parts, share_id)
    return render(request, "embedded.html", shared_view(found, url_of(parts, found.id)))


@get("/share/{share_id:str}/card.png", include_in_schema=False)
async def picture(request: Asked, parts: WithParts, share_id: FromPath[str]) -> Response[bytes]:
    """The picture that messengers show beside the link; it holds numbers and no name."""
    found = await _found(parts, share_id)
    cards: Frozen = request.app.state.share_cards
    drawn = await asyncio.to_thread(cards.of, found, lambda: _card(found.report))
    return Response(drawn, media_type="image/png", headers={"Cache-Control": "no-store"})


def _card(report: share.Report) -> bytes:
    """In a thread, so that nobody waits for Pillow to be read."""
    from audiospective.web.card import card  # noqa: PLC0415 (it draws with Pillow, which few processes ever need)

    return card(report)


@get("/share/{share_id:str}/cover/{kind:str}/{place:int}", include_in_schema=False)
async def cover(parts: WithParts, share_id: FromPath[str], kind: FromPath[str], place: FromPath[int]) -> Response[bytes]:
    """The cover of a row, by its place in the report."""
    told = (await _found(parts, share_id)).report
    items = {"tracks": told.tracks, "artists": told.artists, "albums": told.albums}.get(kind, [])
    answer = await cover_of(parts, items[place].image_url if 0 <= place < len(items) else None)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@get("/shares", include_in_schema=False)
async def own(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """What this person shares, and the form for more."""
    async with parts.db.reading() as conn:
        found = await share.own(conn, person.id)
        shown = await deck(conn, parts, person)
    views: ViewCounter = request.app.state.views
    view = shares_view(
        shown,
        [replace(one, views=one.views + views.waiting(one.id)) for one in found],
        Zone(person.time_zone),
        parts.clock.now(),
        display_name=person.display_name,
        spelling=request.query_params.get("range", "30d"),
        base=url_of(parts, ""),
        made=request.query_params.get("made", ""),
    )
    return render(request, "pages/shares.html", view)


@post("/shares", status_code=303, include_in_schema=False)
async def make(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """Freeze and share."""
    given = await every_field(request)
    now = parts.clock.now()
    wanted = Wanted(
        title=_one(given, "title"),
        description=_one(given, "description"),
        name=person.display_name if "show_name" in given else None,
        sections=_sections(given.get("sections", [])),
        expires_at=_ends(_one(given, "ends"), now),
        shows_address="shows_address" in given,
    )
    made = await published(parts, person, _one(given, "range"), wanted, once=True)
    return back_to(f"/shares?made={made.id}#own")


@post("/shares/{share_id:str}/revoke", status_code=303, include_in_schema=False)
async def revoke(parts: WithParts, person: Listener, share_id: FromPath[str]) -> Response[bytes]:
    """Take a report back."""
    async with parts.db.transaction() as conn:
        await share.revoke(conn, person.id, share_id)
    return back_to("/shares#own")


@post("/shares/{share_id:str}/expiry", status_code=303, include_in_schema=False)
async def change_expiry(request: Asked, parts: WithParts, person: Listener, share_id: FromPath[str]) -> Response[bytes]:
    """Let a report end at another time."""
    ends = _ends(_one(await every_field(request), "ends"), parts.clock.now())
    async with parts.db.transaction() as conn:
        await share.set_expiry(conn, person.id, share_id, ends)
    return back_to("/shares#own")


async def _found(parts: Parts, share_id: str) -> Share:
    return await parts.db.ask(partial(share.find, sealer=parts.sealer, share_id=share_id, now=parts.clock.now()))


def _one(given: dict[str, list[str]], name: str) -> str:
    return given.get(name, [""])[0].strip()


def _sections(given: list[str]) -> frozenset[Section]:
    return frozenset(section for section in Section if section.value in given)


def _ends(days: str, now: datetime) -> datetime | None:
    if not days:
        return None
    if not (days.isdecimal() and len(days) <= 4 and 0 < int(days) <= 3650):
        raise Invalid(f"“{days[:20]}” is no number of days; use 1 to 3650, or nothing for a link that stays.", field="ends")
    return now + timedelta(days=int(days))


routes: tuple[ControllerRouterHandler, ...] = (show, embed, picture, cover, own, make, revoke, change_expiry)
