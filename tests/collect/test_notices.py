"""What a listener must know is told once, by the ways that they chose; what is true of many is told to nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audiospective.accounts import ways
from audiospective.accounts.grants import CONSENT
from audiospective.accounts.ways import Topic
from audiospective.collect import notices
from audiospective.collect.notices import NoticeKind
from audiospective.collect.sweep import sweep_due
from audiospective.infra.database import fetch_all
from audiospective.privacy import erasure
from tests.stand_in import World


async def tell(world: World) -> list[NoticeKind]:
    return await notices.tell(world.db, world.clock, app_url="https://music.example.org")


async def letters(world: World) -> list[str]:
    async with world.db.transaction() as conn:
        return await fetch_all(conn, "SELECT subject FROM outbox ORDER BY id", str)


async def mara(world: World, *wants: Topic) -> int:
    """Somebody who is told of trouble by a hook, unless they want something else."""
    user = (await world.sign_in("mara")).person.id
    async with world.db.transaction() as conn:
        here = {"127.0.0.1"}
        await ways.add(
            conn,
            world.sealer,
            user,
            "webhook",
            "http://127.0.0.1:9/",
            wants=wants or (Topic.TROUBLE,),
            now=world.clock.now(),
            local_hosts=here,
        )
    return user


async def told_hourly(world: World, days: int) -> list[tuple[int, NoticeKind]]:
    """What is told in so many days, by the day."""
    told = []
    for day in range(days):
        for _ in range(4):
            world.clock.forward(hours=6)
            told += [(day, kind) for kind in await tell(world)]
    return told


async def test_the_end_of_a_permission_is_foretold_three_times_and_never_again(world: World) -> None:
    await mara(world)
    told = await told_hourly(world, CONSENT.days + 5)
    assert [(CONSENT.days - day - 1, kind) for day, kind in told] == [
        (30, NoticeKind.ENDS_IN_30),
        (14, NoticeKind.ENDS_IN_14),
        (3, NoticeKind.ENDS_IN_3),
    ]
    assert len(await letters(world)) == 3


async def test_signing_in_again_begins_anew(world: World) -> None:
    await mara(world)
    world.clock.forward(days=CONSENT.days - 20)
    assert await tell(world) == [NoticeKind.ENDS_IN_30]
    await world.sign_in("mara")
    assert await told_hourly(world, 30) == []


async def test_an_instance_that_slept_tells_the_last_warning_alone(world: World) -> None:
    await mara(world)
    world.clock.forward(days=CONSENT.days - 2)
    assert (await tell(world), await tell(world)) == ([NoticeKind.ENDS_IN_3], [])


async def test_who_wants_no_news_of_trouble_gets_none(world: World) -> None:
    await mara(world, Topic.WEEKLY)
    world.clock.forward(days=CONSENT.days - 2)
    assert (len(await tell(world)), await letters(world)) == (1, [])


async def test_that_collecting_has_stopped_is_told_once(world: World) -> None:
    await mara(world)
    world.stand_in.refresh_tokens.clear()
    world.clock.forward(hours=2)
    await sweep_due(*world.parts, world.clock)
    assert await tell(world) == []
    assert [kind for _, kind in await told_hourly(world, 40)] == [NoticeKind.STOPPED]
    assert await letters(world) == ["Collecting has stopped"]


async def test_the_fleets_breaker_mails_no_one(world: World) -> None:
    for number in range(8):
        await world.sign_in(f"listener{number}")
    world.stand_in.refresh_tokens.clear()
    world.clock.forward(hours=2)
    await sweep_due(*world.parts, world.clock)
    world.clock.forward(hours=1)
    assert await tell(world) == []


@pytest.mark.parametrize(("people_in_trouble", "told"), [(1, 1), (8, 0)])
async def test_a_day_without_an_answer_is_told_unless_it_is_everybodys(world: World, people_in_trouble: int, told: int) -> None:
    for number in range(8):
        await world.sign_in(f"listener{number}")
    await sweep_due(*world.parts, world.clock)
    for number in range(people_in_trouble):
        world.stand_in.trouble[f"listener{number}"] = (403, {"error": {"status": 403, "message": "no"}}, {})
    for _ in range(10):
        world.clock.forward(hours=3)
        await sweep_due(*world.parts, world.clock)
        await tell(world)
    async with world.db.transaction() as conn:
        kinds = await fetch_all(conn, "SELECT kind FROM notices_told", str)
    assert kinds == ["held_up"] * told


async def test_a_silence_twice_as_long_as_any_is_told_once(world: World) -> None:
    await mara(world)
    for _ in range(60):
        world.stand_in.hear("mara", (world.clock.now(), "one"), (world.clock.now() - timedelta(hours=1), "two"))
        await sweep_due(*world.parts, world.clock)
        world.clock.forward(hours=26)
    told = []
    for _ in range(12):
        world.clock.forward(hours=12)
        await sweep_due(*world.parts, world.clock)
        told += await tell(world)
    assert told == [NoticeKind.QUIET]


async def test_pages_say_it_as_long_as_it_is_so(world: World) -> None:
    user, held_up = await mara(world), []
    for hours in range(0, 56, 8):
        world.stand_in.trouble = {"mara": (403, {"error": {"status": 403, "message": "no"}}, {})} if 0 < hours < 48 else {}
        await sweep_due(*world.parts, world.clock)
        held_up.append(await standing(world, user))
        world.clock.forward(hours=8)
    assert held_up == [None, None, None, "held_up", "held_up", "held_up", None]


async def test_of_a_silence_pages_say_until_something_is_heard(world: World) -> None:
    user = await mara(world)
    for _ in range(60):
        world.stand_in.hear("mara", (world.clock.now(), "one"), (world.clock.now() - timedelta(hours=1), "two"))
        await sweep_due(*world.parts, world.clock)
        world.clock.forward(hours=26)
    told = []
    for day in range(9):
        if day == 7:
            world.stand_in.hear("mara", (world.clock.now(), "three"))
        await sweep_due(*world.parts, world.clock)
        await tell(world)
        told.append(await standing(world, user))
        world.clock.forward(days=1)
    assert told == [None, None, *["quiet"] * 5, None, None]


async def standing(world: World, user: int) -> str | None:
    async with world.db.reading() as conn:
        found = await notices.standing(conn, user, world.clock.now())
    return found.kind if found else None


async def test_letters_and_notices_go_with_the_person(world: World) -> None:
    user = await mara(world)
    world.clock.forward(days=CONSENT.days - 2)
    await tell(world)
    async with world.db.transaction() as conn:
        await erasure.erase(conn, world.sealer, user, world.clock.now())
    assert await letters(world) == []
