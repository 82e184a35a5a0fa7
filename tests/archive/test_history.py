"""The only reader of plays, and its cache."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from audiospective.archive import history
from audiospective.archive.history import HistoryCache
from audiospective.archive.ingest import store
from audiospective.archive.plays import Batch, Source, UserId
from audiospective.errors import NotFound
from audiospective.infra.database import Connection
from tests.archive.listens import EVENING, Heard, batch, listens


async def test_plays_come_oldest_first_with_their_track_table(conn: Connection, user: UserId) -> None:
    await store(conn, [batch(user, Source.API, Heard(500, "b"), Heard(200, "a"), Heard(900, "a"))])
    seen = await history.load(conn, user)
    start = int(EVENING.timestamp()) * 1_000_000
    assert ((seen.ended_at - start) // 1_000_000).tolist() == [200, 500, 900]
    assert seen.track[0] == seen.track[2] != seen.track[1]
    assert seen.duration_ms.tolist() == [200_000, 200_000]


async def test_plays_of_many_years_are_one_history_and_so_is_what_was_told_besides(conn: Connection, user: UserId) -> None:
    three_years = 3 * 365 * 86_400
    seconds = [0, 1, three_years - 1, three_years, three_years + 1, 2 * three_years, 5 * three_years]
    told = listens([Heard(second, f"song {second}", 40_000) for second in reversed(seconds)])
    shifts = np.arange(len(seconds), dtype=np.int32)[::-1].copy()
    await store(conn, [Batch(user, Source.EXTENDED, replace(told, shifted_s=shifts))])
    seen = await history.load(conn, user)
    assert (seen.ended_at // 1_000_000 - int(EVENING.timestamp())).tolist() == seconds
    assert (await history.evidence(conn, seen)).shifted_s.tolist() == list(range(len(seconds)))


async def test_an_empty_history_is_a_history(conn: Connection, user: UserId) -> None:
    seen = await history.load(conn, user)
    assert (len(seen), seen.version, seen.nbytes) == (0, 0, 0)


async def test_nobody_has_no_history(conn: Connection) -> None:
    with pytest.raises(NotFound):
        await history.load(conn, UserId(424_242))


async def test_a_play_takes_twenty_bytes_in_memory(conn: Connection, user: UserId) -> None:
    await store(conn, [batch(user, Source.API, *(Heard(second, "a") for second in range(0, 30_000, 300)))])
    seen = await history.load(conn, user)
    assert seen.nbytes == 22 * len(seen) + 16


async def test_the_cache_gives_the_same_history_until_something_is_stored(conn: Connection, user: UserId) -> None:
    cache = HistoryCache()
    await store(conn, [batch(user, Source.API, Heard(200, "a"))])
    first = await cache.get(conn, user)
    assert await cache.get(conn, user) is first
    await store(conn, [batch(user, Source.API, Heard(500, "b"))])
    assert len(await cache.get(conn, user)) == 2


async def test_the_cache_lets_go_of_whoever_was_seen_longest_ago(conn: Connection, user: UserId, other: UserId) -> None:
    cache = HistoryCache(max_bytes=30)
    for one in (user, other):
        await store(conn, [batch(one, Source.API, Heard(200, "a"))])
        await cache.get(conn, one)
    assert cache.nbytes == (await history.load(conn, other)).nbytes


async def test_tracks_of_one_isrc_are_one_recording(conn: Connection, user: UserId) -> None:
    heard = [Heard(second, song, 200_000) for second, song in ((0, "Other"), (300, "Tide"), (600, "Tide, relinked"), (900, "Tide"))]
    await store(conn, [batch(user, Source.EXTENDED, *heard)])
    await conn.execute("UPDATE tracks SET isrc = 'PT1' WHERE name LIKE 'Tide%'")
    seen = await history.load(conn, user)
    assert len(seen.track_ids) == 3
    other, *tides = seen.recorded(seen.track).tolist()
    assert len(set(tides)) == 1
    assert other not in tides
