"""Is it well? For monitors and load balancers; asks nobody to sign in (contract.md §4, `/api/health`)."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version

import msgspec
from litestar import Response, get
from litestar.types import ControllerRouterHandler

from audiospective.operations.health import Observer, Seen, State
from audiospective.web.visitor import Asked, WithParts

_VERSION = version("audiospective")


class ServiceAnswer(msgspec.Struct, frozen=True):
    """One service; `latency` as in "12ms"."""

    status: str
    latency: str


class HealthAnswer(msgspec.Struct, frozen=True):
    """All of them at one moment, two seconds ago at most."""

    status: str
    timestamp: datetime
    services: dict[str, ServiceAnswer]
    version: str
    environment: str


@get("/api/health", raises=[])
async def health(request: Asked, parts: WithParts) -> Response[HealthAnswer]:
    """200, or 503 when the database isn't there; within a second whatever hangs. `timestamp` says when it was looked at."""
    observer: Observer = request.app.state.observer
    seen = await observer.lately()
    for name, one in seen.services.items():
        if one.trouble:
            parts.log.warning("health.trouble", service=name, trouble=one.trouble)
    services = {name: _service(one) for name, one in seen.services.items()}
    answer = HealthAnswer(seen.state.value, seen.at, services, _VERSION, parts.settings.environment.value)
    return Response(answer, status_code=503 if seen.state is State.UNHEALTHY else 200)


def _service(seen: Seen) -> ServiceAnswer:
    return ServiceAnswer(seen.state.value, f"{seen.latency_ms}ms")


routes: tuple[ControllerRouterHandler, ...] = (health,)
