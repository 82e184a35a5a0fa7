"""F37: one listener with a very large archive among small ones: the small ones' answers stay as quick as they were."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from audiospective.archive.plays import UserId
from audiospective.infra.database import Database, execute
from tests.clock import FakeClock
from tests.web.site import Site, opened

_LARGE = 400_000


async def plays(site: Site, name: str, rows: int) -> str:
    person = await site.listener(name)
    async with site.parts.db.transaction() as conn:
        await execute(conn, "INSERT INTO artists (name) VALUES ('A') ON CONFLICT DO NOTHING")
        await execute(conn, "INSERT INTO tracks (artist_id, name) SELECT min(id), 'T' FROM artists ON CONFLICT DO NOTHING")
        await execute(
            conn,
            "INSERT INTO plays SELECT timestamptz '2020-01-01' + n * interval '4 min', %(user)s, (SELECT min(id) FROM tracks), 200000,"
            " 0, 0, 0, 1, 0, 0, 0 FROM generate_series(1, %(rows)s) AS n",
            user=UserId(person.id),
            rows=rows,
        )
    return await site.token(name)


async def slowest(site: Site, token: str, tries: int) -> float:
    times = []
    async with site.script(token) as client:
        for _ in range(tries):
            began = time.monotonic()
            assert (await client.get("/api/stats?range=all")).status_code == 200
            times.append(time.monotonic() - began)
            await asyncio.sleep(0.01)
    return sorted(times)[len(times) * 3 // 4]


@pytest.fixture
async def site(db: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Site]:
    """An instance that can't reach Spotify."""
    async with opened(db, clock, tmp_path) as running:
        yield running


async def test_small_archives_dont_wait_for_the_large_one(site: Site) -> None:
    large, small = await plays(site, "large", _LARGE), await plays(site, "small", 50)
    alone = await slowest(site, small, 8)
    async with site.script(large) as client:
        busy = asyncio.create_task(client.get("/api/top-tracks?range=all"))
        beside = await slowest(site, small, 8)
        assert (await busy).status_code == 200
    assert beside <= max(20 * alone, 1.0)
