"""What is left of a person who is erased: nothing."""

from __future__ import annotations

from audiospective.accounts import people, sessions, tokens
from audiospective.archive import ingest
from audiospective.archive.plays import Source
from audiospective.infra.database import Connection, fetch_all
from audiospective.privacy import erasure
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock

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
    assert await erasure.erase(conn, mara.id) == {"plays": 2, "imports": 0, "tokens": 1, "sessions": 1}
    for table in await fetch_all(conn, _TABLES_OF_PEOPLE, str):
        owners = await fetch_all(conn, f"SELECT DISTINCT user_id FROM {table}", int)
        assert owners in ([], [noor.id])
    assert [person.id for person in await people.everyone(conn)] == [noor.id]


async def test_erasing_twice_finds_nothing_the_second_time(conn: Connection, clock: FakeClock) -> None:
    mara = await people.add(conn, "mara", clock.now())
    await erasure.erase(conn, mara.id)
    assert set((await erasure.erase(conn, mara.id)).values()) == {0}


async def test_what_arrives_for_an_erased_person_is_not_stored(conn: Connection, clock: FakeClock) -> None:
    mara = await people.add(conn, "mara", clock.now())
    await erasure.erase(conn, mara.id)
    (stored,) = await ingest.store(conn, [batch(mara.id, Source.API, Heard(0, "One"))])
    assert stored.new == 0
