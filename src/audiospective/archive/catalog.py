"""Tracks, artists, albums: names for the ids that are shown. Writing them is register.py's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from audiospective.archive.plays import Kind
from audiospective.infra.database import Connection, fetch_all, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)


class ArtistCard(msgspec.Struct, frozen=True):
    """An artist, ready to be shown; `genres` as Spotify told them, often none."""

    id: int
    name: str
    spotify_id: str | None
    image_url: str | None
    genres: Sequence[str] = ()


class AlbumCard(msgspec.Struct, frozen=True):
    """An album with its artist."""

    id: int
    name: str
    spotify_id: str | None
    image_url: str | None
    artist: ArtistCard


class TrackCard(msgspec.Struct, frozen=True):
    """A track with its album (None where no source named one) and everyone who made it, first artist first."""

    id: int
    name: str
    spotify_id: str | None
    duration_ms: int
    kind: Kind
    album: AlbumCard | None
    artists: tuple[ArtistCard, ...]
    isrc: str | None = None


class _TrackRow(msgspec.Struct, frozen=True):
    id: int
    name: str
    spotify_id: str | None
    duration_ms: int
    kind: int
    album_id: int | None
    artist_ids: list[int]
    isrc: str | None


class _AlbumRow(msgspec.Struct, frozen=True):
    id: int
    name: str
    spotify_id: str | None
    image_url: str | None
    artist_id: int


class Cards(msgspec.Struct, frozen=True):
    """Cards by id."""

    tracks: dict[int, TrackCard]
    albums: dict[int, AlbumCard]
    artists: dict[int, ArtistCard]


async def cards(conn: Connection, tracks: Iterable[int] = (), albums: Iterable[int] = (), artists: Iterable[int] = ()) -> Cards:
    """Cards of all that is shown, by three queries whatever there is; an id that doesn't exist is left out."""
    wanted = sorted(set(tracks))
    rows = await fetch_all(conn, sql["track_cards"], _TrackRow, ids=wanted) if wanted else []
    album_ids = sorted({*albums, *(row.album_id for row in rows if row.album_id is not None)})
    album_rows = await fetch_all(conn, sql["album_cards"], _AlbumRow, ids=album_ids) if album_ids else []
    makers = {*artists, *(row.artist_id for row in album_rows), *(artist for row in rows for artist in row.artist_ids)}
    by = await _artists(conn, makers)
    on = {row.id: AlbumCard(row.id, row.name, row.spotify_id, row.image_url, by[row.artist_id]) for row in album_rows}
    return Cards({row.id: _track(row, on, by) for row in rows}, on, by)


async def tracks(conn: Connection, ids: Iterable[int]) -> dict[int, TrackCard]:
    """Cards by track id; an id that doesn't exist is left out."""
    return (await cards(conn, tracks=ids)).tracks


async def albums(conn: Connection, ids: Iterable[int]) -> dict[int, AlbumCard]:
    """Cards by album id; an id that doesn't exist is left out."""
    return (await cards(conn, albums=ids)).albums


async def artists(conn: Connection, ids: Iterable[int]) -> dict[int, ArtistCard]:
    """Cards by artist id; an id that doesn't exist is left out."""
    return await _artists(conn, ids)


async def _artists(conn: Connection, ids: Iterable[int]) -> dict[int, ArtistCard]:
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {card.id: card for card in await fetch_all(conn, sql["artist_cards"], ArtistCard, ids=wanted)}


def _track(row: _TrackRow, albums: dict[int, AlbumCard], artists: dict[int, ArtistCard]) -> TrackCard:
    return TrackCard(
        row.id,
        row.name,
        row.spotify_id,
        row.duration_ms,
        Kind(row.kind),
        albums.get(row.album_id) if row.album_id is not None else None,
        tuple(artists[artist] for artist in row.artist_ids),
    )


class _Genres(msgspec.Struct, frozen=True):
    id: int
    genres: list[str]


async def genres(conn: Connection, artist_ids: Iterable[int]) -> dict[int, list[str]]:
    """Genres by artist id, of those artists that Spotify told any of."""
    return {row.id: row.genres for row in await fetch_all(conn, sql["genres"], _Genres, ids=sorted(set(artist_ids)))}


async def release_years(conn: Connection, album_ids: Iterable[int]) -> dict[int, int]:
    """The year in which each came out, by album id, of those of which Spotify told it."""
    packed = await fetch_one(conn, sql["release_years"], bytes, ids=sorted(set(album_ids))) or b""
    pairs = np.frombuffer(packed, ">i4").reshape(-1, 2)
    return dict(zip(pairs[:, 0].tolist(), pairs[:, 1].tolist(), strict=True))


class _Text(msgspec.Struct, frozen=True):
    id: int
    text: str


async def texts(conn: Connection, track_ids: Iterable[int]) -> dict[int, str]:
    """By track id, its name, everyone who made it, and its album, a line each: what somebody may search for."""
    return {row.id: row.text for row in await fetch_all(conn, sql["texts"], _Text, ids=list(track_ids))}


class Song(msgspec.Struct, frozen=True):
    """`title` is equal for equal songs; `duration_ms` 0 where the track's length isn't known."""

    id: int
    title: str
    duration_ms: int


async def songs(conn: Connection, ids: Iterable[int]) -> dict[int, Song]:
    """By track id, its length and a text that is equal for tracks of one artist and title; case is no difference."""
    return {row.id: row for row in await fetch_all(conn, sql["songs"], Song, ids=list(ids))}


class _Named(msgspec.Struct, frozen=True):
    id: int
    name: str


async def heard_by_name(conn: Connection, user: int, kind: str, name: str) -> dict[int, str]:
    """What of this name somebody has heard, by id; `kind` is artist, album or track. Several where several bear the name."""
    statement = {"artist": sql["heard_artists"], "album": sql["heard_albums"], "track": sql["heard_tracks"]}[kind]
    rows = await fetch_all(conn, statement, _Named, user=user, name=name.strip().replace("\0", ""))
    return {row.id: row.name for row in rows}
