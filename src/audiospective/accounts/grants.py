"""May we ask Spotify for this person, and with which token? Tokens lie sealed, bound to their person and purpose.

A token is refreshed under the lock of its row, and what came back is stored in the same transaction: the one place where a
transaction spans the network. Spotify may rotate the refresh token, and a rotated token lost is an archive lost.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from audiospective.accounts.people import alias
from audiospective.errors import DatabaseUnavailable, NotAllowed, Unavailable
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, execute, fetch_all, fetch_one
from audiospective.infra.sealing import BrokenSeal, Sealer
from audiospective.infra.statements import statements
from audiospective.infra.telemetry import get_logger
from audiospective.spotify import oauth
from audiospective.spotify.errors import Malformed, Revoked, Unreachable
from audiospective.spotify.http import Spotify
from audiospective.spotify.oauth import TokenPair

sql = statements(__name__)

#: So long before its end an access token is replaced; no call takes longer.
AHEAD: Final = timedelta(minutes=5)
#: Less than the ten seconds that others wait for the row.
REFRESH_S: Final = 9

#: What Spotify said is held so long in memory while the database is away.
_LATE_PAUSES_S: Final = (0.1, 0.5, 1, 2, 5, 10, 20, 30)

#: For listeners who only import.
NOT_CONNECTED: Final = "This archive isn't connected to Spotify; sign in with Spotify to have it filled by itself."

#: Spotify's permission ends six months after it was given, refreshed or not (spotify-api.md §2).
CONSENT: Final = timedelta(days=182)
#: Why a permission ended that had run its time.
EXPIRED: Final = "its six months are over"

#: So many ends, and such a part of all permissions, within so long are believed of nobody.
_MANY, _MANY_SHARE, _AT_ONCE = 5, 0.2, timedelta(minutes=10)
#: The lock under which permissions end; any number that nothing else uses.
_ENDING = 7_301_001

_SHORTEST, _LONGEST = timedelta(seconds=60), timedelta(days=1)


class GrantEnded(NotAllowed):
    """Spotify may not be asked for this person, until they sign in again."""


class EndedForMany(Unavailable):
    """Spotify's token host refuses many people's permissions at once: an outage of its, in which nobody is disconnected."""


@dataclass(frozen=True, slots=True)
class GrantState:
    """How a permission stands: `state` is active or ended, `ended_reason` in Spotify's words."""

    state: str
    ended_reason: str | None
    client_id: str
    scope: str
    authorized_at: datetime
    expires_at: datetime
    """Of the access token, which is renewed by itself."""


@dataclass(frozen=True, slots=True)
class KeyUse:
    """How many permissions have a token that is sealed under the secret of this id."""

    key: str
    permissions: int


