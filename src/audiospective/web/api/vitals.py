"""`POST /api/vitals`: how fast a page came up for somebody, told by the page itself; nothing of whom, or where."""

from __future__ import annotations

import msgspec
from litestar import Response, post
from litestar.types import ControllerRouterHandler

from audiospective.operations.vitals import Vitals, note
from audiospective.web.visitor import Asked, WithParts


@post("/api/vitals", status_code=204, include_in_schema=False, request_max_body_size=1_000)
async def vitals(request: Asked, parts: WithParts) -> Response[None]:
    """Counted, and forgotten. Raises Invalid for what no browser measures."""
    try:
        told = msgspec.json.decode(await request.body(), type=Vitals)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        told = None
    note(parts.recorder, told, request.headers.get("user-agent", ""), parts.clock.now())
    return Response(None, status_code=204)


routes: tuple[ControllerRouterHandler, ...] = (vitals,)
