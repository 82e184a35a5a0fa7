"""An import from end to end: counted row by row, twice the same, nothing half-written, taken back when damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from audiospective.archive import history
from audiospective.archive.plays import REASONS, UserId
from audiospective.collect.imports import run
from audiospective.collect.imports.run import ImportStatus, Progress
from audiospective.errors import Invalid, NotFound
from audiospective.infra.database import Database, fetch_all
from tests.clock import FakeClock
from tests.collect.imports import exports

_ADD = "INSERT INTO people (name, display_name, created_at) VALUES (%(name)s, %(name)s, %(now)s) RETURNING id"


@pytest.fixture
async def user(db: Database, clock: FakeClock) -> UserId:
    async with db.transaction() as conn:
        return UserId((await fetch_all(conn, _ADD, int, name="mara", now=clock.now()))[0])


async def bring(db: Database, user: UserId, clock: FakeClock, *paths: Path) -> ImportStatus:
    async with db.transaction() as conn:
        import_id = await run.begin(conn, user, name=paths[0].name, size=1, now=clock.now())
    return await run.run(db, import_id, paths, clock)


async def count(db: Database, user: UserId) -> int:
    async with db.reading() as conn:
        return len(await history.load(conn, user))


def two_files(folder: Path) -> Path:
    first = [exports.extended(f"2024-05-06T18:{minute:02}:11Z", track=f"song {minute}") for minute in range(50)]
    second = [*first[-3:], exports.extended(track=None), exports.extended("2025-01-01T00:00:00Z")]
    return exports.write_zip(folder / "my_spotify_data.zip", Streaming_History_Audio_2024=first, Streaming_History_Audio_2025=second)


async def test_rows_are_new_or_duplicates_or_rejected_in_all_and_in_each_file(
    db: Database, user: UserId, clock: FakeClock, tmp_path: Path
) -> None:
    done = await bring(db, user, clock, two_files(tmp_path))
    total = done.summary
    assert (total.state, total.rows, total.new, total.duplicates, total.rejected) == ("done", 55, 51, 3, 1)
    assert [(file.rows, file.new, file.duplicates, file.rejected) for file in done.per_file] == [(50, 50, 0, 0), (5, 1, 3, 1)]
    assert [(reject.file, reject.row) for reject in done.rejects] == [("Streaming_History_Audio_2025.json", 4)]
    assert await count(db, user) == 51


async def test_a_second_run_adds_nothing(db: Database, user: UserId, clock: FakeClock, tmp_path: Path) -> None:
    await bring(db, user, clock, two_files(tmp_path))
    again = (await bring(db, user, clock, two_files(tmp_path))).summary
    assert (again.rows, again.new, again.duplicates, again.rejected) == (55, 0, 54, 1)


async def test_first_and_last_play_are_told(db: Database, user: UserId, clock: FakeClock, tmp_path: Path) -> None:
    total = (await bring(db, user, clock, two_files(tmp_path))).summary
    assert [str(moment) for moment in (total.first_played_at, total.last_played_at)] == [
        "2024-05-06 18:00:11+00:00",
        "2025-01-01 00:00:00+00:00",
    ]


async def test_a_truncated_file_leaves_nothing_of_the_whole_import(db: Database, user: UserId, clock: FakeClock, tmp_path: Path) -> None:
    exports.write_json(tmp_path / "a.json", [exports.extended()])
    (tmp_path / "b.json").write_text('[{"ts": "2024-05-06T18:43:11Z", "ms_played": 5}, {"ts": "2024', encoding="utf-8")
    with pytest.raises(Invalid, match=r"b\.json breaks off"):
        await bring(db, user, clock, tmp_path)
    assert await count(db, user) == 0
    async with db.reading() as conn:
        (left,) = await run.listed(conn, user)
    assert (left.state, "breaks off" in left.message) == ("failed", True)


async def test_both_packages_of_one_person_count_the_overlap_once(db: Database, user: UserId, clock: FakeClock, tmp_path: Path) -> None:
    exports.write_json(tmp_path / "a.json", [exports.account("2024-05-06 18:43"), exports.account("2024-05-06 19:43")])
    exports.write_json(tmp_path / "b.json", [exports.extended("2024-05-06T18:43:11Z")])
    total = (await bring(db, user, clock, tmp_path)).summary
    assert (total.new, total.duplicates) == (2, 1)


async def test_progress_ends_at_the_end(db: Database, user: UserId, clock: FakeClock, tmp_path: Path) -> None:
    told: list[Progress] = []
    path = two_files(tmp_path)
    async with db.transaction() as conn:
        import_id = await run.begin(conn, user, name="x", size=1, now=clock.now())
    await run.run(db, import_id, [path], clock, told.append)
    assert (told[-1].files_done, told[-1].bytes_done) == (2, told[-1].bytes_total)


async def test_an_empty_package_is_done_with_nothing(db: Database, user: UserId, clock: FakeClock, tmp_path: Path) -> None:
    total = (await bring(db, user, clock, exports.write_json(tmp_path / "StreamingHistory0.json", []))).summary
    assert (total.state, total.rows, total.first_played_at) == ("done", 0, None)


async def test_nobody_sees_anothers_import(db: Database, user: UserId, clock: FakeClock, tmp_path: Path) -> None:
    done = await bring(db, user, clock, two_files(tmp_path))
    async with db.reading() as conn:
        with pytest.raises(NotFound):
            await run.status(conn, UserId(user + 1), done.summary.id)


async def test_an_upload_is_looked_into_queued_run_and_cleared_away(db: Database, user: UserId, clock: FakeClock, tmp_path: Path) -> None:
    folder = tmp_path / "upload"
    folder.mkdir()
    two_files(folder)
    async with db.transaction() as conn:
        import_id = await run.receive(conn, user, name="my_spotify_data.zip", folder=folder, size=9, now=clock.now())
    await run.run_received(db, import_id, folder, clock)
    async with db.reading() as conn:
        assert (await run.status(conn, user, import_id)).summary.state == "done"
    assert not folder.exists()


async def test_an_upload_that_meets_a_fault_of_ours_ends_and_says_so(
    db: Database, user: UserId, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports.write_json(tmp_path / "a.json", [exports.extended()])
    async with db.transaction() as conn:
        import_id = await run.receive(conn, user, name="a.json", folder=tmp_path, size=9, now=clock.now())
    monkeypatch.setattr("audiospective.collect.imports.run.covered", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        await run.run_received(db, import_id, tmp_path, clock)
    async with db.reading() as conn:
        left = (await run.status(conn, user, import_id)).summary
    assert (left.state, left.message[:32], await count(db, user)) == ("failed", "Something went wrong on our side", 0)


async def test_an_upload_that_holds_nothing_is_refused_at_once(db: Database, user: UserId, clock: FakeClock, tmp_path: Path) -> None:
    exports.write_json(tmp_path / "a.json", {"no": "history"})
    async with db.transaction() as conn:
        with pytest.raises(Invalid):
            await run.receive(conn, user, name="a.json", folder=tmp_path, size=9, now=clock.now())


async def test_an_import_run_again_after_a_crash_ends_with_the_same_archive(
    db: Database, user: UserId, clock: FakeClock, tmp_path: Path
) -> None:
    path = two_files(tmp_path)
    async with db.transaction() as conn:
        import_id = await run.begin(conn, user, name="x", size=1, now=clock.now())
    await run.run(db, import_id, [path], clock)
    async with db.transaction() as conn:
        await conn.execute("UPDATE imports SET state = 'running'")
    again = (await run.run(db, import_id, [path], clock)).summary
    assert again.rows == again.new + again.duplicates + again.rejected == 55
    assert await count(db, user) == 51


async def test_rehearsals_without_end_leave_room_for_the_words_of_an_import(
    db: Database, user: UserId, clock: FakeClock, tmp_path: Path
) -> None:
    rows = [exports.extended(f"2024-05-06T18:{minute:02}:11Z", reason_start=f"why {minute}") for minute in range(60)]
    path = exports.write_json(tmp_path / "a.json", rows)
    for _ in range(4):
        await run.rehearse(db, user, [path], clock)
    assert (await bring(db, user, clock, path)).summary.new == 60
    async with db.reading() as conn:
        told = await history.evidence(conn, await history.load(conn, user))
    assert {told.words[pair // REASONS] for pair in told.reasons.tolist()} == {f"why {minute}" for minute in range(60)}
