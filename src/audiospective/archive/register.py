"""Which track is meant? Every way of naming one is turned into a track id; unknown tracks, artists and albums are added.

A track is its Spotify address where a source gives one, else its first artist and title; a track known by name alone is
adopted by the first address of the same artist and title. Everything goes set-wise, in one order, so that many writers wait for each
other instead of deadlocking.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from audiospective.archive.plays import TrackFacts, TrackKey
from audiospective.infra.database import Connection, execute, fetch_all
from audiospective.infra.statements import statements

sql = statements(__name__)

Known = dict[TrackKey, int]
"""Track ids found earlier in the same run; tracks are never removed, so what was known stays true."""


@dataclass(frozen=True, slots=True)
class _Found:
    position: int
    id: int


@dataclass(frozen=True, slots=True)
class _FoundTrack:
    position: int
    id: int
    described: bool


async def register(conn: Connection, keys: Iterable[TrackKey], facts: Mapping[str, TrackFacts], known: Known) -> Known:
    """Ids of all `keys`, added to `known` and returned; unknown ones are created, and described where `facts` can."""
    wanted = [key for key in dict.fromkeys(keys) if key not in known]
    if addressed := [key for key in wanted if key.spotify_id]:
        bare = await _look_up(conn, addressed, known)
        if missing := [key for key in addressed if key not in known]:
            await _add_addressed(conn, list({(key.kind, key.spotify_id): key for key in missing}.values()))
            bare |= await _look_up(conn, missing, known)
        await _describe(conn, {known[key]: facts[key.spotify_id] for key in bare if key.spotify_id in facts})
    if named := [key for key in wanted if not key.spotify_id]:
        await _add_named(conn, named, known)
    return known


async def _look_up(conn: Connection, keys: Sequence[TrackKey], known: Known) -> set[TrackKey]:
    """Puts the tracks that exist into `known`; returns those among them that the Web API hasn't described yet."""
    rows = await fetch_all(
        conn,
        sql["tracks_by_spotify_id"],
        _FoundTrack,
        kinds=[int(key.kind) for key in keys],
        spotify_ids=[key.spotify_id for key in keys],
    )
    known.update((keys[row.position - 1], row.id) for row in rows)
    return {keys[row.position - 1] for row in rows if not row.described}


async def _add_addressed(conn: Connection, keys: Sequence[TrackKey]) -> None:
    artist_ids, album_ids = await _artists_and_albums(conn, keys)
    values = {
        "kinds": [int(key.kind) for key in keys],
        "spotify_ids": [key.spotify_id for key in keys],
        "artist_ids": artist_ids,
        "album_ids": album_ids,
        "names": [key.name for key in keys],
    }
    await execute(conn, sql["adopt_tracks"], **values)
    await execute(conn, sql["add_tracks"], **values)


async def _add_named(conn: Connection, keys: Sequence[TrackKey], known: Known) -> None:
    artist_ids, album_ids = await _artists_and_albums(conn, keys)
    kinds, names = [int(key.kind) for key in keys], [key.name for key in keys]
    await execute(conn, sql["add_tracks_by_name"], kinds=kinds, artist_ids=artist_ids, album_ids=album_ids, names=names)
    for row in await fetch_all(conn, sql["tracks_by_name"], _FoundTrack, kinds=kinds, artist_ids=artist_ids, names=names):
        known[keys[row.position - 1]] = row.id


async def _artists_and_albums(conn: Connection, keys: Sequence[TrackKey]) -> tuple[list[int], list[int | None]]:
    """Ids of each key's artist and album, both added where missing; None for a key without an album."""
    names = sorted({key.artist for key in keys})
    await execute(conn, sql["add_artists"], names=names)
    found = await fetch_all(conn, sql["artists_by_name"], _Found, names=names)
    artist_of = {names[row.position - 1]: row.id for row in found}
    pairs = sorted({(artist_of[key.artist], key.album) for key in keys if key.album})
    owners, titles = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if pairs:
        await execute(conn, sql["add_albums"], artist_ids=owners, names=titles)
    found = await fetch_all(conn, sql["albums_by_name"], _Found, artist_ids=owners, names=titles) if pairs else []
    album_of = {pairs[row.position - 1]: row.id for row in found}
    artists = [artist_of[key.artist] for key in keys]
    return artists, [album_of.get((artist, key.album)) for artist, key in zip(artists, keys, strict=True)]


async def _describe(conn: Connection, facts: Mapping[int, TrackFacts]) -> None:
    """Writes what the Web API says of these tracks: everyone who made them, album with cover, length, ISRC."""
    told = {track: fact for track, fact in facts.items() if fact.artists and all(artist.spotify_id for artist in fact.artists)}
    if not told:
        return
    artist_of = await _described_artists(conn, told.values())
    album_of = await _described_albums(conn, told.values(), artist_of)
    await execute(
        conn,
        sql["describe_tracks"],
        ids=list(told),
        artist_ids=[artist_of[fact.artists[0].spotify_id] for fact in told.values()],
        album_ids=[album_of.get(fact.album_spotify_id) for fact in told.values()],
        durations=[fact.duration_ms for fact in told.values()],
        isrcs=[fact.isrc for fact in told.values()],
    )
    credit = [(track, place, artist_of[a.spotify_id]) for track, fact in told.items() for place, a in enumerate(fact.artists)]
    await execute(
        conn,
        sql["credit_artists"],
        track_ids=[row[0] for row in credit],
        positions=[row[1] for row in credit],
        artist_ids=[row[2] for row in credit],
    )


async def _described_artists(conn: Connection, facts: Iterable[TrackFacts]) -> dict[str, int]:
    named = {artist.spotify_id: artist.name for fact in facts for artist in fact.artists}
    ids = sorted(named)
    values = {"spotify_ids": ids, "names": [named[one] for one in ids]}
    await execute(conn, sql["adopt_artists"], **values)
    await execute(conn, sql["add_described_artists"], **values)
    found = await fetch_all(conn, sql["artists_by_spotify_id"], _Found, spotify_ids=ids)
    return {ids[row.position - 1]: row.id for row in found}


async def _described_albums(conn: Connection, facts: Iterable[TrackFacts], artist_of: Mapping[str, int]) -> dict[str, int]:
    told = {fact.album_spotify_id: fact for fact in facts if fact.album_spotify_id}
    ids = sorted(told)
    if not ids:
        return {}
    values = {
        "spotify_ids": ids,
        "artist_ids": [artist_of[told[one].artists[0].spotify_id] for one in ids],
        "names": [told[one].album_name for one in ids],
        "image_urls": [told[one].album_image_url for one in ids],
    }
    await execute(conn, sql["adopt_albums"], **values)
    await execute(conn, sql["add_described_albums"], **values)
    found = await fetch_all(conn, sql["albums_by_spotify_id"], _Found, spotify_ids=ids)
    return {ids[row.position - 1]: row.id for row in found}
