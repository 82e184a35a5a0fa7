"""What a sweep does, against a stand-in for Spotify."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from structlog.testing import capture_logs

from audiospective.accounts import grants
from audiospective.archive import history
from audiospective.archive.plays import History, UserId
from audiospective.collect.rhythm import TroubleKind
from audiospective.collect.sweep import Swept, sweep_due, sweep_person
from audiospective.infra.database import execute, fetch_all
from audiospective.spotify import quota
from audiospective.spotify.quota import Lane
from tests.stand_in import World

_WEB_FAULT = {"error": {"status": 403, "message": "User not registered in the Developer Dashboard"}}


async def _signed_in(world: World, *accounts: str, plays: int = 3) -> list[UserId]:
    users = []
    for account in accounts:
        world.stand_in.hear(account, *_evening(world, plays))
        users.append(UserId((await world.sign_in(account)).person.id))
    return users


def _evening(world: World, plays: int) -> list[tuple[datetime, str]]:
    return [(world.clock.now() - timedelta(minutes=3 * (plays - n)), f"song-{n % 20}") for n in range(plays)]


async def _due(world: World) -> Swept:
    return await sweep_due(*world.parts, world.clock)


async def _history(world: World, user: UserId) -> History:
    async with world.db.transaction() as conn:
        return await history.load(conn, user)


async def _due_at(world: World, user: UserId) -> datetime:
    async with world.db.transaction() as conn:
        return (await fetch_all(conn, "SELECT due_at FROM sweeps WHERE user_id = %(user)s", datetime, user=user))[0]


async def test_everyone_who_is_due_is_archived(world: World) -> None:
    users = await _signed_in(world, "mara", "noor", plays=3)
    with capture_logs() as logs:
        assert await _due(world) == Swept(leased=2, fetched=6, new=6)
    assert [len(await _history(world, user)) for user in users] == [3, 3]
    assert [(line["event"], line["people"], line["new"]) for line in logs] == [("sweep.stored", 2, 6)]


async def test_a_second_sweep_adds_nothing(world: World) -> None:
    (mara,) = await _signed_in(world, "mara")
    await _due(world)
    assert await _due(world) == Swept(leased=0)
    assert await sweep_person(*world.parts, world.clock, mara) == Swept(leased=1, fetched=3, new=0, duplicates=3)
    assert len(await _history(world, mara)) == 3


async def test_a_play_that_spotify_reports_late_is_archived(world: World) -> None:
    (mara,) = await _signed_in(world, "mara")
    await _due(world)
    world.stand_in.hear("mara", (world.clock.now() - timedelta(days=1), "on-the-train"))
    assert (await sweep_person(*world.parts, world.clock, mara)).new == 1


async def test_fifty_new_plays_bring_the_next_sweep_forward(world: World) -> None:
    (mara,) = await _signed_in(world, "mara", plays=50)
    await _due(world)
    assert await _due_at(world, mara) == world.clock.now() + timedelta(minutes=10)


async def test_one_persons_trouble_never_costs_another_a_play(world: World) -> None:
    _, noor = await _signed_in(world, "mara", "noor")
    world.stand_in.trouble["mara"] = (403, _WEB_FAULT, {})
    swept = await _due(world)
    assert [trouble.kind for trouble in swept.troubles] == [TroubleKind.FORBIDDEN]
    assert len(await _history(world, noor)) == 3


async def test_a_token_taken_back_early_is_renewed_once(world: World) -> None:
    (mara,) = await _signed_in(world, "mara")
    world.stand_in.access_tokens["mara"] = "another"
    assert (await sweep_person(*world.parts, world.clock, mara)).new == 3
    assert world.stand_in.asked["token"] == 2


async def test_a_token_that_is_refused_twice_is_a_trouble(world: World) -> None:
    (mara,) = await _signed_in(world, "mara")
    world.stand_in.trouble["mara"] = (401, {"error": {"status": 401, "message": "no"}}, {})
    swept = await sweep_person(*world.parts, world.clock, mara)
    assert [trouble.kind for trouble in swept.troubles] == [TroubleKind.UNREACHABLE]
    assert (world.stand_in.asked["token"], world.stand_in.asked["plays"]) == (2, 2)


async def test_an_ended_permission_waits_a_day_without_asking_spotify(world: World) -> None:
    (mara,) = await _signed_in(world, "mara")
    world.stand_in.refresh_tokens.clear()
    world.clock.forward(hours=1)
    await _due(world)
    asked = world.stand_in.asked.total()
    swept = await sweep_person(*world.parts, world.clock, mara)
    assert [trouble.kind for trouble in swept.troubles] == [TroubleKind.ENDED]
    assert world.stand_in.asked.total() == asked
    assert await _due_at(world, mara) >= world.clock.now() + timedelta(days=1)


async def test_a_pause_that_spotify_tells_silences_the_whole_app(world: World) -> None:
    (mara,) = await _signed_in(world, "mara")
    world.stand_in.trouble["plays"] = (429, {}, {"Retry-After": "90"})
    await _due(world)
    await _signed_in(world, "noor")
    asked = world.stand_in.asked["plays"]
    world.clock.forward(seconds=89)
    assert await _due(world) == Swept(leased=0)
    told = (await sweep_person(*world.parts, world.clock, mara)).troubles[0]
    assert (told.kind, told.pause_s) == (TroubleKind.PAUSED, 1)
    assert world.stand_in.asked["plays"] == asked
    world.stand_in.trouble.clear()
    world.clock.forward(seconds=120)
    assert (await _due(world)).new == 6


async def test_once_spotify_asks_to_wait_the_others_arent_asked(world: World) -> None:
    await _signed_in(world, *(f"listener{n}" for n in range(30)), plays=1)
    world.stand_in.trouble["plays"] = (429, {}, {"Retry-After": "5"})
    world.stand_in.delay_s = 0.05
    swept = await _due(world)
    assert len(swept.troubles) == 30
    assert world.stand_in.asked["plays"] <= 20


async def test_a_strange_title_costs_no_play(world: World) -> None:
    await _signed_in(world, "mara")
    world.stand_in.plays["mara"][0]["track"]["name"] = "NUL \0 inside"
    assert (await _due(world)).new == 3


async def test_what_cant_be_stored_of_one_person_is_stored_of_the_others(world: World) -> None:
    mara, noor = await _signed_in(world, "mara", "noor")
    world.stand_in.plays["mara"][0]["track"]["id"] = "no \0 id"
    swept = await _due(world)
    assert [(trouble.lease.user_id, trouble.kind) for trouble in swept.troubles] == [(mara, TroubleKind.UNSTORABLE)]
    assert (len(await _history(world, mara)), len(await _history(world, noor))) == (0, 3)
    assert await _due_at(world, mara) >= world.clock.now() + timedelta(hours=1)


async def test_two_workers_archive_everyone_once(world: World) -> None:
    await _signed_in(world, *(f"listener{n}" for n in range(20)), plays=2)
    swept = await asyncio.gather(*(sweep_due(*world.parts, world.clock, size=8) for _ in range(3)))
    assert sum(one.leased for one in swept) == 20
    assert (sum(one.new for one in swept), sum(one.duplicates for one in swept)) == (40, 0)


async def test_a_person_who_is_swept_already_isnt_swept_twice(world: World) -> None:
    (mara,) = await _signed_in(world, "mara")
    world.stand_in.delay_s = 0.1
    swept = await asyncio.gather(*(sweep_person(*world.parts, world.clock, mara) for _ in range(3)))
    assert sorted(one.leased for one in swept) == [0, 0, 1]


async def test_someone_who_was_erased_meanwhile_is_skipped(world: World) -> None:
    mara, _ = await _signed_in(world, "mara", "noor")
    world.stand_in.delay_s = 0.2
    sweeping = asyncio.create_task(_due(world))
    await asyncio.sleep(0.1)
    async with world.db.transaction() as conn:
        await execute(conn, "DELETE FROM people WHERE id = %(mara)s", mara=mara)
    assert (await sweeping).new == 3
    async with world.db.transaction() as conn:
        assert await grants.state(conn, mara) is None


async def test_when_the_days_calls_are_used_up_the_rest_of_the_day_is_shared_out(world: World) -> None:
    await _signed_in(world, *(f"listener-{n}" for n in range(20)))
    async with world.db.transaction() as conn:
        await quota.spend(conn, "app", Lane.SWEEP, 300, world.clock.now() - timedelta(hours=23))
        assert await quota.learn(conn, "app", world.clock.now()) == 340  # with the twenty sign-ins of two calls each
    swept = [(await _due(world)).leased]
    world.clock.forward(hours=2)
    swept += [(await _due(world)).leased, (await _due(world)).leased]
    assert swept == [0, 13, 0]


async def test_a_used_up_quota_is_learned_and_obeyed(world: World) -> None:
    await _signed_in(world, "mara")
    body = {"error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}}
    world.stand_in.trouble["plays"] = (429, body, {"Retry-After": "48925"})
    swept = await _due(world)
    assert [trouble.kind for trouble in swept.troubles] == [TroubleKind.PAUSED]
    async with world.db.reading() as conn:
        budget = await quota.budget(conn, "app", world.clock.forward(hours=13))
    assert budget.is_scarce
    assert budget.paused_until is not None


async def test_archive_now_leaves_the_last_calls_to_the_sweeps(world: World) -> None:
    (mara,) = await _signed_in(world, "mara")
    async with world.db.transaction() as conn:
        await quota.spend(conn, "app", Lane.SWEEP, 400, world.clock.now() - timedelta(hours=23))
        await quota.learn(conn, "app", world.clock.now())
    world.clock.forward(minutes=70)
    async with world.db.transaction() as conn:
        await quota.spend(conn, "app", Lane.SWEEP, 350, world.clock.now() - timedelta(hours=2))
    swept = await sweep_person(*world.parts, world.clock, mara)
    assert [trouble.kind for trouble in swept.troubles] == [TroubleKind.PAUSED]
    assert world.stand_in.asked["plays"] == 0
    world.clock.forward(minutes=2)
    assert (await _due(world)).new == 3
