"""Fresh tokens for a permission. Spotify may rotate the refresh token, and a rotated token lost is an archive lost.

Whoever renews one says so in its row, asks Spotify with no transaction open, and stores each answer as it comes: a process that dies
loses the answers that are still on their way, and no other (docs/decisions/0020).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypeAlias

import msgspec

from audiospective.accounts import grants
from audiospective.accounts.grants import AHEAD, BROKEN_OFF, CONSENT, EXPIRED, GrantEnded
from audiospective.accounts.people import alias
from audiospective.errors import AudiospectiveError, DatabaseUnavailable, Unavailable
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, execute, fetch_all, fetch_one
from audiospective.infra.sealing import BrokenSeal, Sealer
from audiospective.infra.statements import statements
from audiospective.infra.telemetry import get_logger
from audiospective.spotify import oauth
from audiospective.spotify.errors import Revoked, Unreachable
from audiospective.spotify.http import Spotify
from audiospective.spotify.oauth import TokenPair

sql = statements(__name__)

#: Longer than Spotify may take to answer and the answer to be stored; who died leaves a permission alone for so long.
RENEWING: Final = timedelta(minutes=1)
#: An answer that takes longer isn't waited for.
REFRESH_S: Final = 9

#: When somebody who waits for another's renewal looks again; ten seconds in all.
_LOOKS_S: Final = (0.05, 0.1, 0.2, 0.4, *[0.5] * 18)
#: What Spotify said is held so long in memory while the database is away.
_LATE_PAUSES_S: Final = (0.1, 0.5, 1, 2, 5, 10, 20, 30)

#: So many ends, and such a part of all permissions, within so long are believed of nobody.
_MANY, _MANY_SHARE, _AT_ONCE = 5, 0.2, timedelta(minutes=10)
#: The lock under which permissions end; any number that nothing else uses.
_ENDING = 7_301_001


class EndedForMany(Unavailable):
    """Spotify's token host refuses many people's permissions at once: an outage of its, in which nobody is disconnected."""


@dataclass(frozen=True, slots=True)
class _Renewable:
    user_id: int
    client_id: str
    access_token: bytes = field(repr=False)
    refresh_token: bytes = field(repr=False)
    expires_at: datetime
    authorized_at: datetime
    state: str
    ended_reason: str | None
    renewing_until: datetime
    broken_off_at: datetime | None


class _Ends(msgspec.Struct, frozen=True):
    ended: int
    all_then: int


class _Parts(NamedTuple):
    db: Database
    spotify: Spotify
    sealer: Sealer
    clock: Clock


_Said: TypeAlias = Sequence[tuple[_Renewable, TokenPair]]
_Answer: TypeAlias = TokenPair | AudiospectiveError
_Renewed: TypeAlias = dict[int, str | AudiospectiveError]


async def fresh(db: Database, spotify: Spotify, sealer: Sealer, user: int, clock: Clock) -> str:
    """An access token that lasts five minutes at least; raises GrantEnded, or a SpotifyError when it can't be renewed now."""
    held = await grants.at_hand(db, spotify, sealer, [user], clock)
    return held[user] if held else await renewed(db, spotify, sealer, user, clock, refused="")


async def renewed(db: Database, spotify: Spotify, sealer: Sealer, user: int, clock: Clock, *, refused: str) -> str:
    """An access token other than `refused`, which Spotify didn't take although it hadn't expired; raises as `fresh` does."""
    for pause_s in _LOOKS_S:
        found = (await _renew_whole(_renew(_Parts(db, spotify, sealer, clock), [user], refused=refused))).get(user)
        if isinstance(found, str):
            return found
        if found is not None:
            raise found
        async with db.transaction() as conn:
            if not await fetch_one(conn, sql["is_there"], bool, user=user):
                raise GrantEnded(grants.NOT_CONNECTED)
        await asyncio.sleep(pause_s)
    raise Unavailable("This token is being renewed by another process, which takes long; it is tried again in some minutes.")


