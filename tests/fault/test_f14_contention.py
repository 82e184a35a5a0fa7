"""F14: deadlocks, serialization failures and lock timeouts: tried again three times at most, with the effect of once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import psycopg
import pytest

from audiospective.archive import history, ingest
from audiospective.archive.plays import Batch, Stored, UserId
from audiospective.collect.sweep import sweep_due
from audiospective.errors import DatabaseUnavailable
from audiospective.infra.database import Connection, Contended, Database, execute, fetch_all, retried
from tests.stand_in import World


async def test_two_that_lock_each_other_out_both_end_well(db: Database) -> None:
    async with db.transaction() as conn:
        await execute(conn, "CREATE TABLE two (id int PRIMARY KEY, n int NOT NULL)")
        await execute(conn, "INSERT INTO two VALUES (1, 0), (2, 0)")
        await execute(conn, "SELECT 1")
    met = asyncio.Barrier(2)

    async def add(first: int, second: int) -> None:
        is_first_try = True

        async def act() -> None:
            nonlocal is_first_try
            async with db.transaction() as conn:
                await execute(conn, "SET LOCAL deadlock_timeout = '50ms'")
                await execute(conn, "UPDATE two SET n = n + 1 WHERE id = %(id)s", id=first)
                if is_first_try:
                    is_first_try = False
                    await met.wait()
                await execute(conn, "UPDATE two SET n = n + 1 WHERE id = %(id)s", id=second)

        await retried(act)

    await asyncio.gather(add(1, 2), add(2, 1))
    async with db.transaction() as conn:
        assert await fetch_all(conn, "SELECT n FROM two", int) == [2, 2]


@pytest.mark.parametrize("error", [psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure, psycopg.errors.LockNotAvailable])
async def test_a_sweep_is_tried_again_and_stores_once(world: World, monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    user = UserId((await world.sign_in("mara")).person.id)
    world.stand_in.hear("mara", (world.clock.now(), "song"))
    store, failures = ingest.store, iter([True, True, False])

    async def sometimes(conn: Connection, batches: Sequence[Batch]) -> list[Stored]:
        done = await store(conn, batches)
        if next(failures):
            raise error
        return done

    monkeypatch.setattr(ingest, "store", sometimes)
    swept = await sweep_due(*world.parts, world.clock)
    async with world.db.transaction() as conn:
        assert (swept.new, len((await history.load(conn, user)).ended_at)) == (1, 1)


async def test_after_three_tries_it_is_given_up(db: Database) -> None:
    tries = 0

    async def act() -> None:
        nonlocal tries
        tries += 1
        async with db.transaction():
            raise psycopg.errors.SerializationFailure

    with pytest.raises(Contended):
        await retried(act)
    assert (tries, issubclass(Contended, DatabaseUnavailable)) == (3, True)
