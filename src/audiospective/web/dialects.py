"""Errors in the words of the protocols that scrobblers speak: a client that gets a page for an answer can't even say that it must wait."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Response

from audiospective.web.api import listenbrainz
from audiospective.web.api.audioscrobbler_words import as_json, as_xml

_LISTENBRAINZ: Final = ("/1/", "/apis/listenbrainz")
_AUDIOSCROBBLER: Final = ("/2.0", "/apis/audioscrobbler")
#: Last.fm's numbers: invalid parameters, try again later, rate limit exceeded.
_WRONG, _LATER, _TOO_OFTEN = 6, 16, 29


class _Numbered(msgspec.Struct):
    code: int
    message: str


def answer_of(path: str, given: Mapping[str, str], status: int, message: str, retry_after: int | None) -> Response[Any] | None:
    """The answer at an address of one of these protocols; None at any other."""
    if path.startswith(_LISTENBRAINZ):
        found = listenbrainz.fault(status, message)
        if retry_after is not None:
            found.headers["X-RateLimit-Reset-In"] = str(retry_after)
        return found
    if path.startswith(_AUDIOSCROBBLER):
        is_json = given.get("format") == "json"
        told = _Numbered(_number(status), message)
        body = as_json(told) if is_json else as_xml(told)
        return Response(body, status_code=status, media_type="application/json" if is_json else "text/xml")
    return None


def _number(status: int) -> int:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _TOO_OFTEN
    return _LATER if status >= HTTPStatus.INTERNAL_SERVER_ERROR else _WRONG
