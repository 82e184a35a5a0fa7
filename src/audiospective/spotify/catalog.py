"""What is known of a track, an artist, an album? One request each: the batch calls answer 403 to new apps (spotify-api.md §4)."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from audiospective.spotify.http import Spotify, decode, get
from audiospective.spotify.said import AlbumSaid, ArtistSaid, TrackSaid, album_said, image_of, track_said
from audiospective.spotify.wire import AlbumAnswer, ArtistAnswer, TrackAnswer

_track = msgspec.json.Decoder(TrackAnswer)
_artist = msgspec.json.Decoder(ArtistAnswer)
_album = msgspec.json.Decoder(AlbumAnswer)


class ArtistPage(msgspec.Struct, frozen=True):
    """An artist in full; `genres` is often empty, Spotify calls the field deprecated."""

    artist: ArtistSaid
    image_url: str | None
    genres: tuple[str, ...]


class AlbumPage(msgspec.Struct, frozen=True):
    """An album in full; `release_date` is `YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""

    album: AlbumSaid
    artists: tuple[ArtistSaid, ...]
    release_date: str | None


async def track(spotify: Spotify, access_token: str, spotify_id: str) -> TrackSaid:
    """One track; raises Missing when Spotify has none by that id."""
    what = "a track"
    return track_said(decode(_track, await get(spotify, f"/v1/tracks/{quote(spotify_id, safe='')}", access_token, what=what), what=what))


async def artist(spotify: Spotify, access_token: str, spotify_id: str) -> ArtistPage:
    """One artist; raises Missing when Spotify has none by that id."""
    what = "an artist"
    answer = decode(_artist, await get(spotify, f"/v1/artists/{quote(spotify_id, safe='')}", access_token, what=what), what=what)
    return ArtistPage(ArtistSaid(answer.id or spotify_id, answer.name), image_of(answer.images), tuple(answer.genres or ()))


async def album(spotify: Spotify, access_token: str, spotify_id: str) -> AlbumPage:
    """One album; raises Missing when Spotify has none by that id."""
    what = "an album"
    answer = decode(_album, await get(spotify, f"/v1/albums/{quote(spotify_id, safe='')}", access_token, what=what), what=what)
    artists = tuple(ArtistSaid(each.id or "", each.name) for each in answer.artists or ())
    return AlbumPage(album_said(answer), artists, answer.release_date)
