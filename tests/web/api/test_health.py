"""The health call: five services, quick whatever hangs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from audiospective.infra.database import Database
from tests.clock import FakeClock
from tests.web.site import Site, opened


async def test_five_services_are_told(stranger: httpx.AsyncClient) -> None:
    told = (await stranger.get("/api/health")).json()
    assert list(told["services"]) == ["database", "redis", "spotify", "scheduler", "sentry"]
    assert all(set(one) == {"status", "latency"} and one["latency"].endswith("ms") for one in told["services"].values())
    assert set(told) == {"status", "timestamp", "services", "version", "environment"}
    assert (told["services"]["redis"]["status"], told["environment"]) == ("not_configured", "development")


async def test_an_instance_that_works_is_healthy(connected: Site) -> None:
    async with connected.parts.db.transaction() as conn:
        await conn.execute("INSERT INTO worker_heartbeats (name, beat_at) VALUES ('w', %s)", [connected.parts.clock.now()])
    async with connected.script() as client:
        answer = await client.get("/api/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "healthy")


async def test_without_the_database_it_is_unhealthy(site: Site, stranger: httpx.AsyncClient) -> None:
    await site.parts.db.close()
    answer = await stranger.get("/api/health")
    assert (answer.status_code, answer.json()["status"], answer.json()["services"]["database"]["status"]) == (503, "unhealthy", "unhealthy")


@pytest.fixture
async def tarpit() -> AsyncIterator[int]:
    """The port of something that takes connections and never says a word."""
    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for writer in writers:
        writer.close()
    await server.wait_closed()


async def test_whatever_hangs_it_answers_within_a_second(clock: FakeClock, tmp_path: Path, tarpit: int) -> None:
    db = Database(f"postgresql://nobody@127.0.0.1:{tarpit}/nothing", size=2)
    await db.open()
    async with opened(db, clock, tmp_path, spotify_url=f"http://127.0.0.1:{tarpit}") as site, site.script() as client:
        for _ in range(3):
            began = time.perf_counter()
            answer = await client.get("/api/health")
            assert (answer.status_code, time.perf_counter() - began < 1) == (503, True)
    await db.close()
