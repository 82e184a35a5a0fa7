"""The API keeps its word: every documented call, asked as it should be and as it shouldn't, gives an answer that is documented too."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from tests.clock import FakeClock
from tests.web.site import Site

_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: A few with `make test`, a hundred with `make fuzz`.
_EXAMPLES = max(3, settings().max_examples // 20)
_QUICKLY = settings(max_examples=_EXAMPLES, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
#: What takes files or waits for others is asked in tests of its own.
_ELSEWHERE = frozenset({"/api/imports", "/api/imports/rehearsal", "/api/test-sentry", "/api/cron/archive", "/api/queue/archive-batch"})


async def description(site: Site) -> dict[str, Any]:
    async with site.script() as client:
        found: dict[str, Any] = (await client.get("/api/docs/openapi.json")).json()
        return found


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
async def test_every_call_is_answered_as_the_description_says(site: Site, clock: FakeClock, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_dict(await description(site))
    token = await site.token()
    operations: list[Any] = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) > 20
    for operation in operations:
        if operation.path not in _ELSEWHERE and (mode is GenerationMode.POSITIVE or _can_be_wrong(operation)):
            await asyncio.to_thread(_ask, operation, mode, site.url, token, clock)


def _can_be_wrong(operation: Any) -> bool:
    return bool(list(operation.iter_parameters()) or list(operation.body))


def _ask(operation: Any, mode: GenerationMode, url: str, token: str, clock: FakeClock) -> None:
    @_QUICKLY
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        clock.forward(seconds=11)  # past the strictest budget
        case.call_and_validate(base_url=url, headers={"Authorization": f"Bearer {token}"}, checks=_CHECKS)

    ask()


async def test_the_description_tells_of_errors_and_tokens(site: Site) -> None:
    told = await description(site)
    assert told["components"]["schemas"]["Error"]["required"] == ["error", "message", "details"]
    assert told["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    calls = [said for methods in told["paths"].values() for said in methods.values()]
    assert [said["operationId"] for said in calls if "default" not in said["responses"]] == []


async def test_errors_are_of_the_shape_that_is_told(site: Site, mara: httpx.AsyncClient) -> None:
    async with site.script() as nobody:
        refused = [await nobody.get("/api/stats"), await mara.get("/api/stats?range=soon"), await mara.get("/api/nothing")]
    assert [set(one.json()) for one in refused] == [{"error", "message", "details"}] * 3
