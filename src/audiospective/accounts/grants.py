"""May we ask Spotify for this person, and with which token? Tokens lie sealed, bound to their person and purpose.

A token is refreshed under the lock of its row, and what came back is stored in the same transaction: the one place where a
transaction spans the network. Spotify may rotate the refresh token, and a rotated token lost is an archive lost.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from audiospective.accounts.people import alias
from audiospective.errors import AudiospectiveError, DatabaseUnavailable, NotAllowed, Unavailable
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


_Said: TypeAlias = Sequence[tuple[_Grant, TokenPair]]
_Renewed: TypeAlias = dict[int, str | AudiospectiveError]


@dataclass(frozen=True, slots=True)
class _Parts:
    db: Database
    spotify: Spotify
    sealer: Sealer
    clock: Clock


async def store(conn: Connection, sealer: Sealer, user: int, pair: TokenPair, *, client_id: str, now: datetime) -> None:
    """Keep what a sign-in brought. Without a new refresh token the old one goes on; raises Malformed when there is none."""
    old = await fetch_one(conn, sql["lock"], _Grant, users=[user])
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
    return await renewed(db, spotify, sealer, user, clock, refused="")


async def renewed(db: Database, spotify: Spotify, sealer: Sealer, user: int, clock: Clock, *, refused: str) -> str:
    """An access token other than `refused`, which Spotify didn't take although it hadn't expired; raises as `fresh` does."""
    found = await _renew_whole(_renew(_Parts(db, spotify, sealer, clock), sql["lock"], [user], refused=refused))
    return _token(found.get(user, GrantEnded(NOT_CONNECTED)))


async def fresh_together(
    db: Database, spotify: Spotify, sealer: Sealer, users: Sequence[int], clock: Clock
) -> dict[int, str | AudiospectiveError]:
    """What `fresh` gives or raises for each of some people, by one transaction: it costs a third of as many single ones.

    Who is being renewed by somebody else just now isn't waited for, and isn't there. All are asked about side by side and stored at
    once, so ask for few: until the slowest answer has come, the others' are in memory alone.
    """
    return await _renew_whole(_renew(_Parts(db, spotify, sealer, clock), sql["lock_free"], users))


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


_under_way: set[asyncio.Task[_Renewed]] = set()


def _token(found: str | AudiospectiveError) -> str:
    if isinstance(found, str):
        return found
    raise found


async def _renew_whole(renewing: Coroutine[None, None, _Renewed]) -> _Renewed:
    """A refresh goes on when its asker is cancelled: what Spotify answers must be stored."""
    task = asyncio.create_task(renewing)
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    return await asyncio.shield(task)


async def _renew(parts: _Parts, lock: str, users: Sequence[int], *, refused: str = "") -> _Renewed:
    said: list[tuple[_Grant, TokenPair]] = []
    try:
        return await _renew_locked(parts, lock, users, refused=refused, said=said)
    except DatabaseUnavailable as error:
        if not said:
            raise
        lost: _Renewed = dict.fromkeys(users, error)
    return lost | await _keep_late(parts, said)


async def _renew_locked(parts: _Parts, lock: str, users: Sequence[int], *, refused: str, said: list[tuple[_Grant, TokenPair]]) -> _Renewed:
    """`said` is what Spotify answered, should the commit be lost. Whose row can't be had isn't in what is found."""
    found: _Renewed = {}
    ended: list[tuple[_Grant, Revoked]] = []
    async with parts.db.transaction() as conn:
        held = await fetch_all(conn, lock, _Grant, users=users)
        asked = [grant for grant in held if not _is_settled(parts, grant, refused, found)]
        answers = await asyncio.gather(*(_ask(parts.spotify, parts.sealer, grant) for grant in asked))
        for grant, answer in zip(asked, answers, strict=True):
            if isinstance(answer, TokenPair):
                said.append((grant, answer))
            elif isinstance(answer, Revoked):
                ended.append((grant, answer))
            else:
                found[grant.user_id] = answer
        await _keep(conn, parts.sealer, said, parts.clock.now())
        blames_many = any([await _end(conn, grant, answer, parts.clock.now()) for grant, answer in ended])
    _tell(parts.sealer, said, ended, blames_many=blames_many)
    found |= {grant.user_id: answer.access_token for grant, answer in said}
    return found | {grant.user_id: _many_ended() if blames_many else _ended(answer.reason) for grant, answer in ended}


def _is_settled(parts: _Parts, grant: _Grant, refused: str, found: _Renewed) -> bool:
    """Puts into `found` what is known of a permission without asking Spotify: its token, or why there is none."""
    try:
        held = _open(parts.sealer, grant.user_id, "access", _usable(grant, parts.spotify).access_token)
    except (GrantEnded, BrokenSeal) as error:
        found[grant.user_id] = error
        return True
    lasts = held != refused and grant.expires_at > parts.clock.now() + AHEAD
    if lasts:  # as it was, or refreshed by another while we waited for the row
        found[grant.user_id] = held
    return lasts


def _tell(sealer: Sealer, said: _Said, ended: Sequence[tuple[_Grant, Revoked]], *, blames_many: bool) -> None:
    log = get_logger()
    if blames_many:
        log.error("grant.ended_for_many", reason=ended[-1][1].reason)
    for grant, answer in ended if not blames_many else ():
        log.warning("grant.ended", user=alias(sealer, grant.user_id), reason=answer.reason)
    for grant, _ in said:
        who = alias(sealer, grant.user_id)
        log.info("grant.refreshed", message=f"Token refreshed for user [{who}]", user=who)


async def _keep_late(parts: _Parts, said: _Said) -> _Renewed:
    """The database went away before rotated tokens were stored, or before it said so: stored as soon as it is back, unless somebody has."""
    for pause_s in _LATE_PAUSES_S:
        await asyncio.sleep(pause_s)
        with contextlib.suppress(DatabaseUnavailable):
            async with parts.db.transaction() as conn:
                held = await fetch_all(conn, sql["lock"], _Grant, users=[grant.user_id for grant, _ in said])
                now = {grant.user_id: grant.refresh_token for grant in held}
                lost = [(grant, pair) for grant, pair in said if now.get(grant.user_id) == grant.refresh_token]
                await _keep(conn, parts.sealer, lost, parts.clock.now())
            for grant, _ in said:
                get_logger().warning("grant.kept_late", user=alias(parts.sealer, grant.user_id))
            return {grant.user_id: pair.access_token for grant, pair in said}
    raise DatabaseUnavailable("The database doesn't answer, and Spotify's new token couldn't be stored.")


async def _ask(spotify: Spotify, sealer: Sealer, grant: _Grant) -> TokenPair | AudiospectiveError:
    """New tokens, or why there are none; one person's trouble is a value, so that the others' tokens are stored all the same."""
    try:
        refresh_token = _open(sealer, grant.user_id, "refresh", grant.refresh_token)
        async with asyncio.timeout(REFRESH_S):
            return await oauth.refresh(spotify, refresh_token)
    except TimeoutError:
        return Unreachable(f"Spotify took longer than {REFRESH_S} seconds to refresh a token.")
    except AudiospectiveError as error:
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


async def _keep(conn: Connection, sealer: Sealer, said: _Said, now: datetime) -> None:
    if not said:
        return
    await execute(
        conn,
        sql["renew"],
        users=[grant.user_id for grant, _ in said],
        accesses=[_seal(sealer, grant.user_id, "access", pair.access_token) for grant, pair in said],
        refreshes=[
            _seal(sealer, grant.user_id, "refresh", pair.refresh_token) if pair.refresh_token else grant.refresh_token
            for grant, pair in said
        ],
        expiries=[now + _life(pair) for _, pair in said],
    )


def _is_current(sealer: Sealer, grant: _Grant) -> bool:
    return sealer.is_current(grant.access_token) and sealer.is_current(grant.refresh_token)


def _tokens(grant: _Grant) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    return ("access", grant.access_token), ("refresh", grant.refresh_token)


def _usable(grant: _Grant, spotify: Spotify) -> _Grant:
    if grant.state == "ended":
        raise _ended(grant.ended_reason or "no reason given")
    if grant.client_id != spotify.client_id:
        raise GrantEnded("You gave your permission to another Spotify app than the one used here now; sign in with Spotify again.")
    return grant


def _many_ended() -> EndedForMany:
    return EndedForMany("Spotify refuses the permissions of many listeners at once, which can't be; they are tried again later.")


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
