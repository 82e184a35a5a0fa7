"""“Archive Now”, pressed."""

from __future__ import annotations

import asyncio

import pytest

from audiospective.accounts import people
from audiospective.accounts.grants import GrantEnded
from audiospective.archive.plays import UserId
from audiospective.collect import leases, sweep
from audiospective.collect.sweep import ArchiveStatus, RequestState
from audiospective.errors import NotFound
from audiospective.infra.database import Connection, fetch_all
from tests.clock import FakeClock
from tests.stand_in import World


async def _mara(world: World, songs: int = 0) -> UserId:
    now = world.clock.now()
    world.stand_in.hear("mara", *((now.replace(minute=n), f"song-{n}") for n in range(songs)))
    return (await world.sign_in("mara")).person.id


async def _press(world: World, user: UserId) -> int:
    async with world.db.transaction() as conn:
        return await sweep.request(conn, user, world.clock.now())


async def _answered(world: World, user: UserId) -> ArchiveStatus:
    await sweep.answer_request(*world.parts, world.clock, await _press(world, user))
    return await _status(world, user)


async def _status(world: World, user: UserId) -> ArchiveStatus:
    async with world.db.transaction() as conn:
        return await sweep.status(conn, user)


async def _jobs(world: World) -> list[dict[str, int]]:
    async with world.db.transaction() as conn:
        return await fetch_all(conn, "SELECT args FROM procrastinate_jobs WHERE task_name = 'archive_person'", dict)


async def test_never_pressed_there_is_only_the_next_sweep(world: World) -> None:
    mara = await _mara(world)
    assert await _status(world, mara) == ArchiveStatus(None, None, 0, "", None, world.clock.now())


async def test_pressed_twice_it_is_one_request_and_one_job(world: World) -> None:
    mara = await _mara(world)
    first, second = await _press(world, mara), await _press(world, mara)
    assert first == second
    assert await _jobs(world) == [{"request_id": first}]
    assert (await _status(world, mara)).state is RequestState.QUEUED


async def test_pressed_in_two_windows_at_once_it_is_one_request(world: World) -> None:
    mara = await _mara(world)
    pressed = await asyncio.gather(*(_press(world, mara) for _ in range(4)))
    assert len(set(pressed)) == 1
    assert len(await _jobs(world)) == 1


@pytest.mark.parametrize(("songs", "said"), [(0, "0 tracks"), (1, "1 track"), (3, "3 tracks")])
async def test_the_answer_counts_what_is_new(world: World, songs: int, said: str) -> None:
    mara = await _mara(world, songs)
    status = await _answered(world, mara)
    assert (status.state, status.songs_archived, status.message) == ("done", songs, f"Successfully archived {said}")
    assert status.swept_at == world.clock.now()
    again = await _answered(world, mara)
    assert (again.songs_archived, again.message) == (0, "Successfully archived 0 tracks")


async def test_an_ended_permission_is_answered_with_the_way_out(world: World) -> None:
    mara = await _mara(world)
    world.stand_in.refresh_tokens.clear()
    world.clock.forward(hours=1)
    status = await _answered(world, mara)
    assert status.state is RequestState.FAILED
    assert status.message.endswith("sign in with Spotify again.")


async def test_trouble_that_passes_says_so(world: World) -> None:
    mara = await _mara(world)
    world.stand_in.trouble["plays"] = (429, {}, {"Retry-After": "40"})
    assert (await _answered(world, mara)).message.endswith("Your archive tries again by itself.")


async def test_after_two_minutes_a_request_has_stalled_and_a_new_one_begins(world: World) -> None:
    mara = await _mara(world)
    first = await _press(world, mara)
    world.clock.forward(minutes=2)
    second = await _press(world, mara)
    assert second > first
    await sweep.answer_request(*world.parts, world.clock, first)
    assert (await _status(world, mara)).state is RequestState.QUEUED
    assert world.stand_in.asked["plays"] == 0


async def test_a_stalled_request_is_told_to_its_person(world: World) -> None:
    mara = await _mara(world)
    await _press(world, mara)
    async with world.db.transaction() as conn:
        assert await sweep.give_up_stalled(conn, world.clock.now()) == 0
        assert await sweep.give_up_stalled(conn, world.clock.forward(minutes=2)) == 1
    status = await _status(world, mara)
    assert (status.state, "press Archive Now again" in status.message) == ("failed", True)


async def test_a_request_waits_for_the_hourly_sweep_that_is_under_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "_TURN_S", 0.01)
    mara = await _mara(world)
    async with world.db.transaction() as conn:
        await leases.take_one(conn, mara, world.clock.now())
    status = await _answered(world, mara)
    assert (status.state, status.message) == ("failed", "Your hourly sweep is under way just now; look again in a minute.")


async def test_a_listener_without_spotify_is_told_so(conn: Connection, clock: FakeClock) -> None:
    vinyl = await people.add(conn, "vinyl", clock.now())
    with pytest.raises(GrantEnded, match="isn't connected to Spotify"):
        await sweep.request(conn, vinyl.id, clock.now())
    assert await sweep.status(conn, vinyl.id) == ArchiveStatus(None, None, 0, "", None, None)


async def test_who_is_gone_has_no_status(conn: Connection) -> None:
    with pytest.raises(NotFound):
        await sweep.status(conn, UserId(12345))
