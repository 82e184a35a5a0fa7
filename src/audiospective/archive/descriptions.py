"""What isn't known yet of what somebody hears, and what Spotify said when it was asked: covers, lengths, genres.

A play never waits for it. Each thing is asked about once, the most played first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from audiospective.archive import changes, register
from audiospective.archive.plays import TrackFacts, UserId
from audiospective.infra.arrays import IntArray, TextArray
from audiospective.infra.database import Connection, execute, fetch_all
from audiospective.infra.statements import statements

sql = statements(__name__)


class Bare(msgspec.Struct, frozen=True):
    """Something that Spotify has an address for, and that it wasn't asked about; `is_artist`, else it is a track."""

    is_artist: bool
    id: int
    spotify_id: str
    plays: int


class ArtistDetails(msgspec.Struct, frozen=True):
    """An artist's picture and genres."""

    image_url: str | None
    genres: tuple[str, ...]


async def bare(conn: Connection, user: UserId, most: int) -> list[Bare]:
    """Tracks and artists that this person plays and nobody described, the most played first."""
    return await fetch_all(conn, sql["bare"], Bare, user=user, most=most)


async def keep(
    conn: Connection,
    user: UserId,
    now: datetime,
    *,
    asked: Sequence[Bare],
    tracks: Mapping[int, TrackFacts],
    artists: Mapping[int, ArtistDetails],
) -> None:
    """Write what Spotify said, by id here; whatever was `asked` isn't asked again, also where Spotify knew nothing.

    Lengths and covers are part of what the person is shown: the version of their history grows.
    """
    await register.describe(conn, tracks)
    ids, told = IntArray(list(artists)), list(artists.values())
    await execute(
        conn,
        sql["describe_artists"],
        ids=ids,
        images=TextArray([one.image_url or "" for one in told]),
        genres=TextArray(["\n".join(one.genres) for one in told]),
    )
    await execute(conn, sql["asked_tracks"], ids=IntArray([one.id for one in asked if not one.is_artist]), now=now)
    await execute(conn, sql["asked_artists"], ids=IntArray([one.id for one in asked if one.is_artist]), now=now)
    await changes.tell(conn, {user: changes.NOWHERE})
