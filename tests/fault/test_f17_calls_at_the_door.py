"""F17: the outside scheduler calls late, twice, in a burst, out of order, or not at all; each hour is swept once, and none is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from audiospective.infra.database import Database
from audiospective.settings import SchedulerSettings, Secret
from tests.clock import FakeClock
from tests.stand_in import World, world_of
from tests.web.signing import CURRENT, NEXT, signed
from tests.web.site import Site, opened

_CRON = "/api/cron/archive"
PEOPLE = 4


@pytest.fixture
async def instance(db: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[tuple[World, Site]]:
    """Four people who listen, and nobody who sweeps them but the scheduler outside."""
    keys = SchedulerSettings(signing_keys=(Secret(CURRENT), Secret(NEXT)))
    async with world_of(db, clock) as world:
        for number in range(PEOPLE):
            await world.sign_in(f"listener{number}")
        async with opened(db, clock, tmp_path, scheduler=keys, spotify=world.spotify) as site:
            yield world, site


async def _call(site: Site, message: str) -> httpx.Response:
    signature = signed(f"{site.url}{_CRON}", b"", site.parts.clock.now(), jti=message)
    async with site.script() as client:
        return await client.post(_CRON, headers={"Upstash-Signature": signature})


async def test_a_burst_of_24_late_calls_sweeps_everybody_once(instance: tuple[World, Site], clock: FakeClock) -> None:
    world, site = instance
    clock.forward(hours=24)
    answers = await asyncio.gather(*(_call(site, f"hour {hour}") for hour in reversed(range(24))))
    assert {answer.status_code for answer in answers} == {200}
    assert world.stand_in.asked["plays"] == PEOPLE


async def test_a_call_that_was_an_hour_on_its_way_does_the_work_of_its_hour(instance: tuple[World, Site], clock: FakeClock) -> None:
    world, site = instance
    clock.forward(minutes=59)
    assert (await _call(site, "late")).json()["userCount"] == PEOPLE
    clock.forward(minutes=1)
    await _call(site, "in time")
    assert world.stand_in.asked["plays"] == PEOPLE


async def test_what_an_hour_without_a_call_left_the_next_one_brings(instance: tuple[World, Site], clock: FakeClock) -> None:
    world, site = instance
    await _call(site, "before")
    for number in range(PEOPLE):
        world.stand_in.hear(f"listener{number}", (clock.now(), f"song {number}"))
    clock.forward(hours=2, minutes=5)
    assert (await _call(site, "after")).json()["userCount"] == PEOPLE
    async with site.parts.db.reading() as conn:
        row = await conn.execute("SELECT count(*) FROM plays")
        assert await row.fetchone() == (PEOPLE,)


async def test_two_schedules_of_the_same_hour_are_one(instance: tuple[World, Site]) -> None:
    world, site = instance
    await asyncio.gather(_call(site, "ours"), _call(site, "its double"))
    assert world.stand_in.asked["plays"] == PEOPLE
