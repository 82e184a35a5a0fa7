"""Covers, lengths and genres come when there are calls to spare, and never hold anything up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from audiospective.archive import catalog, descriptions, history
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.collect.metadata import Enriched, enrich
from audiospective.infra.database import Database, fetch_all
from audiospective.spotify import quota
from audiospective.spotify.quota import Lane
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock
from tests.stand_in import World, world_of

_TRACK = {
    "id": "id-Harbour Lights",
    "name": "Harbour Lights",
    "duration_ms": 201_000,
    "external_ids": {"isrc": "QZ1"},
    "artists": [{"id": "a1", "name": "Marrow Coast"}],
    "album": {"id": "l1", "name": "Estuary", "images": [{"url": "https://i.scdn.co/image/estuary", "width": 300, "height": 300}]},
}
_ARTIST = {
    "id": "a1",
    "name": "Marrow Coast",
    "genres": ["shanty", "ambient"],
    "images": [{"url": "https://i.scdn.co/image/a1", "width": 320}],
}


@pytest.fixture
async def told(db: Database, clock: FakeClock) -> AsyncIterator[tuple[World, int]]:
    """Mara, signed in, with an export that names two tracks by address; Spotify knows one of them."""
    async with world_of(db, clock) as world:
        world.stand_in.catalogue |= {"tracks/id-Harbour Lights": _TRACK, "artists/a1": _ARTIST}
        mara = (await world.sign_in("mara")).person.id
        heard = [Heard(3600 * hour, "Harbour Lights", ms=200_000) for hour in (0, 1, 2)]
        async with db.transaction() as conn:
            await store(conn, [batch(mara, Source.EXTENDED, *heard, Heard(18_000, "Gone", ms=100_000, artist="Nobody"))])
        yield world, mara


async def _enrich(world: World, most: int = 20) -> Enriched:
    world.clock.forward(minutes=5)
    return await enrich(*world.parts, world.clock, most=most)


async def test_tracks_get_length_cover_and_everyone_who_made_them(told: tuple[World, int]) -> None:
    world, mara = told
    assert await _enrich(world) == Enriched(asked=2, tracks=1)
    async with world.db.reading() as conn:
        seen = await history.load(conn, mara)
        cards = await catalog.tracks(conn, seen.track_ids.tolist())
    card = next(card for card in cards.values() if card.spotify_id == "id-Harbour Lights")
    assert card.duration_ms == 201_000
    assert card.album is not None
    assert card.album.image_url == "https://i.scdn.co/image/estuary"


async def test_artists_get_genres_and_a_picture_once_they_have_an_address(told: tuple[World, int]) -> None:
    world, mara = told
    await _enrich(world)
    assert await _enrich(world) == Enriched(asked=1, artists=1)
    async with world.db.reading() as conn:
        seen = await history.load(conn, mara)
        cards = (await catalog.artists(conn, seen.artist_ids.tolist())).values()
    assert [list(card.genres) for card in cards if card.spotify_id == "a1"] == [["shanty", "ambient"]]


async def test_what_spotify_does_not_know_is_asked_about_once(told: tuple[World, int]) -> None:
    world, _ = told
    await _enrich(world)
    await _enrich(world)
    assert await _enrich(world) == Enriched()
    assert world.stand_in.asked["tracks/id-Gone"] == 1


async def test_the_most_played_comes_first(told: tuple[World, int]) -> None:
    world, _ = told
    await _enrich(world, most=1)
    assert world.stand_in.asked["tracks/id-Harbour Lights"] == 1
    assert world.stand_in.asked["tracks/id-Gone"] == 0


async def test_a_limit_pauses_everything_and_never_means_that_there_is_no_such_thing(told: tuple[World, int]) -> None:
    world, mara = told
    body: dict[str, Any] = {"error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}}
    world.stand_in.trouble["tracks/id-Harbour Lights"] = world.stand_in.trouble["tracks/id-Gone"] = (429, body, {"Retry-After": "7200"})
    assert await _enrich(world) == Enriched()
    async with world.db.reading() as conn:
        budget = await quota.budget(conn, "app", world.clock.now())
        assert len(await descriptions.bare(conn, mara, 20)) == 2
    assert (budget.left(Lane.SWEEP), budget.is_scarce) == (0, True)


async def test_metadata_stops_where_the_other_lanes_need_the_calls(told: tuple[World, int]) -> None:
    world, _ = told
    async with world.db.transaction() as conn:
        await quota.spend(conn, "app", Lane.METADATA, quota.METADATA_A_DAY - 1, world.clock.now())
    assert (await _enrich(world)).asked == 1
    assert (await _enrich(world)).asked == 0


async def test_what_is_in_memory_is_known_to_be_old(told: tuple[World, int]) -> None:
    world, mara = told
    async with world.db.reading() as conn:
        before = await history.version(conn, mara)
    await _enrich(world)
    async with world.db.reading() as conn:
        assert await history.version(conn, mara) > before


async def test_everyone_has_a_turn(told: tuple[World, int]) -> None:
    world, mara = told
    other = (await world.sign_in("nils")).person.id
    turns = []
    for _ in range(4):
        await _enrich(world)
        async with world.db.reading() as conn:
            turns += await fetch_all(conn, "SELECT user_id FROM sweeps WHERE enriched_at = %(now)s", int, now=world.clock.now())
    assert sorted(turns) == sorted([mara, other] * 2)
