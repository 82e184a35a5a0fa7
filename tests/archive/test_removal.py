"""Take back an import, forget a person: exactly that, and what stood behind it stands again."""

from __future__ import annotations

import random

import pytest

from audiospective.archive import history, removal
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source, UserId
from audiospective.infra.database import Connection, fetch_all
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


_IMPORT = "INSERT INTO imports (user_id, name, state, requested_at) VALUES (%(user)s, 'export', 'done', now()) RETURNING id"


async def an_import(conn: Connection, user: UserId, heard: list[Heard], source: Source = Source.EXTENDED) -> int:
    """Bring these by an import of their own; its number."""
    (import_id,) = await fetch_all(conn, _IMPORT, int, user=user)
    await store(conn, [batch(user, source, *heard, import_id=import_id)])
    return import_id


async def test_what_a_later_import_repeats_stays_when_the_first_is_taken_back(conn: Connection, user: UserId) -> None:
    older, both, newer = (Heard(n * 1000, "a", 180_000) for n in range(3))
    first = await an_import(conn, user, [older, both])
    second = await an_import(conn, user, [both, newer])
    assert await removal.undo_import(conn, user, first) == 1
    assert len(await history.load(conn, user)) == 2
    assert await removal.undo_import(conn, user, second) == 2
    assert len(await history.load(conn, user)) == 0


async def test_an_import_taken_back_inherits_nothing(conn: Connection, user: UserId) -> None:
    first = await an_import(conn, user, [Heard(0, "a", 180_000)])
    second = await an_import(conn, user, [Heard(0, "a", 180_000)])
    assert await removal.undo_import(conn, user, second) == 0
    assert await removal.undo_import(conn, user, first) == 1


@pytest.mark.parametrize("seed", range(12))
async def test_what_is_left_is_what_the_others_alone_would_have_brought(conn: Connection, user: UserId, other: UserId, seed: int) -> None:
    chance = random.Random(seed)
    evening = [Heard(n * 200, f"song-{n % 5}", 180_000 + n) for n in range(30)]
    brought = {}
    for _ in range(4):
        heard, source = chance.sample(evening, chance.randint(1, 20)), chance.choice([Source.EXTENDED, Source.ACCOUNT])
        brought[await an_import(conn, user, heard, source)] = (heard, source)
    for gone in chance.sample(sorted(brought), 2):
        await removal.undo_import(conn, user, gone)
        del brought[gone]
    for heard, source in brought.values():
        await store(conn, [batch(other, source, *heard)])
    left, alone = await history.load(conn, user), await history.load(conn, other)
    assert left.ended_at.tolist() == alone.ended_at.tolist()
    assert left.source.tolist() == alone.source.tolist()
