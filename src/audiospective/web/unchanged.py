"""What hasn't changed isn't computed again: an ETag by the state of the archive, and 304 for who has that answer already.

The tag is made before the answer. If plays come in between, the answer is newer than its tag says: it is asked for once more, never
believed for too long.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from functools import partial
from importlib.metadata import version
from typing import TypeAlias

from litestar import Response
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from audiospective.bootstrap import Parts
from audiospective.infra.language import spoken
from audiospective.reports.ask import fingerprint
from audiospective.web.views.deck import deck
from audiospective.web.visitor import Asked, credentials, visitor

_PRIVATE = "private, no-cache"
_VERSION = version("audiospective")


_Tags: TypeAlias = Callable[[Asked], Awaitable[str | None]]


def unchanged(app: ASGIApp) -> ASGIApp:
    """Around a handler whose answer follows from a person's plays, day, language and address alone: 304, or the answer with its tag."""
    return _around(app, _tag)


def unchanged_page(app: ASGIApp) -> ASGIApp:
    """The same of a page, which also says when Spotify was asked last, to whom it speaks, in which words and colours."""
    return _around(app, _page_tag)


def _around(app: ASGIApp, tag_of: _Tags) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request = Asked(scope, receive, send)
        tag = await tag_of(request)
        if tag and _has(request.headers.get("if-none-match", ""), tag):
            same = Response(b"", status_code=304, headers={"ETag": tag, "Cache-Control": _PRIVATE}, media_type="application/json")
            await same.to_asgi_response(app=None, request=request)(scope, receive, send)
            return
        await app(scope, receive, _tagged(send, tag) if tag else send)

    return answer


def _tagged(send: Send, tag: str) -> Send:
    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            message["headers"] = [*message["headers"], (b"etag", tag.encode()), (b"cache-control", _PRIVATE.encode())]
        await send(message)

    return tell


async def _tag(request: Asked) -> str | None:
    """Weak, since the same answer is packed for some; of the whole address, the language, and the program. None for nobody."""
    parts: Parts = request.app.state.parts
    person = await visitor(request, parts)
    if person is None:
        return None
    return _digest(request, await parts.db.ask(partial(fingerprint, person=person, now=parts.clock.now())))


async def _page_tag(request: Asked) -> str | None:
    """The deck's line is part of it: a page is the same for a minute, not longer."""
    parts: Parts = request.app.state.parts
    person = await visitor(request, parts)
    if person is None:
        return None
    async with parts.db.reading() as conn:
        state = await fingerprint(conn, person, parts.clock.now())
        shown = await deck(conn, parts, person)
    session = credentials(request.scope, parts.settings).session or ""
    return _digest(request, f"{state} {shown} {person} {session}")


def _digest(request: Asked, state: str) -> str:
    address = f"{request.scope['path']}?{request.scope['query_string'].decode('latin-1')}"
    digest = hashlib.blake2s(f"{_VERSION} {spoken().tag} {address} {state}".encode(), digest_size=12).hexdigest()
    return f'W/"{digest}"'


def _has(given: str, tag: str) -> bool:
    """Whether If-None-Match names the tag; weak or strong is no difference here (RFC 9110 §13.1.2)."""
    named = {one.strip().removeprefix("W/") for one in given.split(",")}
    return tag.removeprefix("W/") in named
