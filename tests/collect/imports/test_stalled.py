"""Imports that nobody works on any more are told to have failed; those that somebody will go on with aren't."""

from __future__ import annotations

from pathlib import Path

import pytest

from audiospective.accounts import people
from audiospective.collect.imports import run, stalled
from audiospective.errors import Conflict
from audiospective.infra.database import Database, execute
from audiospective.infra.queue import defer
from tests.clock import FakeClock
from tests.collect.imports import exports


async def _imported(db: Database, clock: FakeClock, folder: Path) -> tuple[int, int]:
    """A listener, and the number of their import of one play."""
    async with db.transaction() as conn:
        mara = (await people.add(conn, "mara", clock.now())).id
        number = await run.begin(conn, mara, name="a", size=1, now=clock.now())
    exports.write_json(folder / "Streaming_History_Audio_2024.json", [exports.extended()])
    await run.run(db, number, [folder], clock)
    return mara, number


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


async def test_what_a_cut_short_import_left_can_be_taken_back(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    mara, number = await _imported(db, clock, tmp_path)
    async with db.transaction() as conn:
        await execute(conn, "UPDATE imports SET state = 'running'")
    async with db.transaction() as conn:
        with pytest.raises(Conflict, match="still at work"):
            await run.take_back(conn, mara, number, clock.now())
    async with db.transaction() as conn:
        assert await run.take_back(conn, mara, number, clock.forward(hours=2)) == 1
        told = (await run.status(conn, mara, number)).summary
        assert (told.state, told.message) == ("undone", "")


async def test_an_import_of_which_nothing_was_kept_counts_nothing(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    mara, number = await _imported(db, clock, tmp_path)
    await run.give_up(db, mara, number, run.INTERRUPTED, clock.now())
    async with db.transaction() as conn:
        told = await run.status(conn, mara, number)
        assert (told.summary.state, told.summary.rows, told.summary.new, told.per_file) == ("failed", 0, 0, ())
