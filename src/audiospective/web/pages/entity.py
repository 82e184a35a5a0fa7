"""`/track/{id}`, `/artist/{id}`, `/album/{id}`: one of them, over the whole archive."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from audiospective.accounts.people import Person
from audiospective.bootstrap import Parts
from audiospective.reports import ask
from audiospective.reports.ask import first_day
from audiospective.reports.completeness import complete
from audiospective.reports.entity import EntityKind, entity
from audiospective.web.rendering import render
from audiospective.web.unchanged import unchanged_page
from audiospective.web.views.deck import deck
from audiospective.web.views.entity import entity_view
from audiospective.web.views.marks import marks_of
from audiospective.web.visitor import Asked, Listener, WithParts


@get("/track/{track_id:int}", include_in_schema=False, middleware=[unchanged_page])
async def track(request: Asked, parts: WithParts, person: Listener, track_id: FromPath[int]) -> Response[bytes]:
    """A track."""
    return await _page(request, parts, person, EntityKind.TRACK, track_id)


@get("/artist/{artist_id:int}", include_in_schema=False, middleware=[unchanged_page])
async def artist(request: Asked, parts: WithParts, person: Listener, artist_id: FromPath[int]) -> Response[bytes]:
    """An artist."""
    return await _page(request, parts, person, EntityKind.ARTIST, artist_id)


@get("/album/{album_id:int}", include_in_schema=False, middleware=[unchanged_page])
async def album(request: Asked, parts: WithParts, person: Listener, album_id: FromPath[int]) -> Response[bytes]:
    """An album."""
    return await _page(request, parts, person, EntityKind.ALBUM, album_id)


async def _page(request: Asked, parts: Parts, person: Person, kind: EntityKind, wanted: int) -> Response[bytes]:
    now = parts.clock.now()
    async with parts.db.reading() as conn:
        everything = await ask.listening(conn, parts.cache, person, "all", now)
        found = await entity(conn, everything, kind, wanted)
        shown = await deck(conn, parts, person)
        whole = await complete(conn, everything)
    marks = marks_of(everything.period, first_day(everything), everything.zone, whole, everything.lens)
    return render(request, "pages/entity.html", entity_view(found, shown, everything.zone, now, marks))


routes: tuple[ControllerRouterHandler, ...] = (track, artist, album)
