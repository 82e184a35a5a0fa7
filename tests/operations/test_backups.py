"""A backup is proven by restoring it, is whole or not there, and brings nobody back who was deleted (F42)."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.accounts import people
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.errors import AudiospectiveError, Conflict, Invalid, NotFound
from audiospective.infra import database
from audiospective.infra.database import Database, execute
from audiospective.infra.dumping import DumpFailed, fingerprints_of, fit, scratch
from audiospective.infra.sealing import BrokenSeal, Sealer
from audiospective.operations import backups, ledger
from audiospective.operations.backups import Backup
from audiospective.operations.boxes import box
from audiospective.operations.judge import Status, judge
from audiospective.operations.measure import remembered
from audiospective.privacy import erasure
from audiospective.spotify import quota
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock

SEALER = Sealer(["a secret of the tests"])

_BACKS_UP_FOR_EVER = """
import asyncio, pathlib, sys
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Database
from audiospective.operations import backups

async def main():
    db = Database(sys.argv[1])
    await db.open()
    while True:
        await backups.make(db, SystemClock(), pathlib.Path(sys.argv[2]))

asyncio.run(main())
"""


async def _listener(db: Database, clock: FakeClock, name: str = "mara") -> int:
    async with db.transaction() as conn:
        person = await people.add(conn, name, clock.now())
        await store(conn, [batch(person.id, Source.API, Heard(0, "Tide"), Heard(300, "Harbour"))])
    return person.id


async def _made(db: Database, clock: FakeClock, folder: Path, sealer: Sealer | None = None) -> Backup:
    return await backups.make(db, clock, folder, sealer=sealer)


async def _tried(db: Database, clock: FakeClock, folder: Path) -> Backup | None:
    """None while the server hasn't noticed yet that the killed one is gone."""
    try:
        return await _made(db, clock, folder)
    except Conflict:
        return None


@pytest.mark.parametrize("sealer", [None, SEALER])
async def test_a_backup_restores_to_the_same_archive(db: Database, clock: FakeClock, tmp_path: Path, sealer: Sealer | None) -> None:
    await _listener(db, clock)
    made = await _made(db, clock, tmp_path, sealer)
    found = await backups.verify(db, clock, made, SEALER)
    assert found.differences == ()
    assert made.manifest.tables["plays"][0] == 2
    assert made.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("sealer", [None, SEALER])
async def test_nobody_else_can_read_it_at_any_moment(db: Database, clock: FakeClock, tmp_path: Path, sealer: Sealer | None) -> None:
    """The folder is often another disk's, which everybody may look into (A097)."""
    await _listener(db, clock)
    tmp_path.chmod(0o755)
    seen: set[tuple[str, int]] = set()
    made = asyncio.Event()

    async def look() -> None:
        while not made.is_set():
            seen.update((path.suffix, path.stat().st_mode & 0o777) for path in tmp_path.iterdir())
            await asyncio.sleep(0)

    looking, before = asyncio.create_task(look()), os.umask(0)
    try:
        await _made(db, clock, tmp_path, sealer)
        await asyncio.sleep(0)
    finally:
        os.umask(before)
        made.set()
        await looking
    assert {mode for _, mode in seen} == {0o600}
    assert {".part", ".json"} <= {suffix for suffix, _ in seen}


