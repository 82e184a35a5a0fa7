"""F04: answers that can't be read, whole or in part: the good items are kept, the bad ones lie aside as they came."""

from __future__ import annotations

from typing import Any

import pytest

from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.collect.sweep import sweep_due
from audiospective.infra.database import fetch_all
from audiospective.privacy import erasure
from tests.stand_in import World

_GOOD = {
    "track": {"id": "t1", "name": "One", "duration_ms": 1000, "artists": [{"name": "A"}], "type": "track"},
    "played_at": "2026-03-18T19:00:00Z",
}
_BAD: dict[str, Any] = {
    "null track": {**_GOOD, "track": None},
    "no time": {"track": _GOOD["track"]},
    "a time that is none": {**_GOOD, "played_at": "yesterday"},
    "a name that is a number": {**_GOOD, "track": {"name": 7}},
    "an episode": {**_GOOD, "track": {**_GOOD["track"], "type": "episode"}},  # type: ignore[dict-item]  # a track
    "a text": "hello",
    "nothing": None,
}


async def stored(world: World, user: int) -> int:
    async with world.db.transaction() as conn:
        return len((await history.load(conn, UserId(user))).ended_at)


async def aside(world: World) -> list[bytes]:
    async with world.db.transaction() as conn:
        return await fetch_all(conn, "SELECT raw FROM unreadable ORDER BY raw", bytes)


@pytest.mark.parametrize("bad", _BAD.values(), ids=_BAD)
async def test_a_bad_item_lies_aside_and_the_good_ones_are_kept(world: World, bad: Any) -> None:
    user = (await world.sign_in("mara")).person.id
    world.stand_in.trouble["plays"] = (200, {"items": [bad, _GOOD], "unknown": {"a": 1}}, {})
    for _ in range(2):
        swept = await sweep_due(*world.parts, world.clock)
        world.clock.forward(hours=2)
    assert (await stored(world, user), swept.troubles) == (1, ())
    (raw,) = await aside(world)
    assert raw[:4] in {b'{"tr', b'{"pl', b'"hel', b"null"}
    async with world.db.transaction() as conn:
        await erasure.erase(conn, world.sealer, user, world.clock.now())
    assert await aside(world) == []


async def test_a_local_file_is_a_play(world: World) -> None:
    user = (await world.sign_in("mara")).person.id
    local: dict[str, Any] = {
        "id": None,
        "name": "Tape",
        "duration_ms": 0,
        "artists": [],
        "is_local": True,
        "uri": "spotify:local:::Tape:0",
        "album": {"name": ""},
    }
    world.stand_in.trouble["plays"] = (200, {"items": [{**_GOOD, "track": local}]}, {})
    await sweep_due(*world.parts, world.clock)
    assert (await stored(world, user), await aside(world)) == (1, [])


@pytest.mark.parametrize("body", [[], {}, {"items": None}, {"items": {}}, {"error": "none"}])
async def test_an_answer_that_is_none_is_a_trouble_that_loses_nothing(world: World, body: Any) -> None:
    user = (await world.sign_in("mara")).person.id
    world.stand_in.trouble["plays"] = (200, body, {})
    (trouble,) = (await sweep_due(*world.parts, world.clock)).troubles
    assert trouble.kind == "unreachable"
    world.stand_in.trouble.clear()
    world.stand_in.hear("mara", (world.clock.now(), "song"))
    world.clock.forward(minutes=10)
    await sweep_due(*world.parts, world.clock)
    assert await stored(world, user) == 1
