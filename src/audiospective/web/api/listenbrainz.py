"""ListenBrainz's interface, so that scrobblers and clients that know it work unchanged (contract.md §4).

Only with a personal token, `Authorization: Token …`; a session doesn't count here, since other sites could use it. Errors have the shape
that those clients know: `{"code", "error"}`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from audiospective.accounts.people import Person
from audiospective.bootstrap import Parts
from audiospective.collect import scrobbles
from audiospective.errors import AudiospectiveError, TooLarge
from audiospective.reports import ask, listens
from audiospective.web.visitor import Asked, Whoever, WithParts, credentials

_BASES: Final = ("", "/apis/listenbrainz")
#: Where people paste the base address alone, and scrobblers send to just that.
_BARE: Final = ("/apis/listenbrainz", "/apis/listenbrainz/1")
INVALID: Final = "Invalid authorization token; make one in Settings and send it as “Authorization: Token …”."

NOT_YOURS: Final = "There is no such user here, or your token isn't theirs."
#: Scrobblers in a browser's page may ask; only a token counts, which no other site has.
CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Max-Age": "86400",
}

Answer = Response[Any]
Moment = Annotated[int | None, QueryParameter(description="seconds since 1970")]


class Wrapped(msgspec.Struct, frozen=True):
    """An answer's payload."""

    payload: listens.Payload


def below(path: str) -> list[str]:
    """The path at each place where clients look for it."""
    return [f"{base}/1/{path}" for base in _BASES]


@post([*below("submit-listens"), *_BARE], status_code=200, include_in_schema=False, request_max_body_size=None)
async def submit(request: Asked, parts: WithParts, visitor: Whoever) -> Answer:
    """Take in what a scrobbler tells."""
    person = of_token(request, parts, visitor)
    if person is None:
        return fault(401, INVALID)
    try:
        submission = scrobbles.read(await _body(request), parts.clock.now())
        async with parts.db.transaction() as conn:
            await scrobbles.keep(conn, person.id, submission)
        if submission.playing is not None:
            request.app.state.playing.tell(person.id, submission.playing, submission.length_ms, parts.clock.monotonic())
    except AudiospectiveError as error:
        return fault(413 if isinstance(error, TooLarge) else 400, error.message)
    return json({"status": "ok"})


@get(below("validate-token"), include_in_schema=False)
async def validate(request: Asked, parts: WithParts, visitor: Whoever) -> Answer:
    """Whether a token is good; a bad one is an answer too."""
    if credentials(request.scope, parts.settings).token is None:
        return fault(400, "You need to provide an authorization token; a token in the address isn't taken.")
    person = of_token(request, parts, visitor)
    if person is None:
        return json({"code": 200, "message": "Token invalid.", "valid": False})
    return json({"code": 200, "message": "Token valid.", "valid": True, "user_name": person.name})


@get(below("user/{name:str}/listens"), include_in_schema=False)
async def listened(
    request: Asked,
    parts: WithParts,
    visitor: Whoever,
    name: FromPath[str],
    *,
    count: Annotated[int, QueryParameter(ge=1, le=1000, description="a whole number from 1 to 1000")] = 25,
    min_ts: Moment = None,
    max_ts: Moment = None,
) -> Answer:
    """One's own listens, the newest first."""
    person = own(request, parts, visitor, name)
    if person is None:
        return fault(404, NOT_YOURS)
    async with parts.db.reading() as conn:
        seen = await ask.listening(conn, parts.cache, person, "all", parts.clock.now())
        found = await listens.page(conn, seen, person.name, after=min_ts, before=max_ts, count=count)
    return json(Wrapped(found))


@get(below("user/{name:str}/listen-count"), include_in_schema=False)
async def counted(request: Asked, parts: WithParts, visitor: Whoever, name: FromPath[str]) -> Answer:
    """How many listens there are."""
    person = own(request, parts, visitor, name)
    if person is None:
        return fault(404, NOT_YOURS)
    async with parts.db.reading() as conn:
        return json({"payload": {"count": len(await ask.listening(conn, parts.cache, person, "all", parts.clock.now()))}})


def of_token(request: Asked, parts: Parts, visitor: Person | None) -> Person | None:
    """Whose token was sent; nobody's for a session."""
    return visitor if credentials(request.scope, parts.settings).token else None


def own(request: Asked, parts: Parts, visitor: Person | None, name: str) -> Person | None:
    """The person of this name, if the token is theirs."""
    person = of_token(request, parts, visitor)
    return person if person is not None and person.name == name else None


async def _body(request: Asked) -> bytes:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > scrobbles.MOST_BYTES:
            break  # read no further; the reader says that it is too much
    return body


def fault(code: int, error: str) -> Answer:
    """An error as those clients know it."""
    return json({"code": code, "error": error}, code)


def json(value: object, status: int = 200) -> Answer:
    """An answer that any page may read."""
    body = b"" if status == 204 else msgspec.json.encode(value)
    return Response(body, status_code=status, media_type="application/json", headers=CORS)


routes: tuple[ControllerRouterHandler, ...] = (submit, validate, listened, counted)
