"""The minute's round, over a real database and services that are and aren't well."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from audiospective.infra import outbox
from audiospective.infra.database import Database, execute
from audiospective.infra.outbox import Channel, Message
from audiospective.operations import watching
from audiospective.operations.health import Observer
from tests.clock import FakeClock
from tests.stand_in import World, world_of


@pytest.fixture
async def world(db: Database, clock: FakeClock) -> AsyncIterator[World]:
    """A database, a clock, and Spotify as a test wants it."""
    async with world_of(db, clock) as made:
        yield made


async def _round(world: World, folder: Path) -> set[str]:
    """What fires, but for how busy the machine of the tests is."""
    return set(await watching.watch(world.db, Observer(world.db, world.spotify, world.clock), world.clock, folder)) - {"cpu"}


async def test_all_is_quiet_at_first(world: World, tmp_path: Path) -> None:
    assert await _round(world, tmp_path) == set()


async def test_somebody_who_waits_to_be_swept_is_told_of(world: World, tmp_path: Path) -> None:
    await world.sign_in("mara")
    world.clock.forward(minutes=11)
    assert await _round(world, tmp_path) == {"sweep"}


async def test_a_message_that_waits_and_one_that_was_given_up_are_told_of(world: World, tmp_path: Path) -> None:
    async with world.db.transaction() as conn:
        await outbox.store(conn, Message("a", Channel.SMS, "A", "A"), world.clock.now())
        await outbox.store(conn, Message("b", Channel.SMS, "B", "B"), world.clock.now())
        await execute(conn, "UPDATE outbox SET state = 'dead', settled_at = created_at WHERE dedupe_key = 'a'")
    world.clock.forward(minutes=6)
    assert await _round(world, tmp_path) == {"outbox", "dead_letters"}
