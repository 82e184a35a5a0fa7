"""Which track is meant? Every way of naming one is turned into a track id; unknown tracks, artists and albums are added.

A track is its Spotify address where a source gives one, else its first artist and title; a track known by name alone is adopted by the
first address of the same artist and title. Everything goes set-wise, in one order, so that many writers wait for each other instead of
deadlocking.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from audiospective.archive.plays import TrackFacts, TrackKey
from audiospective.infra.arrays import IntArray, TextArray, int_pairs
from audiospective.infra.database import Connection, execute, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)

Known = dict[str | TrackKey, int]
"""Track ids by identity, found earlier in the same run; tracks are never removed, so what was known stays true."""


def identity(key: TrackKey) -> str | TrackKey:
    """What makes it this track: its address alone where it has one, else everything that names it."""
    return key if key[0] or not key[1] else key[1]


async def register(conn: Connection, keys: Iterable[TrackKey], facts: Mapping[str, TrackFacts], known: Known) -> None:
    """Puts the id of every key into `known`; unknown tracks are created, and described where `facts` can."""
    wanted = list({identity(key): key for key in keys if identity(key) not in known}.values())
    if addressed := [key for key in wanted if key.spotify_id]:
        bare = await _look_up(conn, addressed, known)
        if missing := [key for key in addressed if identity(key) not in known]:
            await _add_addressed(conn, missing)
            bare += await _look_up(conn, missing, known)
        await describe(conn, {known[identity(key)]: facts[key.spotify_id] for key in bare if key.spotify_id in facts})
    if named := [key for key in wanted if not key.spotify_id]:
        await _add_named(conn, named, known)


async def _pairs(conn: Connection, statement: str, **params: IntArray | TextArray) -> list[tuple[int, int]]:
    """(place in the list that was asked for, id) of each that exists."""
    packed = await fetch_one(conn, statement, bytes, **params)
    return [(place - 1, found) for place, found in int_pairs(packed).tolist()]


async def _look_up(conn: Connection, keys: Sequence[TrackKey], known: Known) -> list[TrackKey]:
    """Puts the tracks that exist into `known`; returns those among them that the Web API hasn't described yet."""
    found = await _pairs(conn, sql["tracks_by_spotify_id"], kinds=_kinds(keys), spotify_ids=TextArray([key.spotify_id for key in keys]))
    known.update((identity(keys[place]), abs(track)) for place, track in found)
    return [keys[place] for place, track in found if track < 0]


def _kinds(keys: Sequence[TrackKey]) -> IntArray:
    return IntArray([key.kind for key in keys])


async def _add_addressed(conn: Connection, keys: Sequence[TrackKey]) -> None:
    artist_ids, album_ids = await _artists_and_albums(conn, keys)
    values = {
        "kinds": _kinds(keys),
        "spotify_ids": TextArray([key.spotify_id for key in keys]),
        "artist_ids": IntArray(artist_ids),
        "album_ids": IntArray(album_ids),
        "names": TextArray([key.name for key in keys]),
    }
    await execute(conn, sql["adopt_tracks"], **values)
    await execute(conn, sql["add_tracks"], **values)


async def _add_named(conn: Connection, keys: Sequence[TrackKey], known: Known) -> None:
    artist_ids, album_ids = await _artists_and_albums(conn, keys)
    kinds, artists, names = _kinds(keys), IntArray(artist_ids), TextArray([key.name for key in keys])
    await execute(conn, sql["add_tracks_by_name"], kinds=kinds, artist_ids=artists, album_ids=IntArray(album_ids), names=names)
    found = await _pairs(conn, sql["tracks_by_name"], kinds=kinds, artist_ids=artists, names=names)
    known.update((identity(keys[place]), track) for place, track in found)


async def _artists_and_albums(conn: Connection, keys: Sequence[TrackKey]) -> tuple[list[int], list[int]]:
    """Ids of each key's artist and album, both added where missing; 0 for a key without an album."""
    artist_of = await _artists(conn, sorted({key.artist for key in keys}))
    album_of = await _albums(conn, sorted({(artist_of[key.artist], key.album) for key in keys if key.album}))
    artists = [artist_of[key.artist] for key in keys]
    return artists, [album_of.get((artist, key.album), 0) for artist, key in zip(artists, keys, strict=True)]


async def _artists(conn: Connection, names: list[str]) -> dict[str, int]:
    await execute(conn, sql["add_artists"], names=TextArray(names))
    return {names[place]: artist for place, artist in await _pairs(conn, sql["artists_by_name"], names=TextArray(names))}


async def _albums(conn: Connection, pairs: list[tuple[int, str]]) -> dict[tuple[int, str], int]:
    if not pairs:
        return {}
    owners, names = IntArray([artist for artist, _ in pairs]), TextArray([name for _, name in pairs])
    await execute(conn, sql["add_albums"], artist_ids=owners, names=names)
    return {pairs[place]: album for place, album in await _pairs(conn, sql["albums_by_name"], artist_ids=owners, names=names)}


async def describe(conn: Connection, facts: Mapping[int, TrackFacts]) -> None:
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
        album_ids=[album_of.get(fact.album_spotify_id, 0) for fact in told.values()],
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
    values = {"spotify_ids": TextArray(ids), "names": TextArray([named[one] for one in ids])}
    await execute(conn, sql["adopt_artists"], **values)
    await execute(conn, sql["add_described_artists"], **values)
    return {ids[place]: artist for place, artist in await _pairs(conn, sql["artists_by_spotify_id"], spotify_ids=TextArray(ids))}


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
        "released": [told[one].album_released for one in ids],
    }
    await execute(conn, sql["adopt_albums"], **values)
    await execute(conn, sql["add_described_albums"], **values)
    await execute(conn, sql["date_albums"], spotify_ids=ids, released=values["released"])
    return {ids[place]: album for place, album in await _pairs(conn, sql["albums_by_spotify_id"], spotify_ids=TextArray(ids))}
