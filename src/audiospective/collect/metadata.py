"""The flow that fetches covers, lengths and genres when there are calls to spare: one person's turn, one call each.

The last lane of the budget: no sweep and no sign-in ever waits for it, and no play needs it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from audiospective.accounts import apps, renewal
from audiospective.archive import descriptions
from audiospective.archive.descriptions import ArtistDetails, Bare
from audiospective.archive.plays import TrackFacts, UserId
from audiospective.collect.recently_played import facts_of
from audiospective.errors import AudiospectiveError
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, fetch_one
from audiospective.infra.sealing import Sealer
from audiospective.infra.statements import statements
from audiospective.infra.telemetry import get_logger
from audiospective.spotify import catalog, quota
from audiospective.spotify.errors import Missing, QuotaExceeded, RateLimitedBySpotify, SpotifyError
from audiospective.spotify.http import Spotify
from audiospective.spotify.quota import Lane

sql = statements(__name__)

#: Nobody's turn comes again sooner.
_REST: Final = timedelta(minutes=4)
_AT_ONCE: Final = 3


class Enriched(msgspec.Struct, frozen=True):
    """What a turn brought: calls made, and how many tracks and artists are described now."""

    asked: int = 0
    tracks: int = 0
    artists: int = 0


class _Told(msgspec.Struct):
    asked: list[Bare] = msgspec.field(default_factory=list)
    tracks: dict[int, TrackFacts] = msgspec.field(default_factory=dict)
    artists: dict[int, ArtistDetails] = msgspec.field(default_factory=dict)
    limit: RateLimitedBySpotify | None = None


async def enrich_all(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock) -> None:
    """A turn for each Spotify app of this instance, whose budgets are apart."""
    async with db.reading() as conn:
        every = await apps.every(conn, spotify, sealer)
    for one in every:
        await enrich(db, one, sealer, clock)


async def enrich(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock, *, most: int = 20) -> Enriched:
    """Describe what the next person in turn plays most and nobody described; at most so many calls, and none that the budget lacks."""
    now = clock.now()
    async with db.transaction() as conn:
        user, wanted = await _turn(conn, spotify.client_id, now, most)
    if user is None or not wanted:
        return Enriched()
    try:
        token = await renewal.fresh(db, spotify, sealer, user, clock)
    except AudiospectiveError:  # the sweep meets the same trouble, and tells it
        return Enriched()
    told = await _ask_all(spotify, token, wanted)
    async with db.transaction() as conn:
        await descriptions.keep(conn, user, clock.now(), asked=told.asked, tracks=told.tracks, artists=told.artists)
        if told.limit is not None:
            await _obey(conn, spotify.client_id, told.limit, clock.now())
    get_logger().info("metadata.fetched", asked=len(told.asked), tracks=len(told.tracks), artists=len(told.artists))
    return Enriched(len(told.asked), len(told.tracks), len(told.artists))


async def _turn(conn: Connection, client_id: str, now: datetime, most: int) -> tuple[UserId | None, list[Bare]]:
    calls = min((await quota.budget(conn, client_id, now)).left(Lane.METADATA), most)
    user = await fetch_one(conn, sql["next"], int, now=now, before=now - _REST, client_id=client_id) if calls else None
    if user is None:
        return None, []
    wanted = await descriptions.bare(conn, user, calls)
    await quota.spend(conn, client_id, Lane.METADATA, len(wanted), now)
    return user, wanted


async def _ask_all(spotify: Spotify, token: str, wanted: Sequence[Bare]) -> _Told:
    told, gate = _Told(), asyncio.Semaphore(_AT_ONCE)
    await asyncio.gather(*(_ask(spotify, token, one, told, gate) for one in wanted))
    return told


async def _ask(spotify: Spotify, token: str, one: Bare, told: _Told, gate: asyncio.Semaphore) -> None:
    async with gate:
        if told.limit is not None:
            return
        try:
            if one.is_artist:
                page = await catalog.artist(spotify, token, one.spotify_id)
                told.artists[one.id] = ArtistDetails(page.image_url, page.genres)
            else:
                told.tracks[one.id] = facts_of(await catalog.track(spotify, token, one.spotify_id))
        except Missing:
            pass  # an answer too: it isn't asked again
        except RateLimitedBySpotify as error:
            told.limit = error
            return
        except SpotifyError:
            return  # asked another time; a limit never means that there is no such thing
        told.asked.append(one)


async def _obey(conn: Connection, client_id: str, limit: RateLimitedBySpotify, now: datetime) -> None:
    await quota.pause(conn, client_id, now + timedelta(seconds=limit.until_s))
    if isinstance(limit, QuotaExceeded):
        get_logger().error("quota.learned", calls_a_day=await quota.learn(conn, client_id, now))
