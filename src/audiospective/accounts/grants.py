"""May we ask Spotify for this person, and with which token? Tokens lie sealed, bound to their person and purpose.

How they are renewed is told in renewal.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import msgspec

from audiospective.errors import NotAllowed
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, execute, fetch_all, fetch_one
from audiospective.infra.sealing import BrokenSeal, Sealer
from audiospective.infra.statements import statements
from audiospective.spotify.errors import Malformed
from audiospective.spotify.http import Spotify
from audiospective.spotify.oauth import TokenPair

sql = statements(__name__)

#: So long before its end an access token is replaced; no call takes longer.
AHEAD: Final = timedelta(minutes=5)
#: For listeners who only import.
NOT_CONNECTED: Final = "This archive isn't connected to Spotify; sign in with Spotify to have it filled by itself."

#: Spotify's permission ends six months after it was given, refreshed or not (spotify-api.md §2).
CONSENT: Final = timedelta(days=182)
#: Why a permission ended that had run its time.
EXPIRED: Final = "its six months are over"
#: Why Spotify took a token no more that a process of ours was renewing when it died.
BROKEN_OFF: Final = "this instance was stopped in the middle of renewing it"

_SHORTEST, _LONGEST = timedelta(seconds=60), timedelta(days=1)


class GrantEnded(NotAllowed):
    """Spotify may not be asked for this person, until they sign in again."""


class GrantState(msgspec.Struct, frozen=True):
    """How a permission stands: `state` is active or ended, `ended_reason` in Spotify's words."""

    state: str
    ended_reason: str | None
    client_id: str
    scope: str
    authorized_at: datetime
    expires_at: datetime
    """Of the access token, which is renewed by itself."""


class KeyUse(msgspec.Struct, frozen=True):
    """How many permissions have a token that is sealed under the secret of this id."""

    key: str
    permissions: int


@dataclass(frozen=True, slots=True)
class _AtHand:
    user_id: int
    access_token: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Grant:
    user_id: int
    client_id: str
    access_token: bytes = field(repr=False)
    refresh_token: bytes = field(repr=False)
    expires_at: datetime
    authorized_at: datetime
    scope: str
    state: str
    ended_reason: str | None


async def store(conn: Connection, sealer: Sealer, user: int, pair: TokenPair, *, client_id: str, now: datetime) -> None:
    """Keep what a sign-in brought. Without a new refresh token the old one goes on; raises Malformed when there is none."""
    old = await fetch_one(conn, sql["lock"], _Grant, user=user)
    if pair.refresh_token is None and old is None:
        raise Malformed("Spotify sent no refresh token, without which an archive would end in an hour; sign in again.")
    refresh = old.refresh_token if pair.refresh_token is None and old else sealed(sealer, user, "refresh", pair.refresh_token or "")
    await execute(
        conn,
        sql["store"],
        user=user,
        client_id=client_id,
        access=sealed(sealer, user, "access", pair.access_token),
        refresh=refresh,
        expires_at=now + life(pair),
        now=now,
        scope=pair.scope,
    )


async def state(conn: Connection, user: int) -> GrantState | None:
    """How the permission stands; None for a listener without Spotify."""
    grant = await fetch_one(conn, sql["find"], _Grant, user=user)
    if grant is None:
        return None
    return GrantState(grant.state, grant.ended_reason, grant.client_id, grant.scope, grant.authorized_at, grant.expires_at)


async def forget(conn: Connection, user: int) -> bool:
    """Delete the keys of this person; False where there were none."""
    return await execute(conn, sql["forget"], user=user) > 0


def consent_ends(authorized_at: datetime) -> datetime:
    """When a permission given then ends."""
    return authorized_at + CONSENT


async def at_hand(db: Database, spotify: Spotify, sealer: Sealer, users: Sequence[int], clock: Clock) -> dict[int, str]:
    """Access tokens that last five minutes at least, of those users who have one: one statement for all. The others' are had by `fresh`."""
    lasting = partial(fetch_all, statement=sql["at_hand"], row=_AtHand, users=users, client_id=spotify.client_id, least=clock.now() + AHEAD)
    held = await db.ask(lasting)
    return {one.user_id: opened(sealer, one.user_id, "access", one.access_token) for one in held}


async def reseal(conn: Connection, sealer: Sealer, *, size: int) -> int:
    """Seal up to `size` permissions anew that aren't under the first secret; how many it did. Call it until there are none.

    What is being renewed just now, or can't be opened, is left as it is: `uses` tells.
    """
    done = 0
    for one in await fetch_all(conn, sql["sealed"], _Grant):
        if done == size:
            break
        if _is_current(sealer, one):
            continue
        try:
            access, refresh = (opened(sealer, one.user_id, purpose, kept) for purpose, kept in _tokens(one))
        except BrokenSeal:
            continue
        done += await execute(
            conn,
            sql["reseal"],
            user=one.user_id,
            access=sealed(sealer, one.user_id, "access", access),
            refresh=sealed(sealer, one.user_id, "refresh", refresh),
        )
    return done


async def uses(conn: Connection) -> list[KeyUse]:
    """Under which secrets are permissions sealed, and how many?"""
    return await fetch_all(conn, sql["uses"], KeyUse)


async def not_under(conn: Connection, key: str) -> int:
    """How many permissions have a token that isn't sealed under the secret of this id?"""
    return await fetch_one(conn, sql["not_under"], int, key=key) or 0


def life(pair: TokenPair) -> timedelta:
    """How long its access token is used."""
    return min(max(timedelta(seconds=pair.expires_in), _SHORTEST), _LONGEST)


def sealed(sealer: Sealer, user: int, purpose: str, token: str) -> bytes:
    """A token as it is kept; `purpose` is access or refresh."""
    return sealer.seal(token.encode(), bound=_bound(user, purpose))


def opened(sealer: Sealer, user: int, purpose: str, envelope: bytes) -> str:
    """The token itself; raises BrokenSeal."""
    return sealer.open(envelope, bound=_bound(user, purpose)).decode()


def _is_current(sealer: Sealer, grant: _Grant) -> bool:
    return sealer.is_current(grant.access_token) and sealer.is_current(grant.refresh_token)


def _tokens(grant: _Grant) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    return ("access", grant.access_token), ("refresh", grant.refresh_token)


def _bound(user: int, purpose: str) -> bytes:
    """What an envelope belongs to: moved to another person, or used as the other token, it doesn't open."""
    return f"grant {user} {purpose}".encode()
