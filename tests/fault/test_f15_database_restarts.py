"""F15: the database's host suspends, restarts or restores it under us; we are back within ten seconds, and nothing committed is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator
from functools import partial

import psycopg
import pytest

from audiospective.errors import DatabaseUnavailable
from audiospective.infra import queue
from audiospective.infra.database import Database, fetch_one


class Gate:
    """Between us and the database: while it is shut, connections are cut and new ones refused, as by a compute that is suspended."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.is_open = True
        self._through: set[asyncio.StreamWriter] = set()

    async def shut(self) -> None:
        """Everything is cut."""
        self.is_open = False
        for writer in list(self._through):
            writer.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        if not self.is_open:
            writer.transport.abort()
            return
        there, back = await asyncio.open_unix_connection(self.path)
        self._through |= {writer, back}
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await asyncio.gather(_pour(reader, back), _pour(there, writer))
        self._through -= {writer, back}


async def _pour(source: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while piece := await source.read(65_536):
            into.write(piece)
            await into.drain()
    into.close()


@pytest.fixture
async def gated(dsn: str) -> AsyncIterator[tuple[Gate, Database]]:
    told = psycopg.conninfo.conninfo_to_dict(dsn)
    gate = Gate(f"{told['host']}/.s.PGSQL.{told.get('port', 5432)}")
    server = await asyncio.start_server(gate.carry, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    db = Database(psycopg.conninfo.make_conninfo(dsn, host="127.0.0.1", port=port), size=4)
    await db.open()
    yield gate, db
    await db.close()
    await gate.shut()
    server.close()


async def _note(db: Database, name: str) -> None:
    async with db.transaction() as conn:
        await conn.execute("INSERT INTO worker_heartbeats (name, beat_at) VALUES (%s, now())", [name])


async def _count(db: Database) -> int | None:
    async with db.reading() as conn:
        return await fetch_one(conn, "SELECT count(*)::int FROM worker_heartbeats", int)


async def _half_done(gate: Gate, db: Database) -> None:
    async with db.transaction() as conn:
        await conn.execute("INSERT INTO worker_heartbeats (name, beat_at) VALUES ('half', now())")
        await gate.shut()
        await conn.execute("SELECT 1")


async def _until_back(db: Database, name: str) -> float:
    began = time.monotonic()
    while True:
        try:
            await _note(db, name)
        except DatabaseUnavailable:
            await asyncio.sleep(0.1)
        else:
            return time.monotonic() - began


async def test_a_suspended_compute_is_reached_again_within_ten_seconds(gated: tuple[Gate, Database]) -> None:
    gate, db = gated
    await _note(db, "before")
    await gate.shut()
    with pytest.raises(DatabaseUnavailable):
        await _note(db, "meanwhile")
    gate.is_open = True
    assert await _until_back(db, "after") < 10
    assert await _count(db) == 2


async def test_connections_that_were_ended_are_replaced_without_anybody_noticing(dsn: str, db: Database) -> None:
    await _note(db, "before")
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    await _note(db, "after")
    assert await _count(db) == 2


async def test_one_that_is_ended_while_a_transaction_begins_on_it_is_replaced_too(db: Database) -> None:
    await _note(db, "before")
    await _end_when_asked(db)
    await _note(db, "after")
    assert await _count(db) == 2


async def test_one_that_is_ended_while_a_question_is_asked_on_it_is_replaced_too(db: Database) -> None:
    await _note(db, "before")
    await _end_when_asked(db)
    assert await db.ask(partial(fetch_one, statement="SELECT count(*)::int FROM worker_heartbeats", row=int)) == 1


async def _end_when_asked(db: Database) -> None:
    async with db.reading() as conn:
        pid = conn.info.backend_pid
    os.kill(pid, signal.SIGSTOP)  # so that it hears of its end only when it is asked for something
    os.kill(pid, signal.SIGTERM)
    asyncio.get_running_loop().call_later(0.1, os.kill, pid, signal.SIGCONT)


async def test_a_transaction_that_was_cut_leaves_nothing_half_done(gated: tuple[Gate, Database]) -> None:
    gate, db = gated
    with pytest.raises(DatabaseUnavailable):
        await _half_done(gate, db)
    gate.is_open = True
    assert await _until_back(db, "after") < 10
    assert await _count(db) == 1


async def test_the_queue_says_once_that_the_database_is_away(gated: tuple[Gate, Database], capfd: pytest.CaptureFixture[str]) -> None:
    """And tells the error store nothing: no traceback helps whoever restarts a database."""
    gate, db = gated
    working = asyncio.create_task(queue.work(queue.make_app(db.dsn), at_once=1, farewell_s=1))
    async with asyncio.timeout(20):
        while not await _is_listening(db):  # noqa: ASYNC110 (another connection tells, no event of ours)
            await asyncio.sleep(0.05)
    await gate.shut()
    with pytest.raises(DatabaseUnavailable):
        await asyncio.wait_for(working, 30)
    assert "Traceback" not in capfd.readouterr().err


async def _is_listening(db: Database) -> bool:
    async with db.reading() as conn:
        return bool(await fetch_one(conn, "SELECT true FROM pg_stat_activity WHERE query LIKE 'LISTEN%%procrastinate%%' LIMIT 1", bool))
