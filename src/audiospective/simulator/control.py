"""How a test in another process scripts the simulator: `/_control/…`, there only when it was started with `--control`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from audiospective.simulator.catalogue import catalogue
from audiospective.simulator.web_api import WORLD
from audiospective.simulator.world import Regime, World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def routes() -> list[web.RouteDef]:
    """Everything takes and gives JSON."""
    orders: dict[str, Callable[[World, dict[str, Any]], object]] = {
        "faults": add_faults,
        "clock": move_clock,
        "revoke": revoke,
        "regime": set_regime,
        "plays": plant,
    }
    return [*[web.post(f"/_control/{name}", _ordered(order)) for name, order in orders.items()], web.get("/_control/requests", requests)]


def add_faults(world: World, order: dict[str, Any]) -> object:
    """`{"faults": [{"path", "trouble", …}]}` is scripted after what waits; `{"clear": true}` forgets first."""
    if order.get("clear"):
        world.faults.clear()
    for fault in order.get("faults", ()):
        world.faults.add(**fault)
    return {"waiting": sum(fault.times for fault in world.faults.waiting)}


def move_clock(world: World, order: dict[str, Any]) -> object:
    """`{"now": "2026-03-01T12:00:00Z", "stopped": true}` or `{"forward_s": 3600}`."""
    if "now" in order:
        world.clock.set(datetime.fromisoformat(order["now"]), stopped=bool(order.get("stopped")))
    world.clock.forward(timedelta(seconds=order.get("forward_s", 0)))
    return {"now": world.clock.now().isoformat()}


def revoke(world: World, order: dict[str, Any]) -> object:
    """`{"listener": "veteran"}`: takes back all permissions given so far."""
    world.revoke(order["listener"])
    return {"revoked": order["listener"]}


def set_regime(world: World, order: dict[str, Any]) -> object:
    """`{"regime": "keeps" | "rotates" | "empty"}`: what a refresh answers."""
    world.regime = Regime(order["regime"])
    return {"regime": world.regime}


def plant(world: World, order: dict[str, Any]) -> object:
    """`{"listener", "plays": [{"ended_at", "seen_at"?, "track"?, "ms_played"?}]}`: plays that shall have happened."""
    for index, play in enumerate(order["plays"]):
        ended_ms = int(datetime.fromisoformat(play["ended_at"]).timestamp() * 1000)
        seen_ms = int(datetime.fromisoformat(play.get("seen_at", play["ended_at"])).timestamp() * 1000)
        track = int(play.get("track", index))
        world.plant(order["listener"], track, ended_ms, seen_ms, int(play.get("ms_played", catalogue().tracks[track].duration_ms)))
    return {"planted": len(order["plays"])}


async def requests(request: web.Request) -> web.Response:
    """How often each path was asked for, as `{"GET /v1/me": 3}`."""
    return web.json_response(request.app[WORLD].seen)


def _ordered(order: Callable[[World, dict[str, Any]], object]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(order(request.app[WORLD], await request.json()))
        except (ValueError, TypeError, KeyError, IndexError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    return handle
