"""F43: a restore to a moment: plays are those of then, the deleted stay deleted, nothing is asked until the operator says so."""

from __future__ import annotations

from pathlib import Path

from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.collect.sweep import sweep_due
from audiospective.infra.database import fetch_all
from audiospective.operations import backups
from audiospective.privacy import erasure
from audiospective.spotify import quota
from tests.stand_in import World


async def ended(world: World, user: UserId) -> list[int]:
    async with world.db.transaction() as conn:
        return sorted((await history.load(conn, user)).ended_at.tolist())


async def test_the_archive_is_as_it_was_and_then_goes_on(world: World, tmp_path: Path) -> None:
    world.stand_in.rotates = False
    mara, noor = [UserId((await world.sign_in(one)).person.id) for one in ("mara", "noor")]
    for n in range(5):
        world.stand_in.hear("mara", (world.clock.forward(minutes=4), f"song-{n}"))
    await sweep_due(*world.parts, world.clock)
    then = await ended(world, mara)
    made = await backups.make(world.db, world.clock, tmp_path, sealer=world.sealer)
    for n in range(5):
        world.stand_in.hear("mara", (world.clock.forward(minutes=30), f"later-{n}"))
    await sweep_due(*world.parts, world.clock)
    later = await ended(world, mara)
    async with world.db.transaction() as conn:
        await erasure.erase(conn, world.sealer, noor, world.clock.now())
    await backups.bring_back(world.db, world.clock, made, world.sealer, client_id=world.spotify.client_id, replace=True)
    async with world.db.transaction() as conn:
        assert await fetch_all(conn, "SELECT id FROM people", int) == [mara]
    assert (await ended(world, mara), len(then), len(later)) == (then, 5, 10)
    world.clock.forward(hours=3)
    assert (await sweep_due(*world.parts, world.clock)).leased == 0
    async with world.db.transaction() as conn:
        await quota.resume(conn, world.spotify.client_id)
    assert (await sweep_due(*world.parts, world.clock)).troubles == ()
    assert await ended(world, mara) == later
