"""A history that was held is read on from where it changed: it must be the one that a fresh look gives, whatever happened meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import TypeAlias

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audiospective.archive import descriptions, history, register, removal
from audiospective.archive.history import HistoryCache
from audiospective.archive.ingest import store
from audiospective.archive.plays import ArtistFacts, History, Source, TrackFacts, UserId
from audiospective.infra.database import Connection, Database, fetch_all
from tests.archive.conftest import _ADD
from tests.archive.listens import EVENING, Heard, batch
from tests.archive.test_removal import an_import

_MONTHS = 90 * 86_400
Step: TypeAlias = Callable[[Connection, UserId], Awaitable[object]]

#: Near each other, so that sources meet, and months apart, so that a tail ends.
_seconds = st.builds(lambda month, second: month * _MONTHS + second, st.integers(0, 2), st.integers(0, 1_500))
_heard = st.lists(st.builds(Heard, _seconds, st.sampled_from("abcd"), st.sampled_from([20_000, 180_000])), min_size=1, max_size=4)
_sources = st.sampled_from([Source.API, Source.ACCOUNT, Source.SCROBBLE, Source.LASTFM])


def _stored(source: Source, heard: list[Heard]) -> Step:
    return lambda conn, user: store(conn, [batch(user, source, *heard)])


def _imported(heard: list[Heard]) -> Step:
    return lambda conn, user: an_import(conn, user, heard)


def _undone(place: int) -> Step:
    async def undo(conn: Connection, user: UserId) -> None:
        ids = await fetch_all(conn, "SELECT id::int FROM imports WHERE user_id = %(user)s ORDER BY id", int, user=user)
        await removal.undo_import(conn, user, ids[place % len(ids)] if ids else 0)

    return undo


def _described(length_ms: int, isrc: str, artist: str) -> Step:
    """What the Web API tells of some track, to this person's sweep (their version grows) or to somebody else's (it doesn't)."""

    async def describe(conn: Connection, user: UserId) -> None:
        tracks = await fetch_all(conn, "SELECT id FROM tracks ORDER BY id", int)
        facts = {one: TrackFacts(length_ms, isrc, (ArtistFacts(artist, artist),), "", "", None) for one in tracks[::2]}
        await register.describe(conn, facts)
        if length_ms % 2:
            await descriptions.keep(conn, user, EVENING, asked=(), tracks={}, artists={})

    return describe


def _polled_forgotten() -> Step:
    return removal.forget_polled


_steps = st.one_of(
    st.builds(_stored, _sources, _heard),
    st.builds(_imported, _heard),
    st.builds(_undone, st.integers(0, 3)),
    st.builds(_described, st.integers(1, 4), st.sampled_from(["PT1", "PT2"]), st.sampled_from(["Unknown Artist", "Marrow Coast", "Ines"])),
    st.builds(_polled_forgotten),
)


def columns(one: History) -> dict[str, object]:
    """All of it, to be compared."""
    found = {field.name: getattr(one, field.name) for field in fields(History)}
    return {name: (column.dtype, column.tolist()) if isinstance(column, np.ndarray) else column for name, column in found.items()}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(_steps, st.sampled_from(["often", "seldom", "never"])), max_size=8))
async def test_whatever_happened_it_is_what_a_fresh_look_gives(conn: Connection, happened: list[tuple[Step, str]]) -> None:
    async with conn.transaction(force_rollback=True):
        user = UserId((await fetch_all(conn, _ADD, int, name="somebody", now=EVENING))[0])
        held: dict[str, History | None] = {"often": None, "seldom": None}
        for step, looks in happened:
            await step(conn, user)
            for reader in {"often": ("often",), "seldom": ("often", "seldom")}.get(looks, ()):
                held[reader] = await history.load(conn, user, held[reader])
                assert columns(await history.load(conn, user)) == columns(await history.load(conn, user, held[reader]))


async def held_without_its_oldest(conn: Connection, user: UserId) -> History:
    """A history of two plays, months apart, of which the older is no longer stored, and nobody was told."""
    await store(conn, [batch(user, Source.API, Heard(0, "a"))])
    await store(conn, [batch(user, Source.API, Heard(_MONTHS, "b"))])
    held = await history.load(conn, user)
    await conn.execute("DELETE FROM plays WHERE user_id = %s AND played_at = %s", (user, EVENING))
    return held


async def test_a_new_play_costs_no_look_at_the_old_ones(conn: Connection, user: UserId) -> None:
    held = await held_without_its_oldest(conn, user)
    await store(conn, [batch(user, Source.API, Heard(_MONTHS + 900, "c"))])
    assert len(await history.load(conn, user, held)) == 3


async def test_what_a_release_of_before_wrote_meanwhile_is_read_whole(conn: Connection, user: UserId) -> None:
    held = await held_without_its_oldest(conn, user)
    await conn.execute("UPDATE people SET history_version = history_version + 1")
    assert len(await history.load(conn, user, held)) == 1
    await store(conn, [batch(user, Source.API, Heard(_MONTHS + 900, "c"))])
    assert len(await history.load(conn, user, held)) == 2


async def test_a_play_that_another_report_just_after_it_stands_for_is_read_again(conn: Connection, user: UserId) -> None:
    await store(conn, [batch(user, Source.API, Heard(0, "a"))])
    await store(conn, [batch(user, Source.API, Heard(_MONTHS, "b"))])
    held = await history.load(conn, user)
    await store(conn, [batch(user, Source.EXTENDED, Heard(0.4, "a", 180_000))])
    assert len(await history.load(conn, user, held)) == 2


async def test_a_play_that_stands_again_is_read_again(conn: Connection, user: UserId) -> None:
    await store(conn, [batch(user, Source.API, Heard(0, "a"))])
    export = await an_import(conn, user, [Heard(0.4, "a", 180_000)])
    await store(conn, [batch(user, Source.API, Heard(_MONTHS, "b"))])
    held = await history.load(conn, user)
    await removal.undo_import(conn, user, export)
    assert (await history.load(conn, user, held)).source.tolist() == [Source.API, Source.API]


async def test_who_looks_from_an_earlier_moment_isnt_given_what_came_later(db: Database) -> None:
    async with db.transaction() as conn:
        user = UserId((await fetch_all(conn, _ADD, int, name="mara", now=EVENING))[0])
        await store(conn, [batch(user, Source.API, Heard(0, "a"))])
        await store(conn, [batch(user, Source.API, Heard(_MONTHS, "b"))])
    async with db.reading() as early:
        assert await history.version(early, user) == 2
        async with db.transaction() as conn:
            await store(conn, [batch(user, Source.API, Heard(500, "c"))])
            later = await history.load(conn, user)
        assert (len(later), len(await history.load(early, user, later))) == (3, 2)


async def test_what_several_ask_for_at_once_is_read_once(db: Database) -> None:
    cache = HistoryCache()
    async with db.transaction() as conn:
        user = UserId((await fetch_all(conn, _ADD, int, name="mara", now=EVENING))[0])
        await store(conn, [batch(user, Source.API, Heard(0, "a"))])

    async def ask() -> History:
        async with db.reading() as conn:
            return await cache.get(conn, user)

    first, *others = await asyncio.gather(*(ask() for _ in range(4)))
    assert all(one is first for one in others)
