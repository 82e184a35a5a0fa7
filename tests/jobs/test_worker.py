"""The worker: what it does by itself, what it survives, how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from audiospective.archive.history import HistoryCache
from audiospective.bootstrap import Parts
from audiospective.collect import sweep
from audiospective.collect.imports import run as imports
from audiospective.errors import Unavailable
from audiospective.infra import outbox
from audiospective.infra.database import fetch_all
from audiospective.infra.queue import defer, make_app, rescue
from audiospective.infra.telemetry import get_logger
from audiospective.jobs import tasks, worker
from audiospective.settings import load
from tests.stand_in import World


@pytest.fixture
def parts(world: World, tmp_path: Path) -> Parts:
    """What a worker works with."""
    settings = load({"AUDIOSPECTIVE_HOME": str(tmp_path)})
    return Parts(settings, world.clock, world.db, world.spotify, world.sealer, HistoryCache(), get_logger())


@contextlib.asynccontextmanager
async def _working(parts: Parts, count: int = 1) -> AsyncIterator[None]:
    """Workers at work; at the end they are told to stop, and must within half a minute."""
    works = [asyncio.create_task(worker.main(parts)) for _ in range(count)]
    try:
        yield
    finally:
        for work in works:
            work.cancel()
        async with asyncio.timeout(30):
            await asyncio.gather(*works, return_exceptions=True)
    assert all(work.cancelled() for work in works)


async def _until(what: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await what():  # noqa: ASYNC110 (another connection tells, no event of ours)
            await asyncio.sleep(0.05)


async def _count(world: World, statement: str) -> int:
    async with world.db.transaction() as conn:
        return (await fetch_all(conn, statement, int))[0]


def _hear(world: World, account: str) -> None:
    world.stand_in.hear(account, (world.clock.now(), "One"))


_PLAYS = "SELECT count(*) FROM plays"


async def test_a_worker_sweeps_who_is_due_and_says_that_it_lives(world: World, parts: Parts) -> None:
    _hear(world, "mara")
    await world.sign_in("mara")
    async with _working(parts):
        await _until(lambda: _is(world, _PLAYS, 1))
        async with world.db.transaction() as conn:
            assert await fetch_all(conn, "SELECT beat_at FROM worker_heartbeats", datetime) == [world.clock.now()]


async def test_a_worker_answers_archive_now(world: World, parts: Parts) -> None:
    mara = (await world.sign_in("mara")).person.id
    async with _working(parts):
        async with world.db.transaction() as conn:
            await sweep.request(conn, mara, world.clock.now())
        await _until(lambda: _is(world, "SELECT count(*) FROM archive_requests WHERE state = 'done'", 1))


async def test_a_worker_settles_what_lies_in_the_outbox(world: World, parts: Parts) -> None:
    async with world.db.transaction() as conn:
        await outbox.store(conn, outbox.Message("news", outbox.Channel.CHAT, "News", "All is well."), world.clock.now())
    async with _working(parts):  # no channel is set up, so it is given up rather than lost
        await _until(lambda: _is(world, "SELECT count(*) FROM outbox WHERE state = 'dead'", 1))


async def test_a_worker_tells_of_an_import_that_nobody_works_on(world: World, parts: Parts) -> None:
    mara = (await world.sign_in("mara")).person.id
    async with world.db.transaction() as conn:
        await imports.begin(conn, mara, name="cut short", size=1, now=world.clock.now())
    world.clock.forward(hours=3)
    async with _working(parts):
        await _until(lambda: _is(world, "SELECT count(*) FROM imports WHERE state = 'failed'", 1))


async def test_three_workers_share_what_there_is_to_do(world: World, parts: Parts) -> None:
    for n in range(12):
        _hear(world, f"listener{n}")
        await world.sign_in(f"listener{n}")
    async with _working(parts, count=3):
        await _until(lambda: _is(world, _PLAYS, 12))
    assert world.stand_in.asked["plays"] == 12


async def test_a_worker_outlives_the_databases_absence(world: World, parts: Parts, dsn: str) -> None:
    async with _working(parts):
        await _until(lambda: _is(world, "SELECT count(*) FROM worker_heartbeats", 1))
        await asyncio.to_thread(_throw_everyone_out, dsn)
        await _until(lambda: _answers(world))  # the pool of the test itself comes back too
        _hear(world, "mara")
        mara = (await world.sign_in("mara")).person.id
        async with world.db.transaction() as conn:
            await sweep.request(conn, mara, world.clock.now())
        await _until(lambda: _is(world, "SELECT count(*) FROM archive_requests WHERE state = 'done'", 1))
        await _until(lambda: _is(world, _PLAYS, 1))


async def test_the_job_of_a_dead_worker_is_done_by_another(world: World, parts: Parts, dsn: str) -> None:
    mara = (await world.sign_in("mara")).person.id
    async with world.db.transaction() as conn:
        await sweep.request(conn, mara, world.clock.now())
        await fetch_all(conn, "UPDATE procrastinate_jobs SET status = 'doing' RETURNING id", int)
    app = make_app(dsn)
    tasks.register(app, parts)
    async with app.open_async():
        assert await rescue(app, most_attempts=tasks.ATTEMPTS) == 1
        await asyncio.wait_for(app.run_worker_async(wait=False, install_signal_handlers=False), 10)
    assert await _count(world, "SELECT count(*) FROM archive_requests WHERE state = 'done'") == 1


async def test_a_job_that_kills_its_workers_is_given_up(world: World, parts: Parts, dsn: str) -> None:
    async with world.db.transaction() as conn:
        await defer(conn, "archive_person", request_id=1)
        await fetch_all(conn, "UPDATE procrastinate_jobs SET status = 'doing', attempts = 5 RETURNING id", int)
    app = make_app(dsn)
    async with app.open_async():
        await rescue(app, most_attempts=tasks.ATTEMPTS)
    assert await _count(world, "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'") == 1


def test_a_worker_ends_in_good_order_when_it_is_told_to(dsn: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": dsn, "AUDIOSPECTIVE_HOME": str(tmp_path)}
    command = [sys.executable, "-c", "from audiospective.cli.main import run; run()", "worker"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert any("worker.started" in line for line in process.stderr)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


async def _is(world: World, statement: str, wanted: int) -> bool:
    return await _count(world, statement) == wanted


async def _answers(world: World) -> bool:
    try:
        return await _is(world, "SELECT 1", 1)
    except Unavailable:
        return False


def _throw_everyone_out(dsn: str) -> None:
    """As a restart of Postgres looks from outside: connections end, and for a second there are no others."""
    name = dsn.rpartition("/")[2].partition("?")[0].encode()
    with psycopg.connect(dsn, dbname="postgres", autocommit=True) as admin:
        admin.execute(b"ALTER DATABASE " + name + b" ALLOW_CONNECTIONS false")
        admin.execute(b"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + b"'")
        time.sleep(1)
        admin.execute(b"ALTER DATABASE " + name + b" ALLOW_CONNECTIONS true")
