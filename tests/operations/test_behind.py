"""How far the sweeps are behind their plan: what a launch is rolled back for, so it must not be what a quiet night looks like."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audiospective.collect.rhythm import LONGEST
from audiospective.collect.sweep import sweep_due
from audiospective.operations.probes import work
from tests.stand_in import World


@pytest.fixture
async def swept(world: World) -> World:
    """One person who was just swept."""
    world.stand_in.hear("mara", (world.clock.now() - timedelta(minutes=3), "song-1"))
    await world.sign_in("mara")
    assert (await sweep_due(*world.parts, world.clock)).new == 1
    return world


async def _behind(world: World) -> object:
    return (await work.look(world.db, world.clock.now()))["scheduler.behind_minutes"].value


async def test_nobody_is_behind_while_nobody_is_due(swept: World) -> None:
    assert await _behind(swept) == 0


async def test_the_longest_wait_of_somebody_due_counts(swept: World) -> None:
    swept.clock.forward(seconds=2 * 3600)
    waits = await _behind(swept)
    assert isinstance(waits, float)
    assert 59 <= waits <= 120


async def test_sweeps_that_all_fail_are_behind_although_each_was_put_off(swept: World) -> None:
    async with swept.db.transaction() as conn:
        await conn.execute("UPDATE sweeps SET due_at = due_at + interval '1 day'")
    swept.clock.forward(seconds=LONGEST.total_seconds() + 1800)
    assert await _behind(swept) == pytest.approx(30, abs=1)


async def test_without_anybody_connected_it_does_not_apply(world: World) -> None:
    assert (await work.look(world.db, world.clock.now()))["scheduler.behind_minutes"].inapplicable
