"""F17: the outside scheduler calls twice, late, in bursts, from two schedules, or not at all: each hour is swept once, and none is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.collect import summons
from audiospective.collect.sweep import sweep_due
from audiospective.infra.signed_calls import SignedCall
from tests.stand_in import World


async def call(world: World, number: str) -> bool:
    """One call as the route carries it out; whether it did something."""
    async with world.db.transaction() as conn:
        is_first = await summons.is_first(conn, SignedCall(number, world.clock.now() + timedelta(minutes=5)), world.clock.now())
    if is_first:
        await summons.sweep_all(*world.parts, world.clock)
    return is_first


async def test_a_burst_of_calls_from_two_schedules_sweeps_each_hour_once(world: World) -> None:
    for name in ("mara", "noor", "olu"):
        await world.sign_in(name)
    await call(world, "first")
    for hour in range(3):
        for name in ("mara", "noor", "olu"):
            world.stand_in.hear(name, (world.clock.now(), f"song-{hour}"))
        await sweep_due(*world.parts, world.clock)
        world.clock.forward(hours=2, minutes=1)
        before = world.stand_in.asked["plays"]
        await asyncio.gather(*(call(world, f"{hour}-{n % 12}") for n in range(24)), sweep_due(*world.parts, world.clock))
        assert world.stand_in.asked["plays"] - before == 3


async def test_the_same_call_again_and_out_of_order_does_nothing(world: World) -> None:
    await world.sign_in("mara")
    assert [await call(world, one) for one in ("a", "b", "a", "b", "a")] == [True, True, False, False, False]


async def test_hours_without_a_call_come_with_the_next(world: World) -> None:
    user = UserId((await world.sign_in("mara")).person.id)
    await call(world, "first")
    for n in range(40):
        world.stand_in.hear("mara", (world.clock.forward(minutes=4), f"song-{n}"))
    world.clock.forward(minutes=59)
    await call(world, "late")
    async with world.db.transaction() as conn:
        assert len((await history.load(conn, user)).ended_at) == 40
