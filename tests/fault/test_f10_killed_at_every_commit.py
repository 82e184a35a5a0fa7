"""F09, F10: a process that dies before or after any of its commits costs no play, and nothing is stored twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.collect.imports import run
from audiospective.collect.leases import LEASE
from audiospective.collect.sweep import sweep_due
from audiospective.infra.database import Database
from audiospective.spotify.http import Spotify
from tests.collect.imports import exports
from tests.fault.conftest import Killed, Mortal
from tests.stand_in import World

_PEOPLE = ("mara", "noor")


async def archived(world: World, user: UserId) -> list[int]:
    async with world.db.transaction() as conn:
        return list((await history.load(conn, user)).ended_at.tolist())


async def sweep_with(db: Database, world: World, spotify: Spotify) -> bool:
    """Whether the process lived through it."""
    await db.open()
    try:
        await sweep_due(db, spotify, world.sealer, world.clock)
    except (Killed, BaseExceptionGroup):
        return False
    finally:
        await db.close()
    return True


@pytest.mark.parametrize("committed", [False, True])
async def test_a_sweep(world: World, committed: bool) -> None:
    world.stand_in.rotates = False
    users = [(await world.sign_in(one)).person.id for one in _PEOPLE]
    lived = False
    commits = 0
    while not lived:
        for one in _PEOPLE:
            world.stand_in.hear(one, (world.clock.forward(minutes=31), "song"))
        lived = await sweep_with(Mortal(world.db.dsn, dies_at=commits, committed=committed), world, world.spotify)
        world.clock.forward(hours=1, seconds=LEASE.total_seconds())
        await sweep_due(*world.parts, world.clock)
        for user, one in zip(users, _PEOPLE, strict=True):
            assert len(await archived(world, user)) == len(world.stand_in.plays[one]) == len(set(await archived(world, user)))
        commits += 1
    assert commits > 3, "there are this many commits at least"


@pytest.mark.parametrize("committed", [False, True])
async def test_an_import(world: World, tmp_path: Path, committed: bool) -> None:
    user = (await world.sign_in("mara")).person.id
    rows = [exports.extended(f"2024-05-{day:02}T18:43:11Z") for day in range(1, 29)]
    path = exports.write_zip(tmp_path / "export.zip", Streaming_History_Audio_2024=rows)
    lived = False
    commits = 0
    while not lived:
        async with world.db.transaction() as conn:
            import_id = await run.begin(conn, user, name="export.zip", size=1, now=world.clock.now())
        mortal = Mortal(world.db.dsn, dies_at=commits, committed=committed)
        await mortal.open()
        try:
            await run.run(mortal, import_id, [path], world.clock)
            lived = True
        except Killed:
            async with world.db.transaction() as conn:
                ended = (await run.status(conn, user, import_id)).summary.state == "done"
            if not ended:
                done = await run.run(world.db, import_id, [path], world.clock)
                assert done.summary.rows == done.summary.new + done.summary.duplicates == 28
        finally:
            await mortal.close()
        assert len(await archived(world, user)) == 28
        commits += 1
        world.clock.forward(seconds=timedelta(minutes=1).total_seconds())
    assert commits > 3
