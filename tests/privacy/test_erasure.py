"""What is left of a person who is erased: nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from audiospective.accounts import people, sessions, tokens
from audiospective.archive import ingest
from audiospective.archive.plays import Source
from audiospective.infra.database import Connection, fetch_all
from audiospective.infra.sealing import Sealer
from audiospective.privacy import erasure, receipt, tombstones
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock

SEALER = Sealer(["a secret of the tests"])

_TABLES_OF_PEOPLE = """
SELECT table_name::text FROM information_schema.columns
WHERE column_name = 'user_id' AND table_schema = 'public' ORDER BY table_name
"""


async def test_an_erased_person_leaves_no_row_and_others_keep_theirs(conn: Connection, clock: FakeClock) -> None:
    mara, noor = [await people.add(conn, name, clock.now()) for name in ("mara", "noor")]
    for person in (mara, noor):
        await ingest.store(conn, [batch(person.id, Source.API, Heard(0, "One"), Heard(300, "Two"))])
        await tokens.issue(conn, person.id, "phone", clock.now())
        await sessions.begin(conn, person.id, clock.now())
    assert await erasure.erase(conn, SEALER, mara.id, clock.now()) == {
        "playEvents": 2,
        "shareableReports": 0,
        "imports": 0,
        "personalTokens": 1,
        "sessions": 1,
        "spotifyPermissions": 0,
        "user": 1,
    }
    for table in await fetch_all(conn, _TABLES_OF_PEOPLE, str):
        owners = await fetch_all(conn, f"SELECT DISTINCT user_id FROM {table} WHERE user_id IS NOT NULL", int)
        assert owners in ([], [noor.id])
    assert [person.id for person in await people.everyone(conn)] == [noor.id]


async def test_erasing_twice_finds_nothing_the_second_time(conn: Connection, clock: FakeClock) -> None:
    mara = await people.add(conn, "mara", clock.now())
    await erasure.erase(conn, SEALER, mara.id, clock.now())
    assert set((await erasure.erase(conn, SEALER, mara.id, clock.now())).values()) == {0}


async def test_what_arrives_for_an_erased_person_is_not_stored(conn: Connection, clock: FakeClock) -> None:
    mara = await people.add(conn, "mara", clock.now())
    await erasure.erase(conn, SEALER, mara.id, clock.now())
    (stored,) = await ingest.store(conn, [batch(mara.id, Source.API, Heard(0, "One"))])
    assert stored.new == 0


async def test_who_comes_back_from_a_backup_is_told_by_a_mark_that_names_nobody(conn: Connection, clock: FakeClock) -> None:
    mara, _ = [await people.add(conn, name, clock.now()) for name in ("mara", "noor")]
    await conn.execute("SAVEPOINT backup")
    await erasure.erase(conn, SEALER, mara.id, clock.now())
    marks = await tombstones.marks(conn)
    assert await tombstones.returned(conn, SEALER, marks) == []
    await conn.execute("ROLLBACK TO backup")
    assert await tombstones.returned(conn, SEALER, marks) == [mara.id]
    assert await tombstones.returned(conn, Sealer(["another secret"]), marks) == []


async def test_a_new_account_of_the_same_name_is_welcome(conn: Connection, clock: FakeClock) -> None:
    mara = await people.add(conn, "mara", clock.now())
    await erasure.erase(conn, SEALER, mara.id, clock.now())
    await people.add(conn, "mara", clock.forward(days=1))
    assert await tombstones.returned(conn, SEALER, await tombstones.marks(conn)) == []


def test_a_receipt_is_read_by_whoever_holds_one_of_the_secrets(clock: FakeClock) -> None:
    text = receipt.issue(SEALER, "https://music.example.org", {"playEvents": 3}, clock.now())
    expected = receipt.Receipt("https://music.example.org", clock.now(), {"playEvents": 3})
    assert receipt.read(Sealer(["a newer secret", "a secret of the tests"]), f" {text}\n") == expected
    assert receipt.read(Sealer(["a newer secret"]), text) is None


@given(st.integers(0, 200), st.characters(codec="utf-8"))
def test_an_altered_receipt_states_nothing(place: int, letter: str) -> None:
    text = receipt.issue(SEALER, "https://music.example.org", {"playEvents": 3}, datetime(2026, 3, 18, tzinfo=UTC))
    altered = text[: place % len(text)] + letter + text[place % len(text) + 1 :]
    assert "".join(altered.split()) == text or receipt.read(SEALER, altered) is None
