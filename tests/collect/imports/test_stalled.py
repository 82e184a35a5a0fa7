"""Imports that nobody works on any more are told to have failed; those that somebody will go on with aren't."""

from __future__ import annotations

from audiospective.accounts import people
from audiospective.collect.imports import run, stalled
from audiospective.infra.database import Database, execute
from audiospective.infra.queue import defer
from tests.clock import FakeClock


async def test_an_import_that_was_cut_short_is_not_under_way_for_ever(db: Database, clock: FakeClock) -> None:
    async with db.transaction() as conn:
        mara = (await people.add(conn, "mara", clock.now())).id
        typed, waiting, given_up = [await run.begin(conn, mara, name=name, size=1, now=clock.now()) for name in ("a", "b", "c")]
        await execute(conn, "UPDATE imports SET state = 'running'")
        await defer(conn, "run_import", import_id=waiting, folder="b")
        job = await defer(conn, "run_import", import_id=given_up, folder="c")
        await execute(conn, "UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %(job)s", job=job)
    async with db.transaction() as conn:
        assert await stalled.give_up(conn, clock.now()) == 0
        assert await stalled.give_up(conn, clock.forward(hours=2)) == 2
        told = {one.id: (one.state, one.message.partition(".")[0]) for one in await run.listed(conn, mara)}
    assert told == {
        typed: ("failed", "This import was cut short"),
        waiting: ("running", ""),
        given_up: ("failed", "This import was cut short"),
    }
