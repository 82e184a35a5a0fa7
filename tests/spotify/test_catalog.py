"""One track, artist, album by its id."""

from __future__ import annotations

import pytest

from audiospective.simulator.catalogue import Catalogue, catalogue
from audiospective.spotify import catalog
from audiospective.spotify.errors import Forbidden, Missing
from audiospective.spotify.http import Spotify, get
from tests.simulators.spotify import SpotifySimulator


@pytest.fixture(scope="module")
def shelf() -> Catalogue:
    """What the simulator has."""
    return catalogue()


async def test_a_track_comes_with_album_artists_and_isrc(spotify: Spotify, simulator: SpotifySimulator, shelf: Catalogue) -> None:
    song = next(track for track in shelf.tracks if track.guest >= 0)
    said = await catalog.track(spotify, simulator.tokens().access_token, song.id)
    assert (said.spotify_id, said.name, said.duration_ms, said.isrc) == (song.id, song.name, song.duration_ms, song.isrc)
    assert [artist.name for artist in said.artists] == [shelf.artists[song.artist].name, shelf.artists[song.guest].name]
    assert said.album.name == shelf.albums[song.album].name


async def test_an_artist_comes_with_portrait_and_perhaps_genres(spotify: Spotify, simulator: SpotifySimulator, shelf: Catalogue) -> None:
    token = simulator.tokens().access_token
    pages = [await catalog.artist(spotify, token, artist.id) for artist in shelf.artists[:3]]
    assert [page.artist.name for page in pages] == [artist.name for artist in shelf.artists[:3]]
    assert all(page.image_url for page in pages)
    assert [bool(page.genres) for page in pages] == [False, True, True]


async def test_an_album_comes_with_release_date(spotify: Spotify, simulator: SpotifySimulator, shelf: Catalogue) -> None:
    record = next(album for album in shelf.albums if album.precision == "year")
    page = await catalog.album(spotify, simulator.tokens().access_token, record.id)
    assert (page.album.name, page.release_date) == (record.name, record.released[:4])
    assert page.artists[0].name == shelf.artists[record.artist].name


@pytest.mark.parametrize("spotify_id", ["0" * 22, "../../api/token", "a/b?c#d", ""])
async def test_an_unknown_id_is_missing(spotify: Spotify, simulator: SpotifySimulator, spotify_id: str) -> None:
    with pytest.raises((Missing, Forbidden)):
        await catalog.track(spotify, simulator.tokens().access_token, spotify_id)
    assert simulator.seen("GET /api/token") == 0


async def test_batches_are_forbidden(spotify: Spotify, simulator: SpotifySimulator, shelf: Catalogue) -> None:
    with pytest.raises(Forbidden):
        await get(spotify, f"/v1/tracks?ids={shelf.tracks[0].id}", simulator.tokens().access_token, what="many tracks")
