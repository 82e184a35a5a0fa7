"""Two processes of one instance: with Redis they have one budget, without it each keeps its own, and sign-in is never open (A075, F16)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from audiospective.infra.database import Database
from audiospective.infra.shared_store import RestStore
from tests.clock import FakeClock
from tests.simulators import redis as simulated
from tests.simulators.redis import TOKEN, FakeRedis
from tests.web.site import Site, opened

Both = tuple[FakeRedis, Site, Site]


@pytest.fixture
async def both(db: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Both]:
    """One Redis, two processes."""
    fake = FakeRedis(lambda: clock.monotonic() * 1000)
    async with contextlib.AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        redis = await stack.enter_async_context(simulated.rest(fake))
        one, other = [
            await stack.enter_async_context(opened(db, clock, tmp_path, store=RestStore(http, redis.url, TOKEN, patience_s=20)))
            for _ in range(2)
        ]
        yield fake, one, other


async def _statuses(site: Site, path: str, times: int) -> list[int]:
    async with site.script() as client:
        return [(await client.get(path)).status_code for _ in range(times)]


async def test_what_one_process_gave_the_other_takes_into_account(both: Both) -> None:
    _, one, other = both
    assert await _statuses(one, "/auth/spotify", 7) == [303] * 7
    assert await _statuses(other, "/auth/spotify", 4) == [303] * 3 + [429]


async def test_with_redis_away_pages_work_and_sign_in_keeps_its_limit(both: Both) -> None:
    fake, one, _ = both
    fake.error = "ERR max daily request limit exceeded"
    assert await _statuses(one, "/", 2) == [200, 200]
    assert await _statuses(one, "/auth/spotify", 11) == [303] * 10 + [429]
    async with one.script() as client:
        health = await client.get("/api/health")
    assert (health.status_code, health.json()["services"]["redis"]["status"]) == (200, "degraded")
