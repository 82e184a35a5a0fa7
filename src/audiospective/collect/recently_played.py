"""Ask Spotify what was heard last, everyone side by side, and put it in the archive's words.

One person's trouble is a value among the answers: it never delays or loses another's plays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec
import numpy as np

from audiospective.accounts import grants, renewal
from audiospective.accounts.grants import GrantEnded
from audiospective.accounts.renewal import EndedForMany
from audiospective.archive.plays import UNKNOWN_MS, ArtistFacts, Batch, Kind, Listens, Source, TrackFacts, TrackKey, UserId
from audiospective.collect.continuity import Told
from audiospective.collect.leases import Lease
from audiospective.collect.rhythm import TroubleKind
from audiospective.errors import AudiospectiveError, Unavailable
from audiospective.infra.clock import Clock
from audiospective.infra.database import Database
from audiospective.infra.sealing import BrokenSeal, Sealer
from audiospective.spotify import player
from audiospective.spotify.errors import Forbidden, QuotaExceeded, RateLimitedBySpotify, TokenRefused, Unreachable
from audiospective.spotify.http import Spotify
from audiospective.spotify.player import Page, Unreadable
from audiospective.spotify.said import TrackSaid

#: So many are asked at a time; an answer takes about 200 ms, so that 300 people take three seconds.
AT_ONCE: Final = 20
#: Tokens are renewed for so many people together, and each answer is stored as it comes.
RENEWED_TOGETHER: Final = 20
#: One person may take this long.
LONGEST_S: Final = 30
#: When it answered so many in a row with nothing at all, the others of a sweep aren't asked: their turn comes in some minutes.
SILENT: Final = 20
#: What comes late into the list is looked for so far back.
_LATE: Final = timedelta(hours=6)
#: When Spotify's answers can't be believed for many people, nobody is asked about for so long.
PAUSE_FOR_MANY_S: Final = 3600


class Answer(msgspec.Struct, frozen=True):
    """What Spotify said of one person; `rejected` counts items that name no play, `fingerprint` is equal for equal answers.

    `batch` is None when the answer is the one before to the letter; then `told` is empty but for the time of asking.
    """

    lease: Lease
    batch: Batch | None
    rejected: int
    told: Told
    fingerprint: bytes
    unread: tuple[Unreadable, ...] = ()
    playlists: tuple[tuple[int, str], ...] = ()
    """Of what is new, and was played from a playlist: when it ended, in µs, and the playlist's bare id."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why one person's plays didn't come: the kind, a sentence for the person, the pause that Spotify told, and if for the day's quota."""

    lease: Lease
    kind: TroubleKind
    message: str
    pause_s: int = 0
    of_quota: bool = False


async def ask_all(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock, leases: Sequence[Lease]) -> list[Answer | Trouble]:
    """An answer or a trouble for each lease, in order. Once Spotify asks to wait, the others aren't asked any more."""
    tokens = await grants.at_hand(db, spotify, sealer, [lease.user_id for lease in leases], clock)
    renewing = _Renewing((db, spotify, sealer), clock, [lease.user_id for lease in leases if lease.user_id not in tokens])
    asking = _Asking(spotify, clock, tokens, renewing)
    try:
        return list(await asyncio.gather(*(asking.ask(lease) for lease in leases)))
    finally:
        renewing.let_go()


class _Renewing:
    """Renews the tokens of some people in groups: the first of a group who is asked about asks for all of it."""

    def __init__(self, parts: tuple[Database, Spotify, Sealer], clock: Clock, users: Sequence[UserId]) -> None:
        self._parts, self._clock = parts, clock
        groups = [users[start : start + RENEWED_TOGETHER] for start in range(0, len(users), RENEWED_TOGETHER)]
        self._with = {user: group for group in groups for user in group}
        self._begun: dict[UserId, asyncio.Task[dict[UserId, str | AudiospectiveError]]] = {}

    async def fresh(self, user: UserId) -> str:
        group = self._with[user]
        if group[0] not in self._begun:
            self._begun[group[0]] = asyncio.create_task(renewal.fresh_together(*self._parts, group, self._clock))
        found = (await asyncio.shield(self._begun[group[0]])).get(user)
        if found is None:  # somebody else renews it just now: wait for them
            return await self.renewed(user, refused="")
        if isinstance(found, str):
            return found
        raise found

    async def renewed(self, user: UserId, *, refused: str) -> str:
        return await renewal.renewed(*self._parts, user, self._clock, refused=refused)

    def let_go(self) -> None:
        """Whoever asked has gone: begin nothing more. What Spotify has been asked is stored all the same."""
        for task in self._begun.values():
            task.cancel()


