"""The tree of errors → an answer: `{error, message, details}` for programs, a page for people. The only place that maps them."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException, InternalServerException, MethodNotAllowedException, ValidationException

from audiospective.bootstrap import Parts
from audiospective.errors import (
    AudiospectiveError,
    Conflict,
    DatabaseUnavailable,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    RateLimited,
    TooLarge,
    Unavailable,
)
from audiospective.infra import tracking
from audiospective.infra.database import UNBUILT
from audiospective.infra.language import mark, say
from audiospective.infra.starving import want_of_memory
from audiospective.spotify.errors import RateLimitedBySpotify, SpotifyError
from audiospective.web.dialects import answer_of
from audiospective.web.measures import kind_of
from audiospective.web.pages.auth import safe_path
from audiospective.web.rendering import render
from audiospective.web.retold import retold
from audiospective.web.visitor import Asked, cookie_name, read_cookie, session_cookie

#: The first kind that fits decides; contract.md §4, "Errors".
_KINDS: tuple[tuple[type[Exception], int, str], ...] = (
    (Invalid, 400, "VALIDATION_ERROR"),
    (NotSignedIn, 401, "UNAUTHORIZED"),
    (NotAllowed, 403, "FORBIDDEN"),
    (NotFound, 404, "NOT_FOUND"),
    (Conflict, 409, "CONFLICT"),
    (TooLarge, 413, "PAYLOAD_TOO_LARGE"),
    (RateLimited, 429, "RATE_LIMITED"),
    (SpotifyError, 502, "SPOTIFY_API_ERROR"),
    (DatabaseUnavailable, 503, "DATABASE_ERROR"),
    (Unavailable, 503, "INTERNAL_ERROR"),
)
_CODES = {400: "BAD_REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 413: "PAYLOAD_TOO_LARGE", 429: "RATE_LIMITED"}

_SENTENCES = {
    404: mark("There is nothing at this address."),
    405: mark("This address doesn't take that method."),
    413: mark("That is more than this address takes in one go."),
    415: mark("This address doesn't take that kind of content."),
}

_TITLES = {
    400: mark("That doesn't work"),
    401: mark("You aren't signed in"),
    403: mark("That isn't allowed"),
    404: mark("There is nothing here"),
    405: mark("That doesn't work"),
    409: mark("That has changed in the meantime"),
    413: mark("That is too large"),
    429: mark("A little slower, please"),
    500: mark("Something went wrong"),
    502: mark("Spotify isn't answering"),
    503: mark("The archive isn't answering"),
}

_RETRY_S = 5

#: What Litestar says of a client who left while sending; nobody hears the answer, and it is no fault of ours.
_LEFT = "client disconnected prematurely"

#: How msgspec names what a body lacks.
_MISSING = re.compile(r"missing required field `(\w+)`")

_numbers = itertools.count(1)


class Fault(msgspec.Struct, frozen=True):
    """What went wrong, ready to be told; the view of templates/pages/error.html too."""

    status: int
    code: str
    title: str
    """A few words, as a heading."""
    message: str
    """A sentence: what was wrong, what would be right."""
    details: dict[str, object]
    retry_after: int | None = None
    request_id: str | None = None
    back: str = ""
    """The page with the form that was sent, or that is sent here, to try again there."""


def answer(request: Asked, error: Exception) -> Response[Any]:
    """What a client is told of `error`: never a trace, SQL or token."""
    fault = _fault(request, error)
    if isinstance(error, NotSignedIn) and _is_page(request):
        return _to_landing(request)
    headers = dict(error.headers or {}) if isinstance(error, MethodNotAllowedException) else {}
    if fault.retry_after is not None:
        headers["Retry-After"] = str(fault.retry_after)
    response = answer_of(request.scope["path"], request.query_params, fault.status, fault.message, fault.retry_after)
    if response is None:
        response = _page(request, fault) if _is_page(request) else _json(fault)
    response.headers.update(headers)
    return response


def _fault(request: Asked, error: Exception) -> Fault:
    if isinstance(error, ValidationException):
        return _validation_fault(request, error)
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _http_fault(error)
    if message := _of_body(request, error):
        return Fault(400, "BAD_REQUEST", _title(400), message, {})
    for kind, status, code in _KINDS:
        if isinstance(error, kind) and isinstance(error, AudiospectiveError):
            return Fault(status, code, _title(status), retold(error.message), error.details, _retry_after(error))
    return _unexpected(request, error)


def _of_body(request: Asked, error: Exception) -> str:
    """What was wrong with a body that couldn't be read at all; "" for every other error."""
    if isinstance(error, InternalServerException) and error.detail == _LEFT:
        return "The request broke off before it was whole."
    if isinstance(error, RecursionError):  # reading a body goes as deep as its lists; nothing of ours calls itself without end
        return "The body is nested deeper than anything that is taken here."
    if isinstance(error, UnicodeDecodeError) and request.method != "GET":  # so says what reads JSON, not that it is none
        return "The body isn't written in UTF-8."
    return ""


def _http_fault(error: HTTPException) -> Fault:
    status = error.status_code
    code = _CODES.get(status, "BAD_REQUEST")
    return Fault(status, code, _title(status), say(_SENTENCES[status]) if status in _SENTENCES else f"{error.detail.rstrip('.')}.", {})


def _validation_fault(request: Asked, error: ValidationException) -> Fault:
    """Litestar names the parameter; its description in the handler says what would be right."""
    first = error.extra[0] if isinstance(error.extra, list) and error.extra else {}
    said = str(first.get("message", error.detail)).rstrip(".")
    missing = _MISSING.search(said)
    field = missing[1] if missing else str(first.get("key", "body"))
    given = request.query_params.get(field)
    right = _description(request, field)
    told = {"field": field, "given": (given or "")[:60], "right": right}
    message = say("{field} is “{given}”; it must be {right}.", **told) if right and given is not None else f"{field}: {said}."
    return Fault(400, "VALIDATION_ERROR", _title(400), message, {"field": field})


