"""F07: the six months end, for one and for all at once: foretold (tests/collect/test_notices.py), no hammering, the archive stays."""

from __future__ import annotations

import pytest

from audiospective.accounts import grants
from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.collect.sweep import sweep_due
from tests.stand_in import World


@pytest.mark.parametrize("people", [1, 12])
async def test_all_need_to_sign_in_and_none_is_asked_about_again_and_again(world: World, people: int) -> None:
    users = [UserId((await world.sign_in(f"listener{n}")).person.id) for n in range(people)]
    for n in range(people):
        world.stand_in.hear(f"listener{n}", (world.clock.now(), "song"))
    await sweep_due(*world.parts, world.clock)
    world.clock.forward(days=grants.CONSENT.days + 1)
    world.stand_in.refresh_tokens.clear()
    asked = world.stand_in.asked.total()
    for _ in range(5 * 24):
        await sweep_due(*world.parts, world.clock)
        world.clock.forward(hours=1)
    assert world.stand_in.asked.total() - asked == people, "each is tried once"
    async with world.db.transaction() as conn:
        states = [await grants.state(conn, user) for user in users]
        assert [(one.state, one.ended_reason) for one in states if one] == [("ended", grants.EXPIRED)] * people
        assert [len((await history.load(conn, user)).ended_at) for user in users] == [1] * people


async def test_signing_in_again_goes_on_where_it_was(world: World) -> None:
    user = UserId((await world.sign_in("mara")).person.id)
    world.clock.forward(days=grants.CONSENT.days + 1)
    world.stand_in.refresh_tokens.clear()
    await sweep_due(*world.parts, world.clock)
    await world.sign_in("mara")
    world.stand_in.hear("mara", (world.clock.now(), "song"))
    assert (await sweep_due(*world.parts, world.clock)).troubles == ()
    async with world.db.transaction() as conn:
        assert len((await history.load(conn, user)).ended_at) == 1
