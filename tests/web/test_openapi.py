"""The API keeps its word: every documented call, asked as it should be and as it shouldn't, gives an answer that is documented too."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.clock import FakeClock
from tests.web.site import Site

#: What takes files or waits for others is asked in tests of its own.
_ELSEWHERE = frozenset({"/api/imports", "/api/imports/rehearsal", "/api/test-sentry", "/api/cron/archive", "/api/queue/archive-batch"})


async def description(site: Site) -> dict[str, Any]:
    async with site.script() as client:
        found: dict[str, Any] = (await client.get("/api/docs/openapi.json")).json()
        return found


@pytest.mark.parametrize("mode", ["positive", "negative"])
async def test_every_call_is_answered_as_the_description_says(site: Site, clock: FakeClock, mode: str) -> None:
    from tests.web import described  # noqa: PLC0415 (takes a third of a second, and every worker collects this file)

    token = await site.token()
    operations = described.operations(await description(site))
    assert len(operations) > 20
    for operation in operations:
        if operation.path not in _ELSEWHERE and (mode == "positive" or _can_be_wrong(operation)):
            await asyncio.to_thread(described.ask, operation, mode, site.url, token, clock)


def _can_be_wrong(operation: Any) -> bool:
    return bool(list(operation.iter_parameters()) or list(operation.body))


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
