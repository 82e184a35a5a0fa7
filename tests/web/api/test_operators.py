"""What operators see of the instance, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from aiohttp import web

from audiospective.accounts import people
from audiospective.infra import tracking
from audiospective.web.measures import Measures
from tests.web.site import Site


@pytest.fixture
async def operator(site: Site, mara: httpx.AsyncClient) -> httpx.AsyncClient:
    """Mara, who runs this instance."""
    async with site.parts.db.transaction() as conn:
        await people.set_operator(conn, (await site.listener()).id, may=True)
    return mara


@pytest.fixture
async def tracker() -> AsyncIterator[tuple[str, list[str]]]:
    """A tracker that keeps what it is told; its address."""
    heard: list[str] = []

    async def envelope(request: web.Request) -> web.Response:
        heard.append((await request.read()).decode())  # unpacked by the server
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/api/7/envelope/", envelope)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://key@127.0.0.1:{runner.addresses[0][1]}/7", heard
    tracking.start("http://key@127.0.0.1:9/7", environment="", release="")
    await runner.cleanup()


async def test_prometheus_on_this_machine_reads_figures(stranger: httpx.AsyncClient) -> None:
    await stranger.get("/privacy")
    answer = await stranger.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'audiospective_request_seconds_count{kind="page",status="2xx"} 1.0' in answer.text
    assert 'audiospective_reading{name="people_accounts"} 0.0' in answer.text


async def test_what_a_proxy_passes_on_is_for_operators_alone(stranger: httpx.AsyncClient, mara: httpx.AsyncClient, site: Site) -> None:
    passed_on = {"X-Forwarded-For": "203.0.113.7"}
    assert (await stranger.get("/metrics", headers=passed_on)).status_code == 404
    assert (await mara.get("/metrics", headers=passed_on)).status_code == 404
    async with site.parts.db.transaction() as conn:
        await people.set_operator(conn, (await site.listener()).id, may=True)
    assert (await mara.get("/metrics", headers=passed_on)).status_code == 200


async def test_an_ordinary_listener_finds_nothing_there(mara: httpx.AsyncClient) -> None:
    assert (await mara.get("/api/test-sentry")).status_code == 404


async def test_an_error_on_purpose_reaches_the_tracker_and_tells_nobody_who(
    operator: httpx.AsyncClient, tracker: tuple[str, list[str]]
) -> None:
    address, heard = tracker
    tracking.start(address, environment="production", release="0.1")
    answer = await operator.get("/api/test-sentry", headers={"Cookie": "canary=1", "X-Canary": "canary"})
    assert (answer.status_code, answer.json()["error"]) == (500, "INTERNAL_ERROR")
    for _ in range(100):
        if heard:
            break
        await asyncio.sleep(0.05)
    told = "".join(heard)
    assert "TestOfErrors" in told
    assert '"environment":"production"' in told
    assert "canary" not in told
    assert "as_" not in told.replace("has_", "")


def test_kinds_of_addresses_are_few() -> None:
    measures = Measures()
    for number in range(500):
        measures.observe(f"/history/{number}", 200 + number % 3, 0.01)
    assert measures.text({}).count(b"_bucket{") < 60