async def fresh_together(
    db: Database, spotify: Spotify, sealer: Sealer, users: Sequence[int], clock: Clock
) -> dict[int, str | AudiospectiveError]:
    """What `fresh` gives or raises for each of some people, asked about side by side.

    Who is being renewed by somebody else just now isn't waited for, and isn't there.
    """
    return await _renew_whole(_renew(_Parts(db, spotify, sealer, clock), users))


async def finished() -> None:
    """Wait for renewals whose askers have gone away; for the end of a process."""
    if _under_way:
        await asyncio.wait(set(_under_way), timeout=REFRESH_S)


_under_way: set[asyncio.Task[_Renewed]] = set()


async def _renew_whole(renewing: Coroutine[None, None, _Renewed]) -> _Renewed:
    """A renewal goes on when its asker is cancelled: what Spotify answers must be stored."""
    task = asyncio.create_task(renewing)
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    return await asyncio.shield(task)


async def _renew(parts: _Parts, users: Sequence[int], *, refused: str = "") -> _Renewed:
    """Whom another renews isn't in what is found."""
    now = parts.clock.now()
    async with parts.db.transaction() as conn:
        held = await fetch_all(conn, sql["begin"], _Renewable, users=users, now=now, until=now + RENEWING)
    found: _Renewed = {}
    ours = {one.user_id: one for one in held}
    asking = {asyncio.create_task(_ask(parts, one)): one for one in held if not _is_settled(parts, one, refused, found)}
    ended: list[tuple[_Renewable, Revoked]] = []
    bugs: list[BaseException] = []
    while asking:
        done, _ = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
        said: list[tuple[_Renewable, TokenPair]] = []
        for task in done:
            one, answer = asking.pop(task), task.exception() or task.result()
            if isinstance(answer, TokenPair):
                said.append((ours.pop(one.user_id), answer))
            elif isinstance(answer, Revoked):
                ended.append((ours.pop(one.user_id), answer))
            elif isinstance(answer, AudiospectiveError):
                found[one.user_id] = answer
            else:
                bugs.append(answer)
        if said:
            found |= await _kept(parts, said)
    if bugs:  # not before everybody else's tokens are stored
        raise bugs[0]
    return found | await _closed(parts, ended, list(ours.values()))


def _is_settled(parts: _Parts, one: _Renewable, refused: str, found: _Renewed) -> bool:
    """Puts into `found` what is known of a permission without asking Spotify: its token, or why there is none."""
    try:
        held = grants.opened(parts.sealer, one.user_id, "access", _usable(one, parts.spotify).access_token)
    except (GrantEnded, BrokenSeal) as error:
        found[one.user_id] = error
        return True
    lasts = held != refused and one.expires_at > parts.clock.now() + AHEAD
    if lasts:  # renewed by another since we looked
        found[one.user_id] = held
    return lasts


def _usable(one: _Renewable, spotify: Spotify) -> _Renewable:
    if one.state == "ended":
        raise _ended(one.ended_reason or "no reason given")
    if one.client_id != spotify.client_id:
        raise GrantEnded("You gave your permission to another Spotify app than the one used here now; sign in with Spotify again.")
    return one


async def _ask(parts: _Parts, one: _Renewable) -> _Answer:
    """New tokens, or why there are none; one person's trouble is a value, so that the others' tokens are stored all the same."""
    try:
        refresh_token = grants.opened(parts.sealer, one.user_id, "refresh", one.refresh_token)
        async with asyncio.timeout(REFRESH_S):
            return await oauth.refresh(parts.spotify, refresh_token)
    except TimeoutError:
        return Unreachable(f"Spotify took longer than {REFRESH_S} seconds to refresh a token.")
    except AudiospectiveError as error:
        return error


