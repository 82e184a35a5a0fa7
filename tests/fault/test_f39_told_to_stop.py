"""F39: told to stop in the middle of a sweep, twice: what is under way ends or is left to others, and the hand-over costs nothing."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

from audiospective.archive import history
from audiospective.archive.history import HistoryCache
from audiospective.archive.plays import UserId
from audiospective.bootstrap import Parts
from audiospective.collect.leases import LEASE
from audiospective.collect.sweep import sweep_due
from audiospective.infra.telemetry import get_logger
from audiospective.jobs import worker
from audiospective.settings import Environment, Secret, Settings
from tests.stand_in import World


async def test_a_worker_told_twice_ends_within_seconds_and_another_goes_on(world: World, tmp_path: Path) -> None:
    user = UserId((await world.sign_in("mara")).person.id)
    world.stand_in.hear("mara", (world.clock.now(), "song"))
    world.stand_in.delay_s = 1.0
    settings = Settings(Environment.DEVELOPMENT, tmp_path, None, "http://127.0.0.1:8000", (Secret("s"),), world.spotify.settings)
    parts = Parts(settings, world.clock, world.db, world.spotify, world.sealer, HistoryCache(), get_logger())
    working = asyncio.create_task(worker.main(parts))
    while not world.stand_in.asked["plays"]:  # noqa: ASYNC110 (the stand-in has no event for it)
        await asyncio.sleep(0.02)
    began = time.monotonic()
    working.cancel()
    await asyncio.sleep(0.05)
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
    assert time.monotonic() - began < 30
    world.stand_in.delay_s = 0.0
    world.clock.forward(hours=1, seconds=LEASE.total_seconds())
    await sweep_due(*world.parts, world.clock)
    async with world.db.transaction() as conn:
        assert len((await history.load(conn, user)).ended_at) == 1