@dataclass(frozen=True, slots=True)
class _AtHand:
    user_id: int
    access_token: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Ends:
    ended: int
    all_then: int


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
    refresh = old.refresh_token if pair.refresh_token is None and old else _seal(sealer, user, "refresh", pair.refresh_token or "")
    await execute(
        conn,
        sql["store"],
        user=user,
        client_id=client_id,
        access=_seal(sealer, user, "access", pair.access_token),
        refresh=refresh,
        expires_at=now + _life(pair),
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
    async with db.transaction() as conn:
        held = await fetch_all(conn, sql["at_hand"], _AtHand, users=users, client_id=spotify.client_id, least=clock.now() + AHEAD)
    return {one.user_id: _open(sealer, one.user_id, "access", one.access_token) for one in held}


async def fresh(db: Database, spotify: Spotify, sealer: Sealer, user: int, clock: Clock) -> str:
    """An access token that lasts five minutes at least; raises GrantEnded, or a SpotifyError when it can't be renewed now."""
    return await _renew_whole(db, spotify, sealer, clock, user)


async def renewed(db: Database, spotify: Spotify, sealer: Sealer, user: int, clock: Clock, *, refused: str) -> str:
    """An access token other than `refused`, which Spotify didn't take although it hadn't expired; raises as `fresh` does."""
    return await _renew_whole(db, spotify, sealer, clock, user, refused=refused)


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
            access, refresh = (_open(sealer, one.user_id, purpose, sealed) for purpose, sealed in _tokens(one))
        except BrokenSeal:
            continue
        done += await execute(
            conn,
            sql["reseal"],
            user=one.user_id,
            access=_seal(sealer, one.user_id, "access", access),
            refresh=_seal(sealer, one.user_id, "refresh", refresh),
        )
    return done


async def uses(conn: Connection) -> list[KeyUse]:
    """Under which secrets are permissions sealed, and how many?"""
    return await fetch_all(conn, sql["uses"], KeyUse)


async def not_under(conn: Connection, key: str) -> int:
    """How many permissions have a token that isn't sealed under the secret of this id?"""
    return await fetch_one(conn, sql["not_under"], int, key=key) or 0


async def finished() -> None:
    """Wait for refreshes whose askers have gone away; for the end of a process."""
    if _under_way:
        await asyncio.wait(set(_under_way), timeout=REFRESH_S)


_under_way: set[asyncio.Task[str]] = set()


async def _renew_whole(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock, user: int, *, refused: str = "") -> str:
    """A refresh goes on when its asker is cancelled: what Spotify answers must be stored."""
    task = asyncio.create_task(_renew(db, spotify, sealer, clock, user, refused=refused))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    return await asyncio.shield(task)


async def _renew(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock, user: int, *, refused: str) -> str:
    said: list[tuple[_Grant, TokenPair]] = []
    try:
        return await _renew_locked(db, spotify, sealer, clock, user, refused=refused, said=said)
    except DatabaseUnavailable:
        if not said:
            raise
    return await _keep_late(db, sealer, clock, *said[0])


async def _renew_locked(
    db: Database, spotify: Spotify, sealer: Sealer, clock: Clock, user: int, *, refused: str, said: list[tuple[_Grant, TokenPair]]
) -> str:
    """`said` is what Spotify answered, should the commit be lost."""
    async with db.transaction() as conn:
        grant = _usable(await fetch_one(conn, sql["lock"], _Grant, user=user), spotify)
        held = _open(sealer, user, "access", grant.access_token)
        if held != refused and grant.expires_at > clock.now() + AHEAD:  # as it was, or refreshed by another while we waited for the row
            return held
        answer = await _ask(spotify, _open(sealer, user, "refresh", grant.refresh_token))
        if isinstance(answer, Revoked):
            blames_many = await _end(conn, grant, answer, clock.now())
        else:
            said.append((grant, answer))
            await _keep(conn, sealer, grant, answer, clock.now())
    who = alias(sealer, user)
    if isinstance(answer, Revoked) and blames_many:
        get_logger().error("grant.ended_for_many", reason=answer.reason)
        raise EndedForMany("Spotify refuses the permissions of many listeners at once, which can't be; they are tried again later.")
    if isinstance(answer, Revoked):
        get_logger().warning("grant.ended", user=who, reason=answer.reason)
        raise _ended(answer.reason) from answer
    get_logger().info("grant.refreshed", message=f"Token refreshed for user [{who}]", user=who)
    return answer.access_token


async def _keep_late(db: Database, sealer: Sealer, clock: Clock, grant: _Grant, answer: TokenPair) -> str:
    """The database went away before a rotated token was stored, or before it said so: stored as soon as it is back, unless somebody has."""
    for pause_s in _LATE_PAUSES_S:
        await asyncio.sleep(pause_s)
        with contextlib.suppress(DatabaseUnavailable):
            async with db.transaction() as conn:
                now = await fetch_one(conn, sql["lock"], _Grant, user=grant.user_id)
                if now is not None and now.refresh_token == grant.refresh_token:
                    await _keep(conn, sealer, grant, answer, clock.now())
            get_logger().warning("grant.kept_late", user=alias(sealer, grant.user_id))
            return answer.access_token
    raise DatabaseUnavailable("The database doesn't answer, and Spotify's new token couldn't be stored.")


async def _ask(spotify: Spotify, refresh_token: str) -> TokenPair | Revoked:
    try:
        async with asyncio.timeout(REFRESH_S):
            return await oauth.refresh(spotify, refresh_token)
    except TimeoutError as error:
        raise Unreachable(f"Spotify took longer than {REFRESH_S} seconds to refresh a token.") from error
    except Revoked as error:
        return error


async def _end(conn: Connection, grant: _Grant, answer: Revoked, now: datetime) -> bool:
    """Ends the permission; True, and nobody's has ended, when too many that should still hold did so at once."""
    await fetch_one(conn, sql["one_end_at_a_time"], bool, number=_ENDING)
    if consent_ends(grant.authorized_at) <= now:
        await execute(conn, sql["end"], user=grant.user_id, reason=EXPIRED, now=now)
        return False
    await execute(conn, sql["end"], user=grant.user_id, reason=answer.reason, now=now)
    lately = {"since": now - _AT_ONCE, "agreed_since": now - CONSENT}
    (found,) = await fetch_all(conn, sql["ends"], _Ends, **lately)
    if found.ended < max(_MANY, found.all_then * _MANY_SHARE):
        return False
    await execute(conn, sql["revive"], now=now, **lately)
    return True


async def _keep(conn: Connection, sealer: Sealer, grant: _Grant, pair: TokenPair, now: datetime) -> None:
    rotated = _seal(sealer, grant.user_id, "refresh", pair.refresh_token) if pair.refresh_token else grant.refresh_token
    access = _seal(sealer, grant.user_id, "access", pair.access_token)
    await execute(conn, sql["renew"], user=grant.user_id, access=access, refresh=rotated, expires_at=now + _life(pair))


def _is_current(sealer: Sealer, grant: _Grant) -> bool:
    return sealer.is_current(grant.access_token) and sealer.is_current(grant.refresh_token)


def _tokens(grant: _Grant) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    return ("access", grant.access_token), ("refresh", grant.refresh_token)


def _usable(grant: _Grant | None, spotify: Spotify) -> _Grant:
    if grant is None:
        raise GrantEnded(NOT_CONNECTED)
    if grant.state == "ended":
        raise _ended(grant.ended_reason or "no reason given")
    if grant.client_id != spotify.client_id:
        raise GrantEnded("You gave your permission to another Spotify app than the one used here now; sign in with Spotify again.")
    return grant


def _ended(reason: str) -> GrantEnded:
    return GrantEnded(f"Spotify has ended the permission to read your last plays ({reason}); sign in with Spotify again.", reason=reason)


def _life(pair: TokenPair) -> timedelta:
    return min(max(timedelta(seconds=pair.expires_in), _SHORTEST), _LONGEST)


def _seal(sealer: Sealer, user: int, purpose: str, token: str) -> bytes:
    return sealer.seal(token.encode(), bound=_bound(user, purpose))


def _open(sealer: Sealer, user: int, purpose: str, sealed: bytes) -> str:
    return sealer.open(sealed, bound=_bound(user, purpose)).decode()


def _bound(user: int, purpose: str) -> bytes:
    """What an envelope belongs to: moved to another person, or used as the other token, it doesn't open."""
    return f"grant {user} {purpose}".encode()
