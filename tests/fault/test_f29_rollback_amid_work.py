"""F29: a rollback stops a release's worker in the middle of its work; that of the other release goes on where it was.

Sweeps are handed over in test_f39, a schema that is ahead of its release in test_f28.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from audiospective.archive.plays import UserId
from audiospective.collect.imports import run
from audiospective.collect.imports.run import Progress
from tests.fault.test_f22_import_killed_at_every_percent import begun, of_files, outcome
from tests.stand_in import World

#: Each is a step of its own, and one is like the other: what matters is the first, the second, one amid them, and the last.
_FILES = 12


@pytest.mark.parametrize("after", [0, 1, _FILES // 2, _FILES - 1])
async def test_an_import_that_was_told_to_stop_is_ended_by_the_other_release(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(run, "_STEP_ROWS", 1)
    export = of_files(tmp_path, _FILES)
    mara, noor = [UserId((await world.sign_in(one)).person.id) for one in ("mara", "noor")]
    clean, stopped = await begun(world.db, world, mara), await begun(world.db, world, noor)
    await run.run(world.db, clean, [export], world.clock)

    def told(progress: Progress) -> None:
        if progress.files_done >= after:
            working.cancel()

    working = asyncio.ensure_future(run.run(world.db, stopped, [export], world.clock, told))
    with contextlib.suppress(asyncio.CancelledError):
        await working
    assert working.cancelled()
    await run.run(world.db, stopped, [export], world.clock)
    async with world.db.transaction() as conn:
        assert await outcome(conn, noor, stopped) == await outcome(conn, mara, clean)
