"""For operators: figures for Prometheus, and an error on purpose (contract.md §4, `/metrics` and `/api/test-sentry`)."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from audiospective.errors import NotFound
from audiospective.operations.probes import database, work
from audiospective.web.measures import Measures
from audiospective.web.visitor import Asked, Operator, Whoever, WithParts, is_operator

_EVENT_ID: Final = re.compile(r"[0-9a-f]{32}")


class TestOfErrors(RuntimeError):
    """Raised on purpose, to see that it is noticed; under `event_id` whoever asked will look for it, "" under any."""

    def __init__(self, message: str, event_id: str) -> None:
        super().__init__(message)
        self.event_id = event_id


@get("/metrics", include_in_schema=False)
async def metrics(request: Asked, parts: WithParts, visitor: Whoever) -> Response[bytes]:
    """Prometheus text, for this machine or an operator; for everybody else there is nothing here."""
    if not _is_local(request) and not await is_operator(parts, visitor):
        raise NotFound("There is nothing at this address.")
    measures: Measures = request.app.state.measures
    quota_bytes = parts.settings.database_quota_bytes
    readings = await database.look(parts.db, parts.clock, quota_bytes=quota_bytes) | await work.look(parts.db, parts.clock.now())
    return Response(measures.text(readings), media_type="text/plain; version=0.0.4")


@get("/api/test-sentry", include_in_schema=False)
async def test_sentry(request: Asked, operator: Operator) -> None:
    """Fail on purpose: 500, and the error tracker hears of it."""
    given = request.headers.get("x-audiospective-probe", "")
    raise TestOfErrors(f"An operator asked for a test of the error tracker ({operator.id}).", given if _EVENT_ID.fullmatch(given) else "")


def _is_local(request: Asked) -> bool:
    """Asked by this machine itself; what a proxy passes on isn't."""
    client = request.scope.get("client")
    if client is None or any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip")):
        return False
    try:
        return ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False


routes: tuple[ControllerRouterHandler, ...] = (metrics, test_sentry)
