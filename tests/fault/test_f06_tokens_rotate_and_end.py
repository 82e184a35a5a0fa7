"""F06: tokens that expire, rotate and end at the worst moment: the newest is never lost, one refresh at a time, told once."""

from __future__ import annotations

import asyncio

import pytest

from audiospective.accounts import renewal
from audiospective.collect import notices
from audiospective.collect.sweep import sweep_due, sweep_person
from tests.fault.conftest import Killed, Mortal
from tests.stand_in import World


async def test_an_access_token_that_ends_in_the_middle_costs_one_refresh(world: World) -> None:
    user = (await world.sign_in("mara")).person.id
    world.stand_in.access_tokens["mara"] = "another"
    tokens = world.stand_in.asked["token"]
    swept = await sweep_person(*world.parts, world.clock, user)
    assert (swept.troubles, world.stand_in.asked["token"] - tokens, world.stand_in.asked["plays"]) == ((), 1, 2)


async def test_two_refreshes_at_once_are_one(world: World) -> None:
    user = (await world.sign_in("mara")).person.id
    world.clock.forward(hours=1)
    world.stand_in.delay_s = 0.05
    tokens = world.stand_in.asked["token"]
    had = await asyncio.gather(*(renewal.fresh(*world.parts, user, world.clock) for _ in range(3)))
    assert (len(set(had)), world.stand_in.asked["token"] - tokens) == (1, 1)


async def test_who_is_killed_after_the_commit_has_kept_the_rotated_token(world: World) -> None:
    user = (await world.sign_in("mara")).person.id
    world.clock.forward(hours=1)
    mortal = Mortal(world.db.dsn, dies_at=0, committed=True)
    await mortal.open()
    with pytest.raises(Killed):
        await renewal.fresh(mortal, world.spotify, world.sealer, user, world.clock)
    await mortal.close()
    world.clock.forward(hours=2)
    assert await renewal.fresh(*world.parts, user, world.clock) == world.stand_in.access_tokens["mara"]


@pytest.mark.parametrize("rotates", [False, True])
async def test_who_is_killed_before_the_commit_loses_nothing_that_spotify_still_takes(world: World, rotates: bool) -> None:
    """With rotation the answer died with the process: the listener is asked to sign in, once, and the archive stays."""
    user = (await world.sign_in("mara")).person.id
    world.stand_in.rotates = rotates
    world.clock.forward(hours=1)
    mortal = Mortal(world.db.dsn, dies_at=0, committed=False)
    await mortal.open()
    with pytest.raises(Killed):
        await renewal.fresh(mortal, world.spotify, world.sealer, user, world.clock)
    await mortal.close()
    swept = await sweep_person(*world.parts, world.clock, user)
    assert [one.kind.value for one in swept.troubles] == (["ended"] if rotates else [])


async def test_who_took_back_the_permission_is_told_once_and_spotify_asked_no_more(world: World) -> None:
    await world.sign_in("mara")
    world.stand_in.refresh_tokens.clear()
    told = []
    for _ in range(10):
        world.clock.forward(hours=25)
        await sweep_due(*world.parts, world.clock)
        told += await notices.tell(world.db, world.clock, app_url="http://x")
    assert ([one.value for one in told], world.stand_in.asked["token"]) == (["stopped"], 2)
