"""`/history`: every play, looked through."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from audiospective.archive import catalog
from audiospective.errors import Invalid
from audiospective.infra.database import Connection
from audiospective.infra.language import say
from audiospective.insights.recent import recent
from audiospective.insights.zones import Zone
from audiospective.reports import ask
from audiospective.reports.ask import first_day
from audiospective.reports.completeness import complete
from audiospective.reports.finding import Filter, find
from audiospective.web.rendering import render
from audiospective.web.unchanged import unchanged_page
from audiospective.web.views.deck import deck
from audiospective.web.views.history import Looked, history_view
from audiospective.web.views.marks import marks_of
from audiospective.web.visitor import Asked, Listener, WithParts

_SHOWN = 60


@get("/history", include_in_schema=False, middleware=[unchanged_page])
async def show(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """A page of plays; everything that is looked for stands in the address."""
    query = request.query_params
    wanted = Filter(query.get("q", "").strip(), _id(query, "track"), _id(query, "artist"), _id(query, "album"), query.get("source", ""))
    zone, until = Zone.named(person.time_zone), query.get("until", "")
    before = query.get("before") or (_end_of(until, zone) if until else None)
    async with parts.db.reading() as conn:
        listening = await ask.listening(conn, parts.cache, person, query.get("range") or "all", parts.clock.now())
        page = recent(await find(conn, listening, wanted), _SHOWN, before)
        cards = await catalog.tracks(conn, {play.track_id for play in page.plays})
        looked = Looked(wanted, listening.period.spelling, until, await _names(conn, wanted))
        shown = await deck(conn, parts, person)
        whole = await complete(conn, listening)
    marks = marks_of(listening.period, first_day(listening), zone, whole, listening.lens)
    view = history_view(shown, looked, page, cards, zone, ever=len(listening.history), marks=marks)
    return render(request, "pages/history.html", view)


def _id(query: Mapping[str, str], name: str) -> int | None:
    given = query.get(name, "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and 0 < int(given[:11]) < 2**31):
        raise Invalid(f"“{given[:20]}” isn't an id; follow a link of a {name}.", field=name)
    return int(given)


def _end_of(day: str, zone: Zone) -> str:
    """The cursor before which everything lies that was heard until the end of a local day."""
    try:
        following = date.fromisoformat(day) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise Invalid(f"“{day[:20]}” isn't a day; write it like 2024-03-31.", field="until") from error
    midnight = zone.midnight(following)
    return f"{max(int(midnight.timestamp()), 1) * 1_000_000 - 1}-0"  # what ends at midnight is of the next day


async def _names(conn: Connection, wanted: Filter) -> dict[str, str]:
    """What the ids that are looked for are called."""
    names: dict[str, str] = {}
    if wanted.track is not None:
        names["track"] = next((card.name for card in (await catalog.tracks(conn, [wanted.track])).values()), say("a track"))
    if wanted.artist is not None:
        names["artist"] = next((card.name for card in (await catalog.artists(conn, [wanted.artist])).values()), say("an artist"))
    if wanted.album is not None:
        names["album"] = next((card.name for card in (await catalog.albums(conn, [wanted.album])).values()), say("an album"))
    return names


routes: tuple[ControllerRouterHandler, ...] = (show,)
