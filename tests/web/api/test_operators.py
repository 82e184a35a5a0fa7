"""What operators see of the instance, and nobody else."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import sentry_sdk
from aiohttp import web
from sentry_sdk.utils import event_from_exception

from audiospective.accounts import people
from audiospective.infra import tracking
from audiospective.operations import faults
from audiospective.web.api import envelope
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
    for _ in range(600):
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


async def test_sentrys_clients_may_tell_this_instance(site: Site, stranger: httpx.AsyncClient) -> None:
    client = sentry_sdk.Client(dsn=envelope.dsn(site.parts), default_integrations=False, release="9.9")
    try:
        raise LookupError("somewhere else")
    except LookupError:
        event, hint = event_from_exception(sys.exc_info())
        client.capture_event(event, hint)
    await asyncio.to_thread(client.close)
    async with site.parts.db.reading() as conn:
        (found,) = await faults.kinds(conn, site.parts.clock.now() - timedelta(days=10_000))
    assert (found.title, found.count) == ("LookupError: somewhere else", 1)
    for key in ("", "guessed"):
        answer = await stranger.post("/api/0/envelope/", content=b"{}", headers={"X-Sentry-Auth": f"Sentry sentry_key={key}"})
        assert answer.status_code == 404
    good = {"X-Sentry-Auth": f"Sentry sentry_key={envelope.dsn(site.parts).split('//')[1].split('@')[0]}"}
    for bad in (b"\x1f\x8bnonsense", b"nonsense", b'{"event_id": 1}\n{"type": "event"}\n{"exception": {"values": [1]}}'):
        assert (await stranger.post("/api/0/envelope/", content=bad, headers=good)).status_code == 400, bad
