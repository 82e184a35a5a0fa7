"""F05: items twice, pages that overlap, out of order, that shrink: the set of plays is exact."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.collect.sweep import sweep_due, sweep_person
from tests.stand_in import World


@pytest.mark.parametrize("seed", range(6))
async def test_however_the_answers_come_each_play_is_stored_once(world: World, seed: int) -> None:
    chance = random.Random(seed)
    user = UserId((await world.sign_in("mara")).person.id)
    heard: list[str] = []
    items: list[dict[str, Any]] = []
    for _ in range(12):
        for _ in range(chance.randint(0, 12)):
            at = world.clock.forward(seconds=chance.randint(31, 300)) + timedelta(milliseconds=chance.randint(0, 999))
            world.stand_in.hear("mara", (at, f"song-{len(heard)}"))
            heard.append(world.stand_in.plays["mara"][0]["played_at"])
        items = world.stand_in.plays["mara"][: chance.randint(25, 50)]
        told = [*items, *chance.sample(items, min(len(items), 5))]
        chance.shuffle(told)
        world.stand_in.trouble["plays"] = (200, {"items": told, "next": "http://127.0.0.1/again", "cursors": {"after": "1"}}, {})
        world.clock.forward(minutes=chance.choice([5, 61]))
        await sweep_person(*world.parts, world.clock, user)
    async with world.db.transaction() as conn:
        stored = (await history.load(conn, user)).ended_at.tolist()
    assert (len(stored), len(set(stored))) == (len(heard), len(heard))


async def test_two_songs_of_the_same_millisecond_are_two_plays(world: World) -> None:
    user = UserId((await world.sign_in("mara")).person.id)
    at = world.clock.now()
    world.stand_in.hear("mara", (at, "one"), (at, "two"), (at, "two"))
    await sweep_due(*world.parts, world.clock)
    async with world.db.transaction() as conn:
        assert len((await history.load(conn, user)).ended_at) == 2
