"""Who leaves Spotify keeps the archive, but for what Spotify's own list told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from audiospective.accounts import grants
from audiospective.archive import coverage, history, playlists
from audiospective.archive.plays import UserId
from audiospective.collect import disconnecting
from audiospective.collect.imports import run
from audiospective.collect.sweep import sweep_due
from tests.collect.imports import exports
from tests.stand_in import World


async def mara(world: World, folder: Path) -> UserId:
    """Three plays told by Spotify, the first of which an export tells too."""
    user = UserId((await world.sign_in("mara")).person.id)
    first = world.clock.now() + timedelta(minutes=5)
    world.stand_in.hear("mara", *((world.clock.forward(minutes=5), f"song-{n:02}") for n in range(3)))
    await sweep_due(*world.parts, world.clock)
    row = exports.extended(f"{first:%Y-%m-%dT%H:%M:%SZ}", 200_000, track="song-00")
    path = exports.write_zip(folder / "export.zip", Streaming_History_Audio_2026=[row])
    async with world.db.transaction() as conn:
        import_id = await run.begin(conn, user, name="export", size=1, now=world.clock.now())
    await run.run(world.db, import_id, [path], world.clock)
    return user


async def disconnect(world: World, user: UserId) -> None:
    async with world.db.transaction() as conn:
        await disconnecting.leave(conn, user, world.clock.now())


async def plays(world: World, user: UserId) -> int:
    async with world.db.transaction() as conn:
        return len((await history.load(conn, user)).ended_at)


async def test_spotify_isnt_asked_any_more_and_its_keys_are_gone(world: World, tmp_path: Path) -> None:
    user = await mara(world, tmp_path)
    asked = world.stand_in.asked.total()
    await disconnect(world, user)
    world.clock.forward(hours=3)
    await sweep_due(*world.parts, world.clock)
    async with world.db.transaction() as conn:
        assert (await grants.state(conn, user), world.stand_in.asked.total()) == (None, asked)


async def test_what_spotifys_list_told_goes_within_five_days_and_the_rest_stays(world: World, tmp_path: Path) -> None:
    user = await mara(world, tmp_path)
    before = await plays(world, user)
    await disconnect(world, user)
    assert (await disconnecting.forget_due(world.db, world.clock), await plays(world, user)) == (0, before)
    world.clock.forward(days=4, hours=1)
    assert (await disconnecting.forget_due(world.db, world.clock), await disconnecting.forget_due(world.db, world.clock)) == (3, 0)
    async with world.db.transaction() as conn:
        known = await coverage.ledger(conn, user)
    assert (before, await plays(world, user), known.gaps) == (3, 1, ())


async def test_who_connects_again_in_time_keeps_everything(world: World, tmp_path: Path) -> None:
    user = await mara(world, tmp_path)
    await disconnect(world, user)
    world.clock.forward(days=2)
    await world.sign_in("mara")
    world.clock.forward(days=5)
    assert await disconnecting.forget_due(world.db, world.clock) == 0
    assert await plays(world, user) == 3


async def test_from_which_playlist_it_was_is_kept_with_a_sweep_and_goes_with_the_list(world: World) -> None:
    user = UserId((await world.sign_in("mara")).person.id)
    world.stand_in.hear("mara", (world.clock.forward(minutes=5), "tide"), (world.clock.forward(minutes=5), "harbour"))
    world.stand_in.plays["mara"][0]["context"] = {"type": "playlist", "uri": "spotify:playlist:37i9dQZF1DX0XUsuxWHRQd"}
    await sweep_due(*world.parts, world.clock)
    async with world.db.reading() as conn:
        known = await playlists.ends(conn, user, ["37i9dQZF1DX0XUsuxWHRQd"])
    assert known == [int(world.clock.now().timestamp()) * 1_000_000]
    await disconnect(world, user)
    world.clock.forward(days=4, hours=1)
    await disconnecting.forget_due(world.db, world.clock)
    async with world.db.reading() as conn:
        assert await playlists.ends(conn, user, ["37i9dQZF1DX0XUsuxWHRQd"]) == []
