"""The door to Postgres: short transactions, typed rows, and a sentence when nobody answers."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import psycopg
import pytest

from audiospective.errors import DatabaseUnavailable
from audiospective.infra import database
from audiospective.infra.database import Connection, Database, copy_in, copy_out, execute, fetch_all, fetch_one
from tests.kept import LastingDatabase

#: What somebody who had a connection may have left in it.
_LEFT = """
SELECT concat_ws(' ', pg_backend_pid(), current_setting('statement_timeout'),
    (SELECT count(*) FROM pg_prepared_statements WHERE name = 'left_behind'), (SELECT count(*) FROM pg_listening_channels()),
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), to_regclass('pg_temp.left_behind')::text)
"""


@dataclass(frozen=True, slots=True)
class Word:
    id: int
    word: str


async def count(db: Database) -> int | None:
    async with db.reading() as conn:
        return await fetch_one(conn, "SELECT count(*) FROM reasons WHERE word LIKE 'test%%'", int)


async def add(conn: Connection, word: str) -> int:
    return await execute(conn, "INSERT INTO reasons (word) VALUES (%(word)s)", word=word)


async def test_a_transaction_is_kept_when_it_ends_well(db: Database) -> None:
    async with db.transaction() as conn:
        assert await add(conn, "test one") == 1
    assert await count(db) == 1


async def test_a_transaction_leaves_nothing_when_it_fails(db: Database) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with db.transaction() as conn:
            await add(conn, "test one")
            raise ZeroDivisionError
    assert await count(db) == 0


async def test_a_question_is_a_transaction_by_itself_and_what_follows_on_its_connection_is_one_again(db: Database) -> None:
    assert await db.ask(partial(add, word="test one")) == 1
    assert await count(db) == 1
    with contextlib.suppress(ZeroDivisionError):
        async with db.transaction() as conn:
            await add(conn, "test two")
            raise ZeroDivisionError
    assert await count(db) == 1


async def test_rows_come_as_the_class_that_was_asked_for(conn: Connection) -> None:
    await add(conn, "test one")
    rows = await fetch_all(conn, "SELECT id, word FROM reasons ORDER BY id", Word)
    assert [row.word for row in rows] == ["", "test one"]
    assert await fetch_one(conn, "SELECT id, word FROM reasons WHERE word = 'nothing'", Word) is None


async def test_reading_may_not_write(db: Database) -> None:
    async with db.reading() as conn:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await add(conn, "test one")


async def test_the_server_speaks_utc(conn: Connection) -> None:
    assert await fetch_one(conn, "SELECT current_setting('timezone')", str) == "UTC"
    assert await fetch_one(conn, "SELECT current_setting('statement_timeout')::interval", timedelta) == timedelta(minutes=1)


async def test_a_connection_of_ones_own_is_outside_every_transaction(db: Database) -> None:
    async with db.autocommit() as conn:
        await add(conn, "test one")
        assert await count(db) == 1


async def test_bytes_are_copied_in_and_out(conn: Connection) -> None:
    await copy_in(conn, "COPY reasons (word) FROM STDIN", [b"test one\ntest ", b"two\n"])
    blocks = [bytes(b) async for b in copy_out(conn, "COPY (SELECT word FROM reasons WHERE word = {word}) TO STDOUT", word="test two")]
    assert b"".join(blocks) == b"test two\n"


async def test_a_database_that_is_away_is_said_to_be_so() -> None:
    db = Database("postgresql://postgres@/postgres?host=/nowhere")
    with pytest.raises(DatabaseUnavailable, match="can't be reached"):
        await db.autocommit().__aenter__()


async def test_connections_of_a_rush_are_given_back_when_nobody_needs_them(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_IDLE_S", 0.1)
    rushed = Database(db.dsn, name="a rush")
    await rushed.open()
    counted = "SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'a rush'"
    async with contextlib.AsyncExitStack() as rush:
        for _ in range(6):
            await rush.enter_async_context(rushed.reading())
        async with db.reading() as conn:
            assert await fetch_one(conn, counted, int) == 6
    for _ in range(600):
        await asyncio.sleep(0.05)
        async with db.reading() as conn:
            left = await fetch_one(conn, counted, int)
        if left == 1:
            break
    await rushed.close()
    assert left == 1


async def test_a_connection_that_is_kept_for_another_test_is_as_new(dsn: str) -> None:
    found = []
    for _ in range(2):
        db = LastingDatabase(dsn, size=4)
        await db.open()
        async with db.transaction() as conn:
            found.append(await fetch_one(conn, _LEFT, str))
            await execute(conn, "CREATE TEMPORARY TABLE left_behind (one int)")
            await execute(conn, "SET statement_timeout = '7s'")
            await execute(conn, "PREPARE left_behind AS SELECT 1")
            await execute(conn, "LISTEN left_behind")
            await execute(conn, "SELECT pg_advisory_lock(7)")
        await db.close()
    assert found[0] == found[1]
