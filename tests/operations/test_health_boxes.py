"""For each box that `/api/health` answers: one thing said otherwise turns that box, and no other; what isn't said is unknown."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from audiospective.operations.boxes import boxes
from audiospective.operations.judge import GOOD, Status, judge
from audiospective.operations.probes import site
from audiospective.operations.probes.site import Target
from tests.simulators.played import Played, on_a_port
from tests.web.site import NOWHERE

pytestmark = pytest.mark.http

F, U = Status.FAIL, Status.UNKNOWN
_SERVICES = ("database", "redis", "spotify", "scheduler", "sentry")
WELL: dict[str, Any] = {
    "status": "healthy",
    "timestamp": "2026-11-24T10:00:00Z",
    "services": {name: {"status": "healthy", "latency": "12ms"} for name in _SERVICES},
    "version": "1.0.0",
    "environment": "production",
}
#: Those before, after a rollback, and after an incident.
_ALL = ("R060", "R205", "R212")


def _says(**told: Any) -> Callable[[dict[str, Any]], None]:
    return lambda body: body.update(told)


def _service(name: str, **told: str) -> Callable[[dict[str, Any]], None]:
    return lambda body: body["services"][name].update(told)


MUTATIONS: list[tuple[str, Callable[[dict[str, Any]], Any], dict[str, Status]]] = [
    ("degraded", _says(status="degraded"), dict.fromkeys(_ALL, F)),
    ("no database", _service("database", status="unhealthy"), {"R061": F}),
    ("redis is impaired", _service("redis", status="degraded"), {"R062": F}),
    ("spotify is impaired", _service("spotify", status="degraded"), {"R063": F}),
    ("one is slow", _service("sentry", latency="100ms"), {"R064": F}),
    ("another version", _says(version="0.9.9"), {"R065": F}),
    ("another environment", _says(environment="staging"), {"R066": F, "R014": F}),
    ("a latency in words", _service("redis", latency="quick"), dict.fromkeys((*_ALL, "R014", *(f"R06{one}" for one in range(1, 7))), U)),
    ("no version", lambda body: body.pop("version"), dict.fromkeys((*_ALL, "R014", *(f"R06{one}" for one in range(1, 7))), U)),
    ("no services", lambda body: body.pop("services"), dict.fromkeys((*_ALL, "R014", *(f"R06{one}" for one in range(1, 7))), U)),
]


async def _stands(body: dict[str, Any]) -> dict[str, Status]:
    async def health(_: web.Request) -> web.Response:
        return web.json_response(body)

    played = Played(header="")
    async with on_a_port(played, {"GET /api/health": health}), aiohttp.ClientSession() as http:
        found = await site.health(http, Target(played.url, NOWHERE, "1.0.0"))
    found |= {"environment.name": found["health.environment"]}  # as environment.agreed takes it where both are asked
    verdicts = {box.id: judge(box, found[box.reading]).status for box in boxes() if box.reading in found}
    return {box: status for box, status in verdicts.items() if status not in GOOD}


async def test_when_all_is_well_every_box_is_green() -> None:
    assert await _stands(WELL) == {}


@pytest.mark.parametrize(("wrong", "red"), [one[1:] for one in MUTATIONS], ids=[one[0] for one in MUTATIONS])
async def test_one_thing_said_otherwise_turns_its_own_boxes(wrong: Callable[[dict[str, Any]], Any], red: dict[str, Status]) -> None:
    body = copy.deepcopy(WELL)
    wrong(body)
    assert await _stands(body) == red
