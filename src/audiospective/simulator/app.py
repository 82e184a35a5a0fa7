"""Both of Spotify's hosts on one port, as one web application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from audiospective.simulator import accounts_host, control, privacy_page, web_api
from audiospective.simulator.faults import instead, spoil
from audiospective.simulator.web_api import WORLD
from audiospective.simulator.world import World

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def create_app(world: World) -> web.Application:
    """The simulator over a world; tests may script trouble only where the world says so."""
    app = web.Application(middlewares=[_counted, _troubled])
    app[WORLD] = world
    app.add_routes([*accounts_host.routes(), *web_api.routes(), *privacy_page.routes()])
    if world.controlled:
        app.add_routes(control.routes())
    return app


@web.middleware
async def _counted(request: web.Request, handler: _Handler) -> web.StreamResponse:
    if not request.path.startswith("/_control/"):
        request.app[WORLD].seen[f"{request.method} {request.path}"] += 1
    return await handler(request)


@web.middleware
async def _troubled(request: web.Request, handler: _Handler) -> web.StreamResponse:
    fault = None if request.path.startswith("/_control/") else request.app[WORLD].faults.take(request.path)
    if fault is None:
        return await handler(request)
    substitute = await instead(fault)
    if substitute is not None:
        return substitute
    right = await handler(request)
    return await spoil(fault, request, right) if isinstance(right, web.Response) else right
