"""The queue: row and job commit together, and a worker finds the job by its task's name."""

from __future__ import annotations

import asyncio
import contextlib

from audiospective.infra.database import Database, fetch_all
from audiospective.infra.queue import defer, make_app


async def test_a_job_is_there_once_the_transaction_is(db: Database) -> None:
    async with db.transaction() as conn:
        job = await defer(conn, "greet", lock="person 7", name="Ada", times=[1, 2])
    async with db.transaction() as conn:
        assert await fetch_all(conn, "SELECT id FROM procrastinate_jobs WHERE task_name = 'greet'", int) == [job]
        assert await fetch_all(conn, "SELECT lock FROM procrastinate_jobs", str) == ["person 7"]
        assert await fetch_all(conn, "SELECT args FROM procrastinate_jobs", dict) == [{"name": "Ada", "times": [1, 2]}]


async def test_a_transaction_that_fails_takes_its_job_with_it(db: Database) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with db.transaction() as conn:
            await defer(conn, "greet", name="Ada")
            raise ZeroDivisionError
    async with db.transaction() as conn:
        assert await fetch_all(conn, "SELECT id FROM procrastinate_jobs", int) == []


async def test_a_worker_runs_what_was_deferred(db: Database, dsn: str) -> None:
    greeted: list[str] = []
    app = make_app(dsn)

    @app.task(name="greet")
    async def greet(name: str) -> None:
        greeted.append(name)

    async with db.transaction() as conn:
        await defer(conn, "greet", name="Ada")
    async with app.open_async():
        await asyncio.wait_for(app.run_worker_async(wait=False, install_signal_handlers=False), 10)
    assert greeted == ["Ada"]
