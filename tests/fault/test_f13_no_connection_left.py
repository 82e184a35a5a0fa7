"""F13: every connection is taken, or a slow statement holds the pool: 503 within seconds with Retry-After, health tells, and it heals."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from audiospective.infra.database import Database, execute
from tests.clock import FakeClock
from tests.web.site import opened


async def test_a_pool_without_a_connection_answers_soon_and_heals(dsn: str, clock: FakeClock, tmp_path: Path) -> None:
    db = Database(dsn, size=2)
    await db.open()
    async with opened(db, clock, tmp_path) as site:
        session = await site.session()
        held = asyncio.Event()

        async def hold() -> None:
            async with db.transaction() as conn:
                await execute(conn, "SELECT pg_sleep(0.01)")
                await held.wait()

        holders = [asyncio.create_task(hold()) for _ in range(2)]
        await asyncio.sleep(0.1)
        async with site.browser(**session) as browser:
            began = time.monotonic()
            health, stats = await asyncio.gather(
                browser.get("/api/health"), browser.get("/api/stats", headers={"Accept": "application/json"})
            )
            assert (stats.status_code, stats.json()["error"], "retry-after" in stats.headers) == (503, "DATABASE_ERROR", True)
            assert (health.status_code, health.json()["services"]["database"]["status"]) == (503, "unhealthy")
            assert time.monotonic() - began < 30
            held.set()
            await asyncio.gather(*holders)
            assert (await browser.get("/api/stats", headers={"Accept": "application/json"})).status_code == 200
    await db.close()
