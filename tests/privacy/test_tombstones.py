"""Whoever was deleted stays deleted, though a backup of the day before be restored."""

from __future__ import annotations

from pathlib import Path

import pytest

from audiospective.accounts import people
from audiospective.accounts.people import Person
from audiospective.archive import ingest
from audiospective.archive.history import HistoryCache
from audiospective.archive.plays import Source, UserId
from audiospective.errors import NotFound
from audiospective.infra.database import Database, execute, fetch_all
from audiospective.infra.sealing import Sealer
from audiospective.privacy import erasure, tombstones
from audiospective.privacy.erasure import Deleted
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock

SEALER = Sealer(["a secret of the tests"])
_RESTORE = """
INSERT INTO people (id, name, display_name, created_at) OVERRIDING SYSTEM VALUE VALUES (%(id)s, %(name)s, %(name)s, %(born)s)
"""


@pytest.fixture
async def mara(db: Database, clock: FakeClock) -> Person:
    """She has one play."""
    async with db.transaction() as conn:
        person = await people.add(conn, "mara", clock.now())
        await ingest.store(conn, [batch(person.id, Source.API, Heard(0, "One"))])
    return person


async def _delete(db: Database, clock: FakeClock, person: Person, ledger: Path) -> Deleted:
    cache = HistoryCache()
    return await erasure.delete_account(db, SEALER, cache, clock, user=UserId(person.id), instance="https://x.example", ledger=ledger)


async def _restore(db: Database, person: Person) -> None:
    """The database as it was before: the person and the play are back, the mark is not."""
    async with db.transaction() as conn:
        await execute(conn, "TRUNCATE tombstones")
        await execute(conn, _RESTORE, id=person.id, name=person.name, born=person.created_at)
        await ingest.store(conn, [batch(person.id, Source.API, Heard(0, "One"))])


async def _count(db: Database, table: str) -> int:
    async with db.reading() as conn:
        return (await fetch_all(conn, f"SELECT count(*) FROM {table}", int))[0]


async def test_a_restored_backup_brings_nobody_back(db: Database, clock: FakeClock, mara: Person, tmp_path: Path) -> None:
    await _delete(db, clock, mara, tmp_path / "deleted")
    await _restore(db, mara)
    assert await erasure.keep_away(db, SEALER, clock, tmp_path / "deleted") == 1
    assert [await _count(db, table) for table in ("people", "plays", "tombstones")] == [0, 0, 1]
    assert await erasure.keep_away(db, SEALER, clock, tmp_path / "deleted") == 0


async def test_a_secret_that_was_rotated_still_keeps_them_away(db: Database, clock: FakeClock, mara: Person, tmp_path: Path) -> None:
    await _delete(db, clock, mara, tmp_path / "deleted")
    await _restore(db, mara)
    newer = Sealer(["a newer secret", "a secret of the tests"])
    assert await erasure.keep_away(db, newer, clock, tmp_path / "deleted") == 1


async def test_a_mark_that_the_file_lacks_is_added_and_others_are_untouched(
    db: Database, clock: FakeClock, mara: Person, tmp_path: Path
) -> None:
    ledger = tmp_path / "deleted"
    await _delete(db, clock, mara, tmp_path / "lost")
    ledger.write_text("another-mark\ncut-sho")
    await erasure.keep_away(db, SEALER, clock, ledger)
    async with db.reading() as conn:
        assert set(tombstones.read_file(ledger)) == set(await tombstones.marks(conn))
    assert len(tombstones.read_file(ledger)) == 3


async def test_the_file_of_marks_names_nobody_and_is_its_owners_alone(db: Database, clock: FakeClock, mara: Person, tmp_path: Path) -> None:
    await _delete(db, clock, mara, tmp_path / "deleted")
    assert "mara" not in (tmp_path / "deleted").read_text()
    assert (tmp_path / "deleted").stat().st_mode & 0o777 == 0o600


async def test_a_disk_that_is_full_stops_no_deletion(db: Database, clock: FakeClock, mara: Person, tmp_path: Path) -> None:
    (tmp_path / "deleted").mkdir()
    gone = await _delete(db, clock, mara, tmp_path / "deleted")
    assert gone.records["user"] == 1


async def test_who_deletes_second_is_told_that_it_is_done(db: Database, clock: FakeClock, mara: Person, tmp_path: Path) -> None:
    await _delete(db, clock, mara, tmp_path / "deleted")
    with pytest.raises(NotFound, match="deleted already"):
        await _delete(db, clock, mara, tmp_path / "deleted")


@pytest.mark.parametrize("typed", ["Ze\u0301", "Z\u00e9", " Z\u00e9 "])
def test_letters_may_be_typed_as_the_keyboard_makes_them(typed: str) -> None:
    erasure.check_confirmation("Z\u00e9", typed)