async def _kept(parts: _Parts, said: _Said) -> _Renewed:
    """Stores what Spotify has just said; when the database is away, as soon as it is back."""
    for pause_s in (0, *_LATE_PAUSES_S):
        await asyncio.sleep(pause_s)
        try:
            async with parts.db.transaction() as conn:
                await _keep(conn, parts.sealer, said, parts.clock.now())
        except DatabaseUnavailable as error:
            lost = error
        else:
            for one, _ in said:
                _tell(parts.sealer, one, is_late=pause_s > 0)
            return {one.user_id: pair.access_token for one, pair in said}
    return {one.user_id: lost for one, _ in said}


def _tell(sealer: Sealer, one: _Renewable, *, is_late: bool) -> None:
    who = alias(sealer, one.user_id)
    if is_late:
        get_logger().warning("grant.kept_late", user=who)
    else:
        get_logger().info("grant.refreshed", message=f"Token refreshed for user [{who}]", user=who)


async def _keep(conn: Connection, sealer: Sealer, said: _Said, now: datetime) -> None:
    await execute(
        conn,
        sql["keep"],
        users=[one.user_id for one, _ in said],
        accesses=[grants.sealed(sealer, one.user_id, "access", pair.access_token) for one, pair in said],
        refreshes=[grants.sealed(sealer, one.user_id, "refresh", pair.refresh_token) if pair.refresh_token else None for one, pair in said],
        expiries=[now + grants.life(pair) for _, pair in said],
        asked_with=[one.refresh_token for one, _ in said],
        renewing=[one.renewing_until for one, _ in said],
    )


async def _closed(parts: _Parts, ended: Sequence[tuple[_Renewable, Revoked]], rest: Sequence[_Renewable]) -> _Renewed:
    """Ends what Spotify has ended, and lets go of whose renewal came to nothing."""
    if not ended and not rest:
        return {}
    now = parts.clock.now()
    reasons = {one.user_id: _reason(one, answer, now) for one, answer in ended}
    async with parts.db.transaction() as conn:
        blames_many = any([await _end(conn, one, reasons[one.user_id], now) for one, _ in ended])
        if rest:
            await execute(
                conn,
                sql["let_go"],
                users=[one.user_id for one in rest],
                renewing=[one.renewing_until for one in rest],
                before=[one.broken_off_at for one in rest],
            )
    if blames_many:
        get_logger().error("grant.ended_for_many", reason=ended[-1][1].reason)
        return dict.fromkeys(reasons, _many_ended())
    for user, reason in reasons.items():
        get_logger().warning("grant.ended", user=alias(parts.sealer, user), reason=reason)
    return {user: _ended(reason) for user, reason in reasons.items()}


def _reason(one: _Renewable, answer: Revoked, now: datetime) -> str:
    if grants.consent_ends(one.authorized_at) <= now:
        return EXPIRED
    return BROKEN_OFF if one.broken_off_at else answer.reason


async def _end(conn: Connection, one: _Renewable, reason: str, now: datetime) -> bool:
    """Ends the permission; True, and nobody's has ended, when too many that should still hold did so at once."""
    await fetch_one(conn, sql["one_end_at_a_time"], bool, number=_ENDING)
    await execute(conn, sql["end"], user=one.user_id, reason=reason, now=now, renewing=one.renewing_until)
    if reason == EXPIRED:
        return False
    lately = {"since": now - _AT_ONCE, "agreed_since": now - CONSENT}
    (found,) = await fetch_all(conn, sql["ends"], _Ends, **lately)
    if found.ended < max(_MANY, found.all_then * _MANY_SHARE):
        return False
    await execute(conn, sql["revive"], now=now, **lately)
    return True


def _many_ended() -> EndedForMany:
    return EndedForMany("Spotify refuses the permissions of many listeners at once, which can't be; they are tried again later.")


def _ended(reason: str) -> GrantEnded:
    return GrantEnded(f"Spotify has ended the permission to read your last plays ({reason}); sign in with Spotify again.", reason=reason)
