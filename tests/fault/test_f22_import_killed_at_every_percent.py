"""F22: an import that is killed on the way goes on where it was, and ends as one that never was."""

from __future__ import annotations

from pathlib import Path

import pytest

from audiospective.archive import coverage, history
from audiospective.archive.plays import UserId
from audiospective.collect.imports import run
from audiospective.infra.database import Connection, Database, execute
from tests.collect.imports import exports
from tests.fault.conftest import Killed, Mortal
from tests.stand_in import World

#: A file for each percent; each is a step of its own.
_FILES, _ROWS = 100, 4


@pytest.fixture
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hundred of them, each stored by itself."""
    monkeypatch.setattr(run, "_STEP_ROWS", 1)
    return of_files(tmp_path, _FILES)


def of_files(folder: Path, count: int) -> Path:
    """An export of so many files, in each of which one row can't be read."""
    files: dict[str, object] = {}
    for n in range(count):
        day = f"20{10 + n // 12:02}-{n % 12 + 1:02}"
        rows = [exports.extended(f"{day}-{hour + 1:02}T18:43:11Z") for hour in range(_ROWS - 1)]
        files[f"Streaming_History_Audio_{n:03}"] = [*rows, exports.extended("soon")]
    return exports.write_zip(folder / "export.zip", **files)


async def begun(db: Database, world: World, user: UserId) -> int:
    async with db.transaction() as conn:
        return await run.begin(conn, user, name="export.zip", size=1, now=world.clock.now())


async def outcome(conn: Connection, user: UserId, import_id: int) -> tuple[object, ...]:
    told = await run.status(conn, user, import_id)
    row = told.summary
    proofs = (await coverage.ledger(conn, user)).proofs
    counts = (row.state, row.files_done, row.rows, row.new, row.duplicates, row.rejected, row.bytes_done)
    return counts, told.per_file, told.rejects, proofs, (await history.load(conn, user)).ended_at.tolist()


async def test_killed_at_every_percent_it_ends_as_one_that_never_was(world: World, export: Path) -> None:
    mara, noor = [UserId((await world.sign_in(one)).person.id) for one in ("mara", "noor")]
    clean, broken = await begun(world.db, world, mara), await begun(world.db, world, noor)
    await run.run(world.db, clean, [export], world.clock)
    read: list[int] = []
    deaths = 0
    while True:
        mortal = Mortal(world.db.dsn, dies_at=3 if deaths % 2 else 4, committed=bool(deaths % 3))
        await mortal.open()
        try:
            await run.run(mortal, broken, [export], world.clock, lambda progress: read.append(progress.files_done))
            break
        except Killed:
            deaths += 1
        finally:
            await mortal.close()
    async with world.db.transaction() as conn:
        assert await outcome(conn, noor, broken) == await outcome(conn, mara, clean)
    assert deaths >= 30
    assert len(read) <= _FILES + deaths, "what was stored isn't stored again"


async def test_another_file_under_the_same_import_is_read_from_its_beginning(world: World, export: Path, tmp_path: Path) -> None:
    user = UserId((await world.sign_in("mara")).person.id)
    import_id = await begun(world.db, world, user)
    mortal = Mortal(world.db.dsn, dies_at=5, committed=True)
    await mortal.open()
    with pytest.raises(Killed):
        await run.run(mortal, import_id, [export], world.clock)
    await mortal.close()
    other = exports.write_zip(tmp_path / "other.zip", Streaming_History_Audio_2024=[exports.extended("2024-05-06T18:43:11Z")])
    done = await run.run(world.db, import_id, [other], world.clock)
    assert (done.summary.files_done, done.summary.rows, done.summary.new) == (1, 1, 1)
    async with world.db.transaction() as conn:
        await execute(conn, "SELECT 1")
