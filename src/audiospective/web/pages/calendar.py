"""`/calendar/{name}.ics`: a feed for calendars, at an address that only its owner is shown."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from audiospective.accounts import people
from audiospective.infra.language import language, speak, spoken
from audiospective.reports import ask, calendar
from audiospective.web.visitor import WithParts


@get("/calendar/{name:str}", include_in_schema=False)
async def feed(parts: WithParts, name: FromPath[str]) -> Response[bytes]:
    """The feed of whoever holds the address."""
    user = calendar.owner(parts.sealer, name.removesuffix(".ics"))
    async with parts.db.reading() as conn:
        person = await people.by_id(conn, user)
        speak(language(person.language) or spoken())
        listening = await ask.listening(conn, parts.cache, person, "all", parts.clock.now())
        content = await calendar.calendar(conn, listening, parts.settings.app_url)
    return Response(content, media_type="text/calendar")


routes: tuple[ControllerRouterHandler, ...] = (feed,)
