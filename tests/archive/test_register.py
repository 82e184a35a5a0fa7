"""Which track is meant: by address, by name, and what the Web API adds."""

from __future__ import annotations

from audiospective.archive import catalog
from audiospective.archive.plays import TrackKey
from audiospective.archive.register import Known, identity, register
from audiospective.infra.database import Connection
from tests.archive.listens import Heard, facts_of

ADDRESSED = TrackKey(0, "id-1", "Low Tide Choir", "Marrow Coast", "Estuary")
BARE = TrackKey(0, "", "Low Tide Choir", "Marrow Coast", "")


async def ids(conn: Connection, *keys: TrackKey) -> list[int]:
    known: Known = {}
    await register(conn, keys, {}, known)
    return [known[identity(key)] for key in keys]


async def test_a_track_keeps_its_id(conn: Connection) -> None:
    assert await ids(conn, ADDRESSED, BARE) == await ids(conn, ADDRESSED, BARE)


async def test_a_name_alone_means_the_track_of_that_name(conn: Connection) -> None:
    (addressed,) = await ids(conn, ADDRESSED)
    assert await ids(conn, BARE) == [addressed]


async def test_a_track_known_by_name_is_adopted_by_its_address(conn: Connection) -> None:
    (bare,) = await ids(conn, BARE)
    assert await ids(conn, ADDRESSED) == [bare]


async def test_what_has_no_name_is_nobody_elses_track(conn: Connection) -> None:
    nameless = TrackKey(0, "", "", "", "")
    (bare,) = await ids(conn, nameless)
    assert await ids(conn, nameless._replace(spotify_id="id-9")) != [bare]


async def test_two_addresses_of_one_name_stay_two_tracks(conn: Connection) -> None:
    again = ADDRESSED._replace(spotify_id="id-2")
    assert len(set(await ids(conn, ADDRESSED, again))) == 2


async def test_an_episode_is_no_track(conn: Connection) -> None:
    assert len(set(await ids(conn, BARE, BARE._replace(kind=1)))) == 2


async def test_names_are_kept_to_the_letter(conn: Connection) -> None:
    odd = TrackKey(0, "", 'NULL, "quoted" {brace}\\n\t真夜中', "أمل حداد", "")
    (track,) = await ids(conn, odd)
    card = (await catalog.tracks(conn, [track]))[track]
    assert (card.name, card.artists[0].name, card.album) == (odd.name, odd.artist, None)


async def test_the_web_api_describes_a_track_once(conn: Connection) -> None:
    heard = Heard(1, "Low Tide Choir")
    known: Known = {}
    await register(conn, [heard.key], {heard.key.spotify_id: facts_of(heard)}, known)
    card = (await catalog.tracks(conn, known.values()))[known[identity(heard.key)]]
    assert card.duration_ms == 200_000
    assert card.album is not None
    assert (card.album.name, card.album.image_url) == ("Estuary", "https://i.scdn.co/image/estuary")
    assert [artist.spotify_id for artist in card.artists] == ["artist-Marrow Coast"]


async def test_what_the_web_api_says_completes_what_an_export_said(conn: Connection) -> None:
    heard = Heard(1, "Low Tide Choir")
    (exported,) = await ids(conn, heard.key)
    await register(conn, [heard.key], {heard.key.spotify_id: facts_of(heard)}, {})
    card = (await catalog.tracks(conn, [exported]))[exported]
    assert card.album is not None
    assert (card.duration_ms, card.album.spotify_id, card.artists[0].name) == (200_000, "album-Estuary", "Marrow Coast")


async def test_an_id_that_is_not_there_has_no_card(conn: Connection) -> None:
    assert await catalog.tracks(conn, [123_456]) == {}
