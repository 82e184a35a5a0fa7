"""What was played last: every quirk of the page, and every item that isn't one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.spotify.errors import Malformed
from audiospective.spotify.http import Spotify
from audiospective.spotify.player import Heard, Page, read_page, recently_played
from tests.clock import FakeClock
from tests.simulators.spotify import SpotifySimulator

PATH = "/v1/me/player/recently-played"
SONG = {
    "id": "1" * 22,
    "name": "Harbour",
    "duration_ms": 200_000,
    "artists": [{"id": "2" * 22, "name": "Marrow Coast"}],
    "album": {"id": "3" * 22, "name": "Tides", "images": [{"url": "https://i.scdn.co/image/a", "width": 640}]},
    "external_ids": {"isrc": "GBAAA2600001"},
    "type": "track",
}


def item(played_at: object = "2026-03-18T19:00:00.125Z", **changed: object) -> dict[str, object]:
    """A play of the song, with parts of it changed."""
    return {"played_at": played_at, "track": {**SONG, **changed}, "context": None}


def page(*items: object) -> Page:
    """An answer with these items, read."""
    return read_page(json.dumps({"items": items, "next": None, "cursors": None}).encode())


def one(played: object) -> Heard:
    """The only play of an answer."""
    read = page(played)
    assert not read.rejected
    return read.items[0]


async def test_the_newest_fifty_plays_come_newest_first(spotify: Spotify, simulator: SpotifySimulator) -> None:
    read = await recently_played(spotify, simulator.tokens("veteran").access_token)
    assert len(read.items) == 50
    assert not read.rejected
    assert [heard.ended_at_us for heard in read.items] == sorted((heard.ended_at_us for heard in read.items), reverse=True)


async def test_every_play_names_its_track_artists_album_length_and_isrc(spotify: Spotify, simulator: SpotifySimulator) -> None:
    read = await recently_played(spotify, simulator.tokens("regular").access_token)
    for heard in read.items:
        track = heard.track
        assert len(track.spotify_id) == len(track.album.spotify_id) == 22
        assert track.name
        assert track.album.name
        assert track.duration_ms > 30_000
        assert track.isrc is not None
        assert track.artists[0].name
        assert str(track.album.image_url).startswith(f"{simulator.url}/image/")


async def test_no_cursor_is_ever_sent(spotify: Spotify, simulator: SpotifySimulator, clock: FakeClock) -> None:
    tokens = simulator.tokens()
    first = await recently_played(spotify, tokens.access_token)
    older = datetime.fromtimestamp(first.items[3].ended_at_us / 1e6, UTC) + timedelta(seconds=1)
    simulator.play("veteran", older, track=7, seen_at=clock.forward(minutes=1))
    second = await recently_played(spotify, tokens.access_token)
    assert int(older.timestamp() * 1e6) in {heard.ended_at_us for heard in second.items}


async def test_somebody_who_heard_nothing_has_an_empty_page(spotify: Spotify, simulator: SpotifySimulator) -> None:
    read = await recently_played(spotify, simulator.tokens("podcaster").access_token)
    assert (read.items, read.rejected) == ((), ())


async def test_an_unchanged_answer_is_recognised_without_being_read(spotify: Spotify, simulator: SpotifySimulator) -> None:
    token = simulator.tokens().access_token
    first = await recently_played(spotify, token)
    again = await recently_played(spotify, token, known=first.fingerprint)
    assert again.is_unchanged
    assert again.items == ()


async def test_a_changed_answer_is_read(spotify: Spotify, simulator: SpotifySimulator, clock: FakeClock) -> None:
    token = simulator.tokens().access_token
    first = await recently_played(spotify, token)
    simulator.play("veteran", clock.now(), track=9)
    again = await recently_played(spotify, token, known=first.fingerprint)
    assert not again.is_unchanged
    assert len(again.items) == 50


async def test_a_bad_item_costs_no_other(spotify: Spotify, simulator: SpotifySimulator) -> None:
    simulator.trouble(PATH, "items", body=[{"track": SONG}, {"played_at": "yesterday", "track": SONG}, 7])
    read = await recently_played(spotify, simulator.tokens().access_token)
    assert len(read.items) == 50
    assert len(read.rejected) == 3
    assert json.loads(read.rejected[2].raw) == 7


@pytest.mark.parametrize(
    ("played_at", "microseconds"),
    [
        ("2026-03-18T19:00:00.125Z", 125_000),
        ("2026-03-18T19:00:00Z", 0),
        ("2026-03-18T20:00:00.000001+01:00", 1),
    ],
)
def test_played_at_is_read_with_and_without_a_fraction(played_at: str, microseconds: int) -> None:
    assert one(item(played_at)).ended_at_us == int(datetime(2026, 3, 18, 19, tzinfo=UTC).timestamp()) * 1_000_000 + microseconds


@pytest.mark.parametrize("played_at", ["2026-03-18T19:00:00", "1970-01-01T00:00:05Z", "", None, 1_773_860_400_000])
def test_a_time_without_zone_or_before_spotify_is_set_aside(played_at: object) -> None:
    read = page(item(played_at), item())
    assert len(read.items) == len(read.rejected) == 1
    assert read.rejected[0].reason


def test_a_local_file_has_no_ids_but_is_a_play() -> None:
    heard = one(item(id=None, album={"name": "Demo", "id": None, "images": []}, artists=[{"name": "Me", "id": None}], external_ids={}))
    assert (heard.track.spotify_id, heard.track.album.spotify_id, heard.track.album.image_url) == ("", "", None)
    assert heard.track.artists[0].name == "Me"


def test_a_play_of_nothing_is_set_aside_with_its_bytes() -> None:
    read = page({"played_at": "2026-03-18T19:00:00Z", "track": None})
    assert read.items == ()
    assert read.rejected[0].reason == "names no track"
    assert b'"track": null' in read.rejected[0].raw


def test_an_episode_is_set_aside() -> None:
    assert "episode" in page(item(type="episode")).rejected[0].reason


@pytest.mark.parametrize(
    "changed", [{"album": None}, {"album": {"name": "Tides"}}, {"external_ids": None}, {"popularity": "high"}, {"new": [1]}]
)
def test_what_may_be_missing_or_strange_is_passed_over(changed: dict[str, object]) -> None:
    assert one(item(**changed)).track.name == "Harbour"


@pytest.mark.parametrize("changed", [{"album": {"name": "Tides", "images": "none"}}, {"external_ids": [1]}, {"album": 5}])
def test_a_strange_album_does_not_cost_the_play(changed: dict[str, object]) -> None:
    assert one(item(**changed)).track.name == "Harbour"


def test_the_cover_is_the_smallest_that_fills_a_card() -> None:
    images = [{"url": f"https://i.scdn.co/image/{width}", "width": width} for width in (640, 300, 64)]
    assert one(item(album={"name": "Tides", "images": images})).track.album.image_url == "https://i.scdn.co/image/300"


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"<html>", b'{"items":null}', b"\xff\xfe", b'{"items":' + b"[" * 100_000])
def test_what_is_no_page_at_all_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_page(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(st.lists(st.tuples(st.integers(0, 5), json_values), max_size=4))
def test_whatever_stands_among_them_no_good_item_is_lost(strangers: list[tuple[int, object]]) -> None:
    items: list[object] = [item(f"2026-03-18T19:0{minute}:00Z") for minute in range(5)]
    for place, stranger in strangers:
        items.insert(place, stranger)
    read = page(*items)
    assert len(read.items) == 5
    assert len(read.rejected) == len(strangers)


@pytest.mark.parametrize(
    ("context", "playlist"),
    [
        ({"type": "playlist", "uri": "spotify:playlist:37i9dQZF1DX0XUsuxWHRQd"}, "37i9dQZF1DX0XUsuxWHRQd"),
        ({"uri": "spotify:user:mara:playlist:37i9dQZF1DX0XUsuxWHRQd"}, "37i9dQZF1DX0XUsuxWHRQd"),
        ({"uri": "spotify:album:37i9dQZF1DX0XUsuxWHRQd"}, ""),
        ({"uri": "spotify:playlist:" + "x" * 500}, ""),
        ({"uri": None}, ""),
        (None, ""),
        ("a shape of tomorrow", ""),
    ],
)
def test_from_which_playlist_it_was_played_costs_no_play(context: object, playlist: str) -> None:
    page = read_page(json.dumps({"items": [item() | {"context": context}]}).encode())
    assert [heard.playlist for heard in page.items] == [playlist]
