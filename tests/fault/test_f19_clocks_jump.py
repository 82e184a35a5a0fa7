"""F19: the clock jumps by an hour or a day, backwards in a sweep, and into 2038: no hour twice, no play lost, nobody locked out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from audiospective.accounts import sessions
from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.collect.sweep import sweep_due
from tests.stand_in import World


async def plays(world: World, user: UserId) -> list[int]:
    async with world.db.transaction() as conn:
        return list((await history.load(conn, user)).ended_at.tolist())


@pytest.mark.parametrize("hours", [-24, -1, 1, 24])
async def test_a_jump_between_sweeps_loses_no_play(world: World, hours: int) -> None:
    world.stand_in.now = None
    user = UserId((await world.sign_in("mara")).person.id)
    for n in range(6):
        world.stand_in.hear("mara", (world.clock.now(), f"song-{n}"))
        await sweep_due(*world.parts, world.clock)
        world.clock.forward(hours=hours if n == 2 else 1.1)
    for _ in range(30):
        world.clock.forward(hours=1.1)
        await sweep_due(*world.parts, world.clock)
    stored = await plays(world, user)
    assert len(stored) == len(set(stored)) == len({item["played_at"] for item in world.stand_in.plays["mara"]})


async def test_backwards_in_the_middle_of_a_sweep_stores_once(world: World) -> None:
    user = UserId((await world.sign_in("mara")).person.id)
    world.stand_in.hear("mara", (world.clock.now(), "song"))
    world.stand_in.delay_s = 0.2
    sweeping = asyncio.create_task(sweep_due(*world.parts, world.clock))
    await asyncio.sleep(0.05)
    world.clock.forward(hours=-1)
    await sweeping
    world.stand_in.delay_s = 0.0
    await sweep_due(*world.parts, world.clock)
    world.clock.forward(hours=3)
    await sweep_due(*world.parts, world.clock)
    assert len(await plays(world, user)) == 1


async def test_the_second_after_2038s_last_is_as_any_other(world: World) -> None:
    world.clock.forward(seconds=(datetime(2038, 1, 19, 3, 14, 6, tzinfo=UTC) - world.clock.now()).total_seconds())
    signed_in = await world.sign_in("mara")
    world.stand_in.hear("mara", (world.clock.forward(seconds=1), "before"), (world.clock.forward(seconds=1), "after"))
    await sweep_due(*world.parts, world.clock)
    assert len(await plays(world, UserId(signed_in.person.id))) == 2
    async with world.db.transaction() as conn:
        assert await sessions.find(conn, signed_in.session, world.clock.now()) is not None
