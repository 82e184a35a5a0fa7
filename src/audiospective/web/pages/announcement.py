"""`/launch`: the announcement of a launch at a fixed address, and a feed of it."""

from __future__ import annotations

from xml.sax.saxutils import escape

import msgspec
from litestar import Response, get
from litestar.types import ControllerRouterHandler

from audiospective.bootstrap import Parts
from audiospective.errors import NotFound
from audiospective.operations.notices import Board, Notice, Place
from audiospective.web.rendering import render
from audiospective.web.visitor import Asked, Whoever, WithParts


class AnnouncementView(msgspec.Struct, frozen=True):
    """A title, and paragraphs; `stamp` tells a program which words these are."""

    title: str
    paragraphs: tuple[str, ...]
    stamp: str


@get("/launch", include_in_schema=False)
async def show(request: Asked, parts: WithParts, visitor: Whoever) -> Response[bytes]:  # noqa: ARG001 (asked for so that the page greets whom it knows)
    """The page; there is none before the launch."""
    notice = await _announced(request, parts)
    title, _, rest = notice.said.partition("\n")
    paragraphs = tuple(one.strip() for one in rest.split("\n\n") if one.strip())
    return render(request, "pages/announcement.html", AnnouncementView(title, paragraphs, stamp(notice)))


@get("/launch.xml", include_in_schema=False)
async def feed(request: Asked, parts: WithParts) -> Response[bytes]:
    """The same as an Atom feed."""
    notice, url = await _announced(request, parts), parts.settings.app_url
    title, _, rest = notice.said.partition("\n")
    entry = (
        f"<entry><title>{escape(title)}</title><id>{url}/launch</id><link href='{url}/launch'/>"
        f"<updated>{stamp(notice)}</updated><content type='text'>{escape(rest.strip())}</content></entry>"
    )
    text = (
        "<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'><title>Audiospective</title>"
        f"<id>{url}/launch.xml</id><updated>{stamp(notice)}</updated><author><name>Audiospective</name></author>{entry}</feed>"
    )
    return Response(text.encode(), media_type="application/atom+xml")


def stamp(notice: Notice) -> str:
    """By which a program knows which words it sees."""
    return f"{notice.published_at:%Y-%m-%dT%H:%M:%SZ}"


async def _announced(request: Asked, parts: Parts) -> Notice:
    board: Board = request.app.state.notices
    found = (await board.read(parts.db, parts.clock.now())).notices.get(Place.ANNOUNCEMENT.value)
    if found is None:
        raise NotFound("There is nothing at this address.")
    return found


routes: tuple[ControllerRouterHandler, ...] = (show, feed)
