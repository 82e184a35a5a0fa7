"""F02: Spotify answers 5xx, now and then or always: few tries, longer pauses, nobody hammers, and it heals alone."""

from __future__ import annotations

import pytest

from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.collect.recently_played import SILENT
from audiospective.collect.sweep import sweep_due
from tests.stand_in import World


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_burst_costs_no_play_and_few_calls(world: World, status: int) -> None:
    user = UserId((await world.sign_in("mara")).person.id)
    await sweep_due(*world.parts, world.clock)
    world.stand_in.trouble["plays"] = (status, {}, {})
    asked = world.stand_in.asked["plays"]
    for minute in range(6 * 60):
        world.clock.forward(minutes=1)
        if minute % 10 == 0:
            world.stand_in.hear("mara", (world.clock.now(), f"song-{minute}"))
        await sweep_due(*world.parts, world.clock)
    assert world.stand_in.asked["plays"] - asked <= 3 * 10, "three tries each, after 2, 4, 8 … 60 minutes"
    world.stand_in.trouble.clear()
    for _ in range(62):
        world.clock.forward(minutes=1)
        await sweep_due(*world.parts, world.clock)
    async with world.db.transaction() as conn:
        assert len((await history.load(conn, user)).ended_at) == 36


async def test_when_nobody_is_answered_the_rest_isnt_asked_and_all_heals_alone(world: World) -> None:
    people = 3 * SILENT
    for n in range(people):
        await world.sign_in(f"listener{n}")
    world.stand_in.trouble["plays"] = (503, {}, {})
    swept = await sweep_due(*world.parts, world.clock)
    assert ({one.kind.value for one in swept.troubles}, len(swept.troubles)) == ({"unreachable"}, people)
    assert world.stand_in.asked["plays"] < 3 * people
    world.stand_in.trouble.clear()
    world.clock.forward(minutes=5)
    healed = await sweep_due(*world.parts, world.clock)
    assert (healed.leased, healed.troubles) == (people, ())


async def test_one_persons_errors_close_nothing_for_others(world: World) -> None:
    for n in range(2 * SILENT):
        await world.sign_in(f"listener{n}")
        if n % 2:
            world.stand_in.trouble[f"listener{n}"] = (500, {}, {})
    swept = await sweep_due(*world.parts, world.clock)
    assert len(swept.troubles) == SILENT
