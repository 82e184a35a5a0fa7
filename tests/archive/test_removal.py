"""Take back an import, forget a person: exactly that, and what stood behind it stands again."""

from __future__ import annotations

from audiospective.archive import history, removal
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source, UserId
from audiospective.infra.database import Connection
from tests.archive.listens import Heard, batch


async def test_undo_takes_back_exactly_what_the_import_brought(conn: Connection, user: UserId) -> None:
    await store(conn, [batch(user, Source.API, Heard(900, "b"))])
    await store(conn, [batch(user, Source.EXTENDED, Heard(200, "a", 180_000), import_id=7)])
    assert await removal.undo_import(conn, user, 7) == 1
    assert len(await history.load(conn, user)) == 1


async def test_a_swept_play_stands_again_when_the_export_that_stood_for_it_goes(conn: Connection, user: UserId) -> None:
    await store(conn, [batch(user, Source.API, Heard(200.4, "a"))])
    await store(conn, [batch(user, Source.EXTENDED, Heard(200, "a", 180_000), import_id=7)])
    await removal.undo_import(conn, user, 7)
    assert (await history.load(conn, user)).source.tolist() == [Source.API]


async def test_undoing_twice_or_nothing_is_harmless(conn: Connection, user: UserId) -> None:
    assert [await removal.undo_import(conn, user, 7), await removal.undo_import(conn, user, 7)] == [0, 0]


async def test_forgetting_a_person_leaves_everybody_else(conn: Connection, user: UserId, other: UserId) -> None:
    await store(conn, [batch(user, Source.API, Heard(1, "a")), batch(other, Source.API, Heard(1, "a"))])
    assert await removal.forget(conn, user) == 1
    assert [len(await history.load(conn, one)) for one in (user, other)] == [0, 1]
