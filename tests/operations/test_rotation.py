"""New secrets with overlap: a rotation goes on where it was killed, and no secret is called free while something needs it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from audiospective.accounts import grants
from audiospective.infra.database import Database, execute, fetch_all
from audiospective.infra.sealing import Sealer
from audiospective.operations import backups, rotation
from audiospective.operations.boxes import box
from audiospective.operations.judge import Reading, Status, judge
from audiospective.operations.measure import remembered
from tests.clock import FakeClock
from tests.stand_in import World, world_of

OLD, NEW = "a secret of the tests", "a newer secret"
ROTATING = Sealer([NEW, OLD])
_SPOIL = r"""
UPDATE grants SET access_token = '\x01deadbeef00', refresh_token = '\x01deadbeef00' WHERE user_id = (SELECT min(user_id) FROM grants)
"""


class KilledError(Exception):
    """The process ends here."""


@pytest.fixture
async def world(db: Database, clock: FakeClock) -> AsyncIterator[World]:
    """Three permissions under the old secret."""
    async with world_of(db, clock) as made:
        for account in ("mara", "noor", "nils"):
            await made.sign_in(account)
        yield made


async def _under_new_alone(world: World) -> int:
    async with world.db.reading() as conn:
        users = await fetch_all(conn, "SELECT user_id FROM grants", int)
    return len(await grants.at_hand(world.db, world.spotify, Sealer([NEW]), users, world.clock))


@pytest.mark.parametrize("batches", [1, 2, 3])
async def test_a_rotation_killed_after_any_batch_is_finished_by_the_next(world: World, batches: int) -> None:
    def die(done: int) -> None:
        if done == batches:
            raise KilledError

    with pytest.raises(KilledError):
        await rotation.rotate(world.db, ROTATING, world.clock, actor="mara", told=die, size=1)
    assert await rotation.rotate(world.db, ROTATING, world.clock, actor="mara", size=1) == rotation.Rotated(3 - batches, 0)
    assert await _under_new_alone(world) == 3


async def test_what_can_not_be_opened_is_told_and_keeps_nobody_else_back(world: World) -> None:
    async with world.db.transaction() as conn:
        await execute(conn, _SPOIL)
    assert await rotation.rotate(world.db, ROTATING, world.clock, actor="mara", size=1) == rotation.Rotated(2, 1)


async def test_a_permission_that_is_being_renewed_is_waited_for(world: World) -> None:
    async with world.db.transaction() as conn:
        await execute(conn, "SELECT 1 FROM grants WHERE user_id = (SELECT min(user_id) FROM grants) FOR UPDATE")
        waiting = asyncio.create_task(rotation.rotate(world.db, ROTATING, world.clock, actor="mara"))
        await asyncio.sleep(0.4)
    assert await waiting == rotation.Rotated(3, 0)


async def test_a_secret_stays_while_permissions_or_backups_are_sealed_under_it(world: World, tmp_path: Path) -> None:
    await backups.make(world.db, world.clock, tmp_path, sealer=Sealer([OLD]))
    before = (await rotation.keys(world.db, ROTATING, world.clock, tmp_path))[1]
    await rotation.rotate(world.db, ROTATING, world.clock, actor="mara")
    after = (await rotation.keys(world.db, ROTATING, world.clock, tmp_path))[1]
    assert (before.permissions, before.backups) == (3, 1)
    assert (after.permissions, after.backups) == (0, 1)
    assert "1 backups" in after.needed


async def test_a_secret_may_go_when_no_kept_backup_can_be_older(world: World, tmp_path: Path) -> None:
    await rotation.rotate(world.db, ROTATING, world.clock, actor="mara")
    assert "marks" in (await rotation.keys(world.db, ROTATING, world.clock, tmp_path))[1].needed
    world.clock.forward(days=401)
    assert (await rotation.keys(world.db, ROTATING, world.clock, tmp_path))[1].needed == ""


async def test_a_secret_that_is_missing_from_the_list_is_told(world: World, tmp_path: Path) -> None:
    found = await rotation.keys(world.db, Sealer([NEW]), world.clock, tmp_path)
    assert [(one.place, one.permissions) for one in found] == [(1, 0), (0, 3)]


async def test_keys_never_show_a_secret(world: World, tmp_path: Path) -> None:
    said = repr(await rotation.keys(world.db, ROTATING, world.clock, tmp_path))
    assert OLD not in said
    assert NEW not in said


async def _age(world: World) -> Reading:
    async with world.db.reading() as conn:
        return (await remembered(conn, world.clock.now()))["keys.oldest_days"]


async def test_saying_so_again_makes_no_secret_younger(world: World) -> None:
    one = Sealer([OLD])
    await rotation.rotate(world.db, one, world.clock, actor="mara")
    unrotated = await _age(world)
    await rotation.rotate(world.db, ROTATING, world.clock, actor="mara")
    world.clock.forward(days=31)
    await rotation.rotate(world.db, ROTATING, world.clock, actor="mara")
    rotated = await _age(world)
    assert judge(box("R202"), unrotated).status is Status.UNKNOWN
    assert (rotated.value, judge(box("R202"), rotated).status) == (31.0, Status.FAIL)
