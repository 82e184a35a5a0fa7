"""`POST /api/0/envelope/`: errors that Sentry's clients send to this instance, with the key that `ops errors dsn` shows."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from typing import Final

from litestar import Response, post
from litestar.types import ControllerRouterHandler

from audiospective.bootstrap import Parts
from audiospective.errors import Invalid, NotFound, TooLarge
from audiospective.infra import tracking
from audiospective.operations import faults
from audiospective.web.visitor import Asked, WithParts

_MOST_BYTES: Final = 1_000_000
_KEY = re.compile(r"sentry_key=([\w-]+)")


@post("/api/0/envelope", status_code=200, include_in_schema=False, request_max_body_size=200_000)
async def envelope(request: Asked, parts: WithParts) -> Response[dict[str, str]]:
    """Stored; for whoever lacks the key there is nothing here."""
    shown = _KEY.search(request.headers.get("x-sentry-auth", "")) or _KEY.search(request.scope["query_string"].decode("latin-1"))
    if shown is None or not parts.sealer.verify(b"errors", shown[1], purpose="error key"):
        raise NotFound("There is nothing at this address.")
    try:
        events = tracking.events_of(_unpacked(await request.body()))
        found = [faults.read(event) for event in events]
    except ValueError as error:
        raise Invalid("This is no envelope of Sentry's.", field="body") from error
    async with parts.db.transaction() as conn:
        for fault in found:
            await faults.keep(conn, fault, parts.clock.now())
    return Response({"id": found[0].event_id if found else ""})


def dsn(parts: Parts) -> str:
    """The address for Sentry's clients."""
    scheme, _, host = parts.settings.app_url.partition("://")
    return f"{scheme}://{parts.sealer.sign(b'errors', purpose='error key')}@{host}/0"


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            text = file.read(_MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError("not gzip") from error
    if len(text) > _MOST_BYTES:
        raise TooLarge("An envelope may have 1 MB at most.")
    return text


routes: tuple[ControllerRouterHandler, ...] = (envelope,)