def _description(request: Asked, field: str) -> str | None:
    handler = request.scope.get("route_handler")
    parameter = handler.parsed_fn_signature.parameters.get(field) if handler else None
    definition = parameter.kwarg_definition if parameter else None
    return getattr(definition, "description", None)


def _unexpected(request: Asked, error: Exception) -> Fault:
    if isinstance(error, UNBUILT):
        return _unbuilt(request, error)
    request_id = _noted(request, error)
    if want_of_memory(error) is not None:
        message = say("This instance lacks the memory for that just now ({request_id}); try again in a moment.", request_id=request_id)
        return Fault(503, "INTERNAL_ERROR", _title(503), message, {"requestId": request_id}, _RETRY_S, request_id)
    message = say(
        "Something went wrong on our side; it is logged as {request_id}. Your archive is safe. Try again in a moment.",
        request_id=request_id,
    )
    return Fault(500, "INTERNAL_ERROR", _title(500), message, {"requestId": request_id}, request_id=request_id)


def _unbuilt(request: Asked, error: Exception) -> Fault:
    """The database has another version's schema, or none; what it lacks is told to who runs it, in one line."""
    parts: Parts = request.app.state.parts
    lacks, path = str(error).partition("\n")[0], request.scope["path"]
    parts.log.error("web.unmigrated", wanted="audiospective migrate", lacks=lacks, method=request.method, path=path)
    tracking.note(error, where=f"{request.method} {kind_of(path)}")
    message = say("This instance's database isn't ready for this version yet; whoever runs it is told. Try again in a moment.")
    return Fault(503, "DATABASE_ERROR", _title(503), message, {}, _RETRY_S)


def _noted(request: Asked, error: Exception) -> str:
    parts: Parts = request.app.state.parts
    request_id = _request_id(parts)
    where = {"method": request.method, "path": request.scope["path"]}
    parts.log.error("web.failed", request_id=request_id, kind=type(error).__name__, exc_info=error, **where)
    wanted = str(getattr(error, "event_id", ""))
    tracking.note(error, where=f"{request.method} {kind_of(request.scope['path'])}", event_id=wanted)
    return request_id


def _request_id(parts: Parts) -> str:
    seed = f"{os.getpid()} {parts.clock.now().isoformat()} {next(_numbers)}"
    return hashlib.blake2s(seed.encode(), digest_size=4).hexdigest().upper()


def _retry_after(error: AudiospectiveError) -> int | None:
    if isinstance(error, RateLimited):
        return error.retry_after
    if isinstance(error, RateLimitedBySpotify):
        return error.until_s
    return _RETRY_S if isinstance(error, Unavailable) else None


def _title(status: int) -> str:
    return say(_TITLES[status]) if status in _TITLES else HTTPStatus(status).phrase


def _is_page(request: Asked) -> bool:
    """Below /api/ a page is only for forms sent without a script; elsewhere JSON is only for who asks for nothing else."""
    accept = request.headers.get("accept", "")
    if request.scope["path"].startswith("/api/"):
        return request.method == "POST" and "text/html" in accept
    return not ("application/json" in accept and "text/html" not in accept)


def _json(fault: Fault) -> Response[Any]:
    body = {"error": fault.code, "message": fault.message, "details": fault.details}
    return Response(msgspec.json.encode(body, enc_hook=str), status_code=fault.status, media_type="application/json")


def _page(request: Asked, fault: Fault) -> Response[Any]:
    try:
        shown = msgspec.structs.replace(
            fault, back=_form_above(request) if fault.status == HTTPStatus.METHOD_NOT_ALLOWED else _sent_from(request)
        )
        return render(request, "pages/error.html", shown, status=fault.status)
    except Exception as error:  # the page that explains errors must not need another
        parts: Parts = request.app.state.parts
        parts.log.error("web.failed", kind=type(error).__name__, exc_info=error, path="pages/error.html")
        return Response(f"{fault.title}\n\n{fault.message}\n".encode(), status_code=fault.status, media_type="text/plain")


def _sent_from(request: Asked) -> str:
    """The page of ours whose form this is; "" for what isn't a form's."""
    if request.method != "POST":
        return ""
    site, _, path = request.headers.get("referer", "").partition("://")[2].partition("/")
    return f"/{path}" if site == request.headers.get("host") and safe_path(f"/{path}") == f"/{path}" else ""


def _form_above(request: Asked) -> str:
    """The nearest page above an address that only takes forms, for whoever loads it anew; "" where there is none."""
    known, path = request.app.route_handler_method_map, request.scope["path"]
    while path := path.rpartition("/")[0]:
        if "GET" in known.get(path, {}):
            return str(path)
    return ""


def _to_landing(request: Asked) -> Response[Any]:
    """To the landing page, which leads back here after signing in; it says so if there was a session that has ended."""
    parts: Parts = request.app.state.parts
    query_string = request.scope["query_string"].decode("latin-1")
    path = request.scope["path"] + (f"?{query_string}" if query_string else "")
    query = {"next": path if request.method == "GET" else "/dashboard"}
    had_session = read_cookie(request.scope, cookie_name(parts.settings), longest=100_000) is not None
    query |= {"session": "ended"} if had_session else {}
    gone = [session_cookie(parts.settings, "")] if had_session else []
    return Response(b"", status_code=303, headers={"Location": f"/?{urlencode(query)}"}, cookies=gone, media_type="text/plain")
