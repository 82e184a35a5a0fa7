"""The only writer of plays: idempotent, counted, one listening one play whatever the order of arrival."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from audiospective.archive import history
from audiospective.archive.ingest import store
from audiospective.archive.plays import UNKNOWN_MS, Batch, Kind, Source, Stored, UserId
from audiospective.infra.database import Connection, execute, fetch_all
from tests.archive.listens import Heard, batch

_PLAYS = """
SELECT p.source || ' ' || t.name || ' ' || p.ms_played || ' ' || extract(epoch FROM p.played_at) AS play
FROM plays p JOIN tracks t ON t.id = p.track_id WHERE p.user_id = %(user)s AND p.flags & 256 = 0 ORDER BY play
"""


async def plays(conn: Connection, user: UserId) -> list[str]:
    return await fetch_all(conn, _PLAYS, str, user=user)


async def test_what_is_new_is_counted_and_readable(conn: Connection, user: UserId) -> None:
    stored = await store(conn, [batch(user, Source.API, Heard(200, "Low Tide Choir"), Heard(500, "Estuary"))])
    assert stored == [Stored(listens=2, new=2, duplicates=0)]
    assert len(await history.load(conn, user)) == 2


async def test_storing_again_adds_nothing_and_changes_no_version(conn: Connection, user: UserId) -> None:
    once = batch(user, Source.EXTENDED, Heard(200, "Low Tide Choir", 180_000), Heard(500, "Estuary", 250_000))
    await store(conn, [once])
    version = await history.version(conn, user)
    assert await store(conn, [once]) == [Stored(listens=2, new=0, duplicates=2)]
    assert await history.version(conn, user) == version


async def test_the_same_row_twice_in_a_batch_is_one_play(conn: Connection, user: UserId) -> None:
    twice = batch(user, Source.EXTENDED, Heard(200, "Low Tide Choir", 180_000), Heard(200, "Low Tide Choir", 180_000))
    assert await store(conn, [twice]) == [Stored(listens=2, new=1, duplicates=1)]


async def test_a_row_of_one_file_again_in_the_next_is_a_duplicate_there(conn: Connection, user: UserId) -> None:
    row = Heard(200, "Low Tide Choir", 180_000)
    assert await store(conn, [batch(user, Source.EXTENDED, row), batch(user, Source.EXTENDED, row)]) == [Stored(1, 1, 0), Stored(1, 0, 1)]


async def test_an_export_of_what_was_swept_adds_no_play_but_tells_how_long(conn: Connection, user: UserId) -> None:
    await store(conn, [batch(user, Source.API, Heard(200.417, "Low Tide Choir"))])
    assert await store(conn, [batch(user, Source.EXTENDED, Heard(200, "Low Tide Choir", 180_000))]) == [Stored(1, 0, 1)]
    seen = await history.load(conn, user)
    assert seen.ms_played.tolist() == [180_000]


async def test_a_sweep_of_what_an_export_told_adds_no_play(conn: Connection, user: UserId) -> None:
    await store(conn, [batch(user, Source.EXTENDED, Heard(200, "Low Tide Choir", 180_000))])
    assert await store(conn, [batch(user, Source.API, Heard(200.417, "Low Tide Choir"))]) == [Stored(1, 0, 1)]


async def test_a_sweep_that_begins_just_after_an_export_leaves_what_is_matched_before_it(conn: Connection, user: UserId) -> None:
    await store(conn, [batch(user, Source.API, Heard(0.6, "a"))])
    await store(conn, [batch(user, Source.EXTENDED, Heard(0, "a", 180_000))])
    assert len(await history.load(conn, user)) == 1
    await store(conn, [batch(user, Source.API, Heard(180.3, "b"))])
    assert len(await history.load(conn, user)) == 2


async def test_account_data_knows_the_track_by_name_whatever_its_address(conn: Connection, user: UserId) -> None:
    await store(conn, [batch(user, Source.ACCOUNT, Heard(180, "Low Tide Choir", 180_000, address=False))])
    assert await store(conn, [batch(user, Source.EXTENDED, Heard(200, "Low Tide Choir", 180_000))]) == [Stored(1, 0, 1)]
    assert len((await history.load(conn, user)).track_ids) == 1


async def test_one_persons_plays_are_nobody_elses(conn: Connection, user: UserId, other: UserId) -> None:
    await store(conn, [batch(user, Source.API, Heard(200, "Low Tide Choir")), batch(other, Source.API, Heard(200, "Estuary"))])
    assert [len(await history.load(conn, one)) for one in (user, other)] == [1, 1]
    assert await plays(conn, user) != await plays(conn, other)


async def test_someone_who_is_gone_is_skipped(conn: Connection, user: UserId) -> None:
    gone = UserId(999_999)
    assert await store(conn, [batch(gone, Source.API, Heard(1, "x")), batch(user, Source.API, Heard(1, "x"))]) == [
        Stored(0, 0, 0),
        Stored(1, 1, 0),
    ]


async def test_podcasts_keep_their_kind(conn: Connection, user: UserId) -> None:
    await store(conn, [batch(user, Source.EXTENDED, Heard(200, "Episode 9", 900_000, kind=Kind.EPISODE))])
    assert [flags & 3 for flags in (await history.load(conn, user)).flags.tolist()] == [Kind.EPISODE]


async def test_an_empty_batch_is_fine(conn: Connection, user: UserId) -> None:
    assert await store(conn, [batch(user, Source.EXTENDED)]) == [Stored(0, 0, 0)]


def evening() -> list[tuple[Source, Heard]]:
    """One evening as four sources tell it, with loops, twins and near misses."""
    said = [
        (Source.EXTENDED, Heard(200, "a", 180_000)),
        (Source.EXTENDED, Heard(200, "a", 0)),
        (Source.API, Heard(200.3, "a")),
        (Source.ACCOUNT, Heard(180, "a", 180_000, address=False)),
        (Source.API, Heard(290, "a")),
        (Source.EXTENDED, Heard(330, "a", 90_000)),
        (Source.ACCOUNT, Heard(300, "a", 90_000, address=False)),
        (Source.TRACKER, Heard(120, "a", UNKNOWN_MS, address=False)),
        (Source.MALOJA, Heard(125, "a", UNKNOWN_MS, address=False)),
        (Source.LASTFM, Heard(100, "a", UNKNOWN_MS, address=False)),
        (Source.EXTENDED, Heard(600, "b", 200_000)),
        (Source.API, Heard(640, "b")),
        (Source.API, Heard(700, "b")),
        (Source.ACCOUNT, Heard(600, "b", 200_000, address=False)),
        (Source.ACCOUNT, Heard(600, "c", 31_000, address=False)),
    ]
    return said + [(source, Heard(one.second + 4000, one.song, one.ms, one.address)) for source, one in said]


async def play_out(conn: Connection, user: UserId, told: list[tuple[Source, Heard]], sizes: list[int]) -> list[str]:
    while told:
        size = sizes.pop() if sizes else len(told)
        for source in Source:
            mine = [heard for said, heard in told[:size] if said is source]
            await store(conn, [batch(user, source, *mine)])
        told = told[size:]
    return [play.partition(" ")[2] for play in await plays(conn, user)]


@pytest.mark.parametrize("seed", range(8))
async def test_any_order_in_any_portions_gives_the_same_archive(conn: Connection, user: UserId, other: UserId, seed: int) -> None:
    chance = random.Random(seed)
    told = evening()
    expected = await play_out(conn, user, list(told), [])
    chance.shuffle(told)
    assert await play_out(conn, other, told, [chance.randint(1, 6) for _ in range(20)]) == expected


def at_two_addresses(user: UserId, name: str, ms: tuple[int, int] = (180_000, 170_000)) -> Batch:
    """An export that gives one moment to two addresses of one name, and goes on for months."""
    said = batch(user, Source.EXTENDED, Heard(200, "a", ms[0]), Heard(200, "b", ms[1]), Heard(9_000_000, "c", 180_000))
    keys = [key._replace(name=name) if key.name in {"a", "b"} else key for key in said.listens.keys]
    return replace(said, listens=replace(said.listens, keys=keys))


@pytest.mark.parametrize("name", ["Low Tide Choir", ""])
async def test_two_addresses_at_one_moment_are_two_plays_whenever_another_source_spoke(
    conn: Connection, user: UserId, other: UserId, name: str
) -> None:
    swept = batch(user, Source.API, Heard(4_000_000, "d"))
    for one in (at_two_addresses(user, name), swept, replace(swept, user=other), at_two_addresses(other, name)):
        await store(conn, [one])
    assert await plays(conn, user) == await plays(conn, other)
    assert len(await plays(conn, user)) == 4


async def test_every_batch_adds_up(conn: Connection, user: UserId) -> None:
    counts = [(await store(conn, [batch(user, source, heard)]))[0] for source, heard in evening()]
    assert all(one.listens == one.new + one.duplicates for one in counts)
    assert sum(one.new for one in counts) == len(await plays(conn, user))


async def test_rolling_back_leaves_nothing(conn: Connection, user: UserId) -> None:
    await execute(conn, "SAVEPOINT before")
    await store(conn, [batch(user, Source.API, Heard(200, "a"))])
    await execute(conn, "ROLLBACK TO before")
    assert await plays(conn, user) == []