async def test_titles_with_every_kind_of_line_break_come_back(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    """And rows that read like a line of the script: of both, exports have some."""
    odd = [f"Low{mark}Tide" for mark in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"]
    async with db.transaction() as conn:
        person = await people.add(conn, "mara", clock.now())
        heard = [Heard(300 * number, title) for number, title in enumerate([*odd, "\\.", "COPY public.plays FROM stdin;"])]
        await store(conn, [batch(person.id, Source.API, *heard)])
        await execute(conn, "UPDATE people SET name = 'CREATE SCHEMA public'")
    made = await _made(db, clock, tmp_path)
    assert (await backups.verify(db, clock, made, SEALER)).differences == ()


def test_a_script_sets_nothing_on_an_older_server_that_it_does_not_know(tmp_path: Path) -> None:
    """Postgres 14 to 16 have no transaction_timeout; what reads like it in a row stays."""
    told, script = tmp_path / "told.sql", tmp_path / "script.sql"
    row = "COPY public.people (name) FROM stdin;\nSET transaction_timeout = 0;\n\\.\n"
    told.write_text(f"SET statement_timeout = 0;\nSET transaction_timeout = 0;\n{row}")
    fit(told, script)
    known = "SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout';\n"
    assert script.read_text() == f"SET statement_timeout = 0;\n{known}{row}"


async def test_a_sealed_backup_tells_nothing_and_opens_with_its_secret_alone(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    await _listener(db, clock)
    made = await _made(db, clock, tmp_path, SEALER)
    assert b"PGDMP" not in made.path.read_bytes()
    with pytest.raises(BrokenSeal):
        await backups.verify(db, clock, made, Sealer(["another secret"]))


@pytest.mark.parametrize("place", [0, 500, -1])
async def test_a_flipped_byte_is_found_before_anything_is_touched(db: Database, clock: FakeClock, tmp_path: Path, place: int) -> None:
    await _listener(db, clock)
    made = await _made(db, clock, tmp_path)
    content = bytearray(made.path.read_bytes())
    content[place] ^= 1
    made.path.write_bytes(content)
    before = await fingerprints_of(db.dsn)
    with pytest.raises(Invalid, match="digest"):
        await backups.bring_back(db, clock, made, SEALER, client_id="app", replace=True)
    assert await fingerprints_of(db.dsn) == before


async def test_what_changed_since_is_told_by_table(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    await _listener(db, clock)
    made = await _made(db, clock, tmp_path)
    told = {**made.manifest.tables, "plays": (3, "1")}
    other = Backup(made.path, backups.Manifest(made.manifest.made_at, "1", 1, made.manifest.sha256, False, told))
    assert [one.partition(":")[0] for one in (await backups.verify(db, clock, other, SEALER)).differences] == ["plays"]


async def test_a_restore_brings_back_everything_and_waits(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    await _listener(db, clock)
    made = await _made(db, clock, tmp_path)
    async with db.transaction() as conn:
        await execute(conn, "UPDATE people SET display_name = 'lost'")
    await backups.bring_back(db, clock, made, SEALER, client_id="app", replace=True)
    assert (await fingerprints_of(db.dsn))["people"].checksum == made.manifest.tables["people"][1]
    async with db.transaction() as conn:
        assert await quota.paused_until(conn, "app", clock.now()) is not None
        await quota.resume(conn, "app")
        assert await quota.paused_until(conn, "app", clock.now()) is None


async def test_who_was_deleted_since_stays_deleted(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    mara, _ = await _listener(db, clock), await _listener(db, clock, "noor")
    made = await _made(db, clock, tmp_path)
    async with db.transaction() as conn:
        await erasure.erase(conn, SEALER, mara, clock.now())
    done = await backups.bring_back(db, clock, made, SEALER, client_id="app", replace=True)
    async with db.reading() as conn:
        assert [person.name for person in await people.everyone(conn)] == ["noor"]
    assert done.erased_again == 1


async def test_an_archive_is_not_replaced_unasked(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    await _listener(db, clock)
    made = await _made(db, clock, tmp_path)
    with pytest.raises(Conflict, match="--yes-replace"):
        await backups.bring_back(db, clock, made, SEALER, client_id="app")


async def test_a_restore_that_fails_leaves_everything_as_it_was(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    await _listener(db, clock)
    made = await _made(db, clock, tmp_path)
    made.path.write_bytes(b"not a dump")
    digest = backups._digest(made.path)
    broken = Backup(made.path, backups.Manifest(made.manifest.made_at, "1", 1, digest, False, made.manifest.tables))
    before = await fingerprints_of(db.dsn)
    with pytest.raises(DumpFailed):
        await backups.bring_back(db, clock, broken, SEALER, client_id="app", replace=True)
    assert await fingerprints_of(db.dsn) == before


async def test_a_long_dump_is_not_ended_by_the_servers_patience_with_the_idle(
    dsn: str, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_OPTIONS", "-c timezone=UTC -c idle_in_transaction_session_timeout=20")
    db = Database(dsn)
    await db.open()
    try:
        made = await _made(db, clock, tmp_path)
    finally:
        await db.close()
    assert (await backups.verify(db, clock, made, SEALER)).differences == ()


async def test_a_backup_that_is_not_proven_replaces_none(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    good = await _made(db, clock, tmp_path)
    clock.forward(minutes=10)
    async with scratch(db.dsn):
        with pytest.raises(Conflict):
            await backups.nightly(db, clock, tmp_path, SEALER)
    assert good.path in [one.path for one in backups.listed(tmp_path)]


async def test_two_trial_restores_never_share_a_database(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    made = await _made(db, clock, tmp_path)
    async with scratch(db.dsn):
        with pytest.raises(Conflict, match="beside"):
            await backups.verify(db, clock, made, SEALER)
    assert (await backups.verify(db, clock, made, SEALER)).differences == ()


async def test_a_killed_backup_leaves_nothing_half_that_looks_whole(dsn: str, db: Database, clock: FakeClock, tmp_path: Path) -> None:
    await _listener(db, clock)
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", _BACKS_UP_FOR_EVER, dsn, str(tmp_path))
    while not list(tmp_path.glob(".audiospective-*.part")):  # noqa: ASYNC110 (the file system has no event for it)
        await asyncio.sleep(0.01)
    killed.kill()
    await killed.wait()
    for one in backups.listed(tmp_path):
        assert (await backups.verify(db, clock, one, SEALER)).differences == ()
    while not (made := await _tried(db, clock, tmp_path / "next")):  # noqa: ASYNC110 (the server tells nobody)
        await asyncio.sleep(0.05)
    assert (await backups.verify(db, clock, made, SEALER)).differences == ()


async def test_what_a_killed_run_left_goes_after_a_day(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    old, young = tmp_path / ".audiospective-1.backup.part", tmp_path / ".audiospective-2.backup.part"
    for path, hours in ((old, 25), (young, 1)):
        path.write_bytes(b"half")
        os.utime(path, (clock.now().timestamp() - hours * 3600,) * 2)
    await _made(db, clock, tmp_path)
    assert (old.exists(), young.exists()) == (False, True)


async def test_marks_outlive_a_restore_that_knows_nothing_of_them(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    first = await _made(db, clock, tmp_path / "first")
    mara = await _listener(db, clock)
    second = await _made(db, clock, tmp_path / "second")
    async with db.transaction() as conn:
        await erasure.erase(conn, SEALER, mara, clock.now())
    done = [await backups.bring_back(db, clock, one, SEALER, client_id="app", replace=True) for one in (first, second)]
    assert [one.erased_again for one in done] == [0, 1]


async def test_two_at_once_are_one(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    done = await asyncio.gather(*(_made(db, clock, tmp_path / str(n)) for n in range(2)), return_exceptions=True)
    refused = [one for one in done if isinstance(one, AudiospectiveError)]
    assert len(refused) <= 1
    assert all(isinstance(one, Conflict) for one in refused)


async def test_a_run_that_was_killed_leaves_nothing_that_looks_whole(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    made = await _made(db, clock, tmp_path)
    (tmp_path / ".audiospective-20260318T190000Z.backup.part").write_bytes(b"half")
    made.path.with_name(f"{made.path.name}.json").unlink()
    assert backups.listed(tmp_path) == []
    with pytest.raises(Invalid, match="manifest"):
        backups.read(made.path)
    with pytest.raises(NotFound):
        backups.read(tmp_path / "none")


async def test_old_backups_go(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    first = await _made(db, clock, tmp_path)
    for _ in range(3):
        clock.forward(minutes=10)
        last = await _made(db, clock, tmp_path)
    backups.prune(tmp_path)
    assert [one.path for one in backups.listed(tmp_path)] == [last.path]
    assert not first.path.exists()


@given(st.lists(st.integers(0, 1000), unique=True, max_size=60))
def test_a_week_of_days_a_month_of_weeks_and_a_year_of_months_are_kept(days: list[int]) -> None:
    made = [datetime(2026, 11, 24, 3, tzinfo=UTC) - timedelta(days=day) for day in days]
    kept = backups.keep(made)
    assert set(kept) <= set(made)
    assert len(kept) <= 7 + 4 + 12
    assert set(sorted(made, reverse=True)[:7]) <= set(kept)
    assert backups.keep(kept) == kept


async def test_every_night_one_is_made_and_proven_and_it_is_on_record(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    await _listener(db, clock)
    assert (await backups.nightly(db, clock, tmp_path, SEALER)).differences == ()
    async with db.reading() as conn:
        assert [line.event for line in await ledger.whole(conn)] == ["backup.made", "backup.verified"]
        for minutes, status in ((59, Status.PASS), (2, Status.FAIL)):
            found = await remembered(conn, clock.forward(minutes=minutes))
            assert judge(box("R018"), found["backup.age_minutes"]).status is status
