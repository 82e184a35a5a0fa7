"""F18: two sweepers at once, and one that stood still for ten minutes: nobody is swept twice, and the late one writes nothing."""

from __future__ import annotations

import asyncio

from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.collect.sweep import sweep_due
from audiospective.infra.database import fetch_all
from tests.stand_in import World


async def test_two_sweepers_share_the_work(world: World) -> None:
    for n in range(12):
        await world.sign_in(f"listener{n}")
    world.stand_in.delay_s = 0.02
    swept = await asyncio.gather(*(sweep_due(*world.parts, world.clock, size=6) for _ in range(2)), sweep_due(*world.parts, world.clock))
    assert (sum(one.leased for one in swept), world.stand_in.asked["plays"]) == (12, 12)


async def test_whoever_stood_still_past_the_end_of_the_lease_writes_nothing(world: World) -> None:
    user = UserId((await world.sign_in("mara")).person.id)
    world.stand_in.hear("mara", (world.clock.now(), "old"))
    world.stand_in.delay_s = 0.3
    frozen = asyncio.create_task(sweep_due(*world.parts, world.clock))
    while not world.stand_in.asked["plays"]:  # noqa: ASYNC110 (it holds the lease by then, however busy the machine is)
        await asyncio.sleep(0.01)
    world.clock.forward(minutes=11)
    world.stand_in.delay_s = 0.0
    world.stand_in.hear("mara", (world.clock.now(), "new"))
    heir = await sweep_due(*world.parts, world.clock)
    async with world.db.transaction() as conn:
        (due,) = await fetch_all(conn, "SELECT due_at::text FROM sweeps", str)
    late = await frozen
    async with world.db.transaction() as conn:
        assert await fetch_all(conn, "SELECT due_at::text FROM sweeps", str) == [due], "the late one settles nothing"
        assert len((await history.load(conn, user)).ended_at) == 2
    assert (heir.new, late.new) == (2, 0)
