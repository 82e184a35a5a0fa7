"""Migrations: forward only, once each, in one piece, and never quietly different from what was applied."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
import pytest

from audiospective.errors import DatabaseUnavailable
from audiospective.infra.migrate import MigrationRefused, is_current, migrate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_songs.sql").write_text("CREATE TABLE songs (id int);\nINSERT INTO songs VALUES (1);")
    (tmp_path / "0002_albums.sql").write_text("CREATE TABLE albums (id int);")
    return tmp_path


def rows(dsn: str, statement: str) -> list[object]:
    with psycopg.connect(dsn) as conn:
        return [row[0] for row in conn.execute(statement.encode()).fetchall()]


async def test_missing_files_are_applied_in_order_and_once(empty_dsn: str, folder: Path) -> None:
    assert await migrate(empty_dsn, folder) == ["0001_songs", "0002_albums"]
    assert await migrate(empty_dsn, folder) == []
    assert rows(empty_dsn, "SELECT id FROM songs") == [1]


async def test_a_later_file_is_added_to_what_is_there(empty_dsn: str, folder: Path) -> None:
    await migrate(empty_dsn, folder)
    (folder / "0003_more.sql").write_text("INSERT INTO songs VALUES (2);")
    assert await migrate(empty_dsn, folder) == ["0003_more"]
    assert rows(empty_dsn, "SELECT id FROM songs ORDER BY id") == [1, 2]


async def test_many_processes_may_migrate_at_once(empty_dsn: str, folder: Path) -> None:
    applied = await asyncio.gather(*(migrate(empty_dsn, folder) for _ in range(8)))
    assert sorted(applied) == [[]] * 7 + [["0001_songs", "0002_albums"]]
    assert rows(empty_dsn, "SELECT id FROM songs") == [1]


async def test_a_file_changed_after_it_was_applied_is_refused(empty_dsn: str, folder: Path) -> None:
    await migrate(empty_dsn, folder)
    (folder / "0001_songs.sql").write_text("CREATE TABLE songs (id bigint);")
    with pytest.raises(MigrationRefused, match=r"0001_songs\.sql has been changed after it was applied"):
        await migrate(empty_dsn, folder)


async def test_an_older_program_works_on_what_a_newer_one_added(empty_dsn: str, folder: Path) -> None:
    await migrate(empty_dsn, folder)
    (folder / "0002_albums.sql").unlink()
    assert await migrate(empty_dsn, folder) == []


@pytest.mark.parametrize(("known", "can"), [("0001_songs.sql", False), ("0002_albums.sql", True)])
async def test_a_program_that_needs_what_was_taken_away_is_refused(empty_dsn: str, folder: Path, known: str, can: bool) -> None:
    (folder / "0003_less.sql").write_text("-- contract: safe from 0002\nDROP TABLE songs;")
    await migrate(empty_dsn, folder)
    for path in folder.glob("*.sql"):
        if path.name > known:
            path.unlink()
    if can:
        assert await migrate(empty_dsn, folder) == []
    else:
        with pytest.raises(MigrationRefused, match="too new for this program: 0003_less took away what it needs"):
            await migrate(empty_dsn, folder)


async def test_a_database_from_before_that_was_kept_is_read_as_one_that_only_grew(empty_dsn: str, folder: Path) -> None:
    await migrate(empty_dsn, folder)
    with psycopg.connect(empty_dsn) as conn:
        conn.execute("ALTER TABLE migrations DROP COLUMN safe_from")
    (folder / "0003_more.sql").write_text("INSERT INTO songs VALUES (2);")
    assert await migrate(empty_dsn, folder) == ["0003_more"]


async def test_a_file_slipped_in_behind_the_last_one_is_refused(empty_dsn: str, folder: Path) -> None:
    (folder / "0001_songs.sql").rename(folder / "0003_songs.sql")
    await migrate(empty_dsn, folder)
    (folder / "0001_late.sql").write_text("SELECT 1;")
    with pytest.raises(MigrationRefused, match=r"0001_late\.sql comes before 0003_songs"):
        await migrate(empty_dsn, folder)


async def test_a_failing_file_leaves_nothing_of_itself_and_all_before_it(empty_dsn: str, folder: Path) -> None:
    (folder / "0003_wrong.sql").write_text("INSERT INTO songs VALUES (2); INSERT INTO nowhere VALUES (1);")
    with pytest.raises(MigrationRefused, match="0003_wrong failed and nothing of it was kept"):
        await migrate(empty_dsn, folder)
    assert rows(empty_dsn, "SELECT id FROM songs") == [1]
    assert rows(empty_dsn, "SELECT name FROM migrations ORDER BY name") == ["0001_songs", "0002_albums"]


async def test_two_files_with_one_number_are_a_mistake(empty_dsn: str, folder: Path) -> None:
    (folder / "0002_artists.sql").write_text("SELECT 1;")
    with pytest.raises(ValueError, match="share a number"):
        await migrate(empty_dsn, folder)


async def test_an_unreachable_database_is_said_to_be_so() -> None:
    with pytest.raises(DatabaseUnavailable, match="can't be reached"):
        await migrate("postgresql://postgres@/postgres?host=/nowhere")


async def test_the_programs_own_files_make_plays_and_jobs(empty_dsn: str) -> None:
    applied = await migrate(empty_dsn)
    assert applied[:2] == ["0001_people_and_plays", "0002_jobs"]
    assert rows(empty_dsn, "SELECT count(*) FROM plays") == rows(empty_dsn, "SELECT count(*) FROM procrastinate_jobs") == [0]


async def test_whether_there_is_something_to_do_is_known_without_doing_it(empty_dsn: str, folder: Path) -> None:
    assert not await is_current(empty_dsn, folder)
    await migrate(empty_dsn, folder)
    assert await is_current(empty_dsn, folder)
    (folder / "0001_songs.sql").write_text("CREATE TABLE songs (id bigint);")
    assert not await is_current(empty_dsn, folder)  # whoever migrates says what is wrong
    assert not await is_current("postgresql://127.0.0.1:9/nobody", folder)