class _Asking:
    """What the askers of one sweep share: tokens at hand, how others are had, a gate, and the pause that one of them was told."""

    def __init__(self, spotify: Spotify, clock: Clock, tokens: Mapping[UserId, str], renewing: _Renewing) -> None:
        self._spotify, self._clock = spotify, clock
        self._tokens, self._renewing = tokens, renewing
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._told: RateLimitedBySpotify | None = None
        self._silent = 0

    async def ask(self, lease: Lease) -> Answer | Trouble:
        async with self._gate:
            if self._told is not None:
                return _trouble(lease, self._told)
            if self._silent >= SILENT:
                return Trouble(lease, TroubleKind.UNREACHABLE, "Spotify answers nobody just now; it is asked again in some minutes.")
            try:
                async with asyncio.timeout(LONGEST_S):
                    asked_at = self._clock.now()
                    page = await self._page(lease.user_id, lease.page_hash)
            except (AudiospectiveError, TimeoutError) as error:
                if isinstance(error, RateLimitedBySpotify):
                    self._told = error
                self._silent += isinstance(error, Unreachable | TimeoutError)
                return _trouble(lease, error)
        self._silent = 0
        ends = tuple([heard.ended_at_us for heard in page.items])
        told = Told(asked_at, len(page.items) + len(page.rejected), ends)
        said = None if page.is_unchanged else batch(lease.user_id, page)
        return Answer(lease, said, len(page.rejected), told, page.fingerprint, page.rejected, _playlists(lease, page))

    async def _page(self, user: UserId, known: bytes) -> Page:
        token = self._tokens.get(user) or await self._renewing.fresh(user)
        try:
            return await player.recently_played(self._spotify, token, known=known)
        except TokenRefused:  # taken back before its time: one new token, one more try
            token = await self._renewing.renewed(user, refused=token)
            return await player.recently_played(self._spotify, token, known=known)


def _playlists(lease: Lease, page: Page) -> tuple[tuple[int, str], ...]:
    """Nothing much older than what was newest before: that was told then."""
    since_us = 0 if lease.head_at is None else int((lease.head_at - _LATE).timestamp() * 1e6)
    return tuple([(heard.ended_at_us, heard.playlist) for heard in page.items if heard.playlist and heard.ended_at_us > since_us])


def _trouble(lease: Lease, error: AudiospectiveError | TimeoutError) -> Trouble:
    match error:
        case GrantEnded():
            return Trouble(lease, TroubleKind.ENDED, error.message)
        case EndedForMany():
            return Trouble(lease, TroubleKind.PAUSED, error.message, PAUSE_FOR_MANY_S)
        case RateLimitedBySpotify():
            return Trouble(lease, TroubleKind.PAUSED, error.message, error.until_s, isinstance(error, QuotaExceeded))
        case Forbidden() | BrokenSeal():
            return Trouble(lease, TroubleKind.FORBIDDEN, error.message)
        case Unavailable():
            return Trouble(lease, TroubleKind.UNREACHABLE, error.message)
        case TimeoutError():
            return Trouble(lease, TroubleKind.UNREACHABLE, f"Spotify took longer than {LONGEST_S} seconds to tell the last plays.")
        case _:
            raise error


def batch(user: UserId, page: Page) -> Batch:
    """The page's plays as listens, and what Spotify tells of their tracks."""
    index: dict[TrackKey, int] = {}
    tracks = [index.setdefault(_key(heard.track), len(index)) for heard in page.items]
    told4, told2 = np.zeros(len(tracks), np.int32), np.zeros(len(tracks), np.int16)
    listens = Listens(
        ended_at=np.array([heard.ended_at_us for heard in page.items], np.int64),
        track=np.array(tracks, np.int32),
        ms_played=np.full(len(tracks), UNKNOWN_MS, np.int32),
        flags=np.full(len(tracks), Kind.TRACK, np.int16),
        shifted_s=told4,
        platform=told4,
        country=told2,
        reasons=told2,
        keys=list(index),
        platforms=[""],
        reason_pairs=[("", "")],
    )
    facts = {heard.track.spotify_id: facts_of(heard.track) for heard in page.items if heard.track.spotify_id}
    return Batch(user, Source.API, listens, facts=facts)


def _key(track: TrackSaid) -> TrackKey:
    artist = track.artists[0].name if track.artists else ""
    return TrackKey(int(Kind.TRACK), track.spotify_id, _plain(track.name), _plain(artist), _plain(track.album.name))


def facts_of(track: TrackSaid) -> TrackFacts:
    """What Spotify tells of a track, in the archive's words."""
    artists = tuple([ArtistFacts(artist.spotify_id, _plain(artist.name)) for artist in track.artists])
    album = track.album
    return TrackFacts(track.duration_ms, track.isrc, artists, album.spotify_id, _plain(album.name), album.image_url, album.released)


def _plain(text: str) -> str:
    """Postgres takes every character but this one."""
    return text.replace("\0", "")
