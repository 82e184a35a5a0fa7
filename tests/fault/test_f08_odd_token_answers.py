"""F08: a token answer without a refresh token, or with an absurd life: the old one goes on, the life is bounded."""

from __future__ import annotations

import pytest

from audiospective.accounts import grants
from audiospective.collect.sweep import sweep_person
from tests.stand_in import World


@pytest.mark.parametrize("sends_empty", [False, True])
async def test_without_a_new_refresh_token_the_old_one_goes_on(world: World, sends_empty: bool) -> None:
    user = (await world.sign_in("mara")).person.id
    world.stand_in.rotates, world.stand_in.sends_empty = False, sends_empty
    for _ in range(5):
        world.clock.forward(hours=3)
        assert (await sweep_person(*world.parts, world.clock, user)).troubles == ()


@pytest.mark.parametrize(("said", "seconds"), [(0, 60), (-1, 60), (10**12, 3600)])
async def test_an_absurd_life_is_bounded(world: World, said: int, seconds: int) -> None:
    world.stand_in.expires_in = said
    user = (await world.sign_in("mara")).person.id
    async with world.db.transaction() as conn:
        state = await grants.state(conn, user)
    assert state is not None
    assert (state.expires_at - world.clock.now()).total_seconds() == seconds
    assert (await sweep_person(*world.parts, world.clock, user)).troubles == ()
