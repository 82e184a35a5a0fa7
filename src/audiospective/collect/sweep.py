"""The flow that keeps archives up to date: lease who is due, ask Spotify, store what it said.

`sweep_due` and `sweep_person` differ in whom they lease. Storing is idempotent and the fence refuses late settlements, so a
sweep may die at any line and be run again.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final

import msgspec

from audiospective.accounts import apps, grants
from audiospective.accounts.grants import GrantEnded
from audiospective.accounts.people import alias
from audiospective.archive.plays import UserId
from audiospective.collect import hours, leases, rhythm
from audiospective.collect.continuity import is_odd
from audiospective.collect.keeping import keep
from audiospective.collect.leases import Lease, Settlement
from audiospective.collect.recently_played import Answer, Trouble, ask_all
from audiospective.collect.rhythm import TroubleKind
from audiospective.errors import NotFound
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, execute, fetch_one
from audiospective.infra.queue import defer
from audiospective.infra.sealing import Sealer
from audiospective.infra.statements import statements
from audiospective.infra.telemetry import get_logger
from audiospective.spotify import quota
from audiospective.spotify.http import Spotify
from audiospective.spotify.quota import Budget, Lane

sql = statements(__name__)

#: A request that is open for so long has stalled.
STALLED: Final = timedelta(minutes=2)

#: How often, and after how many seconds, a request looks whether the hourly sweep of its person has ended.
_TURNS, _TURN_S = 20, 1.0

#: So many odd answers at once, and such a part of all, are no longer one person's affair; then everyone waits for so long.
_MANY, _MANY_SHARE, _MANY_PAUSE_S = 5, 0.3, 600


class Swept(msgspec.Struct, frozen=True):
    """What came of a sweep: people leased, plays told by Spotify (`fetched = new + duplicates`), gaps found, and who was in trouble."""

    leased: int
    fetched: int = 0
    new: int = 0
    duplicates: int = 0
    gaps: int = 0
    troubles: tuple[Trouble, ...] = ()

    def and_also(self, other: Swept) -> Swept:
        """Both together."""
        return Swept(
            self.leased + other.leased,
            self.fetched + other.fetched,
            self.new + other.new,
            self.duplicates + other.duplicates,
            self.gaps + other.gaps,
            (*self.troubles, *other.troubles),
        )


class RequestState(StrEnum):
    """How far an “Archive Now” has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ArchiveStatus(msgspec.Struct, frozen=True):
    """The last “Archive Now” (`request_id` and `state` None: never pressed), the last sweep that went well, and the next one."""

    request_id: int | None
    state: RequestState | None
    songs_archived: int
    message: str
    swept_at: datetime | None
    due_at: datetime | None


class _Status(msgspec.Struct, frozen=True):
    request_id: int | None
    state: str | None
    songs_archived: int | None
    message: str | None
    swept_at: datetime | None
    due_at: datetime | None


async def sweep_due(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock, *, size: int = 300) -> Swept:
    """Sweep up to `size` people of each Spotify app who are due; one person's trouble never delays another.

    Nobody is, while Spotify asks their app to wait. Where its quota doesn't reach for everyone, those come first whose plays are
    closest to being lost.
    """
    numbers = await db.ask(partial(leases.apps_due, now=clock.now()))
    due = {app: await db.ask(partial(apps.of, spotify=spotify, sealer=sealer, app_id=app)) for app in numbers}
    swept = Swept(0)
    for app, seen in due.items():
        swept = swept.and_also(await _sweep_app(db, seen, sealer, clock, app=app, size=size))
    return swept


async def _sweep_app(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock, *, app: int, size: int) -> Swept:
    now = clock.now()
    async with db.transaction() as conn:
        budget = await quota.budget(conn, spotify.client_id, now)
        most = min(size, budget.left(Lane.SWEEP))
        leased = await (leases.take_riskiest if budget.is_scarce else leases.take)(conn, now, size=most, app=app)
        await quota.spend(conn, spotify.client_id, Lane.SWEEP, len(leased), now)
        await hours.begin(conn, len(leased), now)
    return await _sweep(db, spotify, sealer, clock, leased, begun=now)


async def sweep_person(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock, user: UserId) -> Swept:
    """Sweep this person now, due or not; `leased` is 0 while another sweep of theirs is under way."""
    now = clock.now()
    async with db.transaction() as conn:
        spotify = await apps.of_person(conn, spotify, sealer, user)
        lease = await leases.take_one(conn, user, now)
        budget = await quota.budget(conn, spotify.client_id, now)
        may_ask = budget.left(Lane.WAITING) > 0
        await quota.spend(conn, spotify.client_id, Lane.WAITING, 1 if lease and may_ask else 0, now)
        await hours.begin(conn, 1 if lease and may_ask else 0, now)
    if lease and not may_ask:
        trouble = _told_before(lease, budget, now)
        await _put_off(db, spotify, clock, [trouble])
        return Swept(1, troubles=(trouble,))
    return await _sweep(db, spotify, sealer, clock, [lease] if lease else [], begun=now)


async def request(conn: Connection, user: UserId, now: datetime) -> int:
    """“Archive Now”: a request and its job, to be answered by a worker; its id. Pressed twice it is the same request.

    Raises GrantEnded for a listener without Spotify. One that is open for two minutes has stalled, and a new one may begin.
    """
    if await grants.state(conn, user) is None:
        raise GrantEnded(grants.NOT_CONNECTED)
    await give_up_stalled(conn, now)
    while True:
        begun = await fetch_one(conn, sql["begin_request"], int, user=user, now=now)
        if begun is not None:
            await defer(conn, "archive_person", lock=f"archive-{user}", request_id=begun)
            return begun
        under_way = await fetch_one(conn, sql["open_request"], int, user=user)
        if under_way is not None:  # None: it has ended between the two statements
            return under_way


async def status(conn: Connection, user: UserId) -> ArchiveStatus:
    """How the last request went, and when the hourly sweep comes; raises NotFound."""
    row = await fetch_one(conn, sql["status"], _Status, user=user)
    if row is None:
        raise NotFound("This account doesn't exist on this instance any more.")
    if row.state is None:
        return ArchiveStatus(None, None, 0, "", row.swept_at, row.due_at)
    return ArchiveStatus(row.request_id, RequestState(row.state), row.songs_archived or 0, row.message or "", row.swept_at, row.due_at)


async def answer_request(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock, request_id: int) -> None:
    """Do what was requested and write down what came of it. One that was given up, or whose person has gone, is left alone."""
    async with db.transaction() as conn:
        user = await fetch_one(conn, sql["run_request"], int, request_id=request_id)
    if user is None:
        return
    swept = await _sweep_in_turn(db, spotify, sealer, clock, user)
    state, message = _told(swept)
    async with db.transaction() as conn:
        await execute(conn, sql["finish_request"], request_id=request_id, state=state, songs=swept.new, message=message, now=clock.now())


async def give_up_stalled(conn: Connection, now: datetime) -> int:
    """Requests that are open for longer than two minutes have failed; how many."""
    message = "No worker finished this within two minutes. Your archive fills by itself every hour; or press Archive Now again."
    return await execute(conn, sql["give_up_stalled"], now=now, before=now - STALLED, message=message)


async def _sweep_in_turn(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock, user: UserId) -> Swept:
    """The person's sweep; while an hourly one of theirs is under way, a moment later."""
    for _ in range(_TURNS):
        swept = await sweep_person(db, spotify, sealer, clock, user)
        if swept.leased:
            return swept
        await asyncio.sleep(_TURN_S)
    return Swept(0)


def _told(swept: Swept) -> tuple[RequestState, str]:
    if not swept.leased:
        return RequestState.FAILED, "Your hourly sweep is under way just now; look again in a minute."
    if not swept.troubles:
        return RequestState.DONE, f"Successfully archived {swept.new:,} track{'' if swept.new == 1 else 's'}"
    trouble = swept.troubles[0]
    needs_somebody = trouble.kind in {TroubleKind.ENDED, TroubleKind.FORBIDDEN}
    return RequestState.FAILED, trouble.message if needs_somebody else f"{trouble.message} Your archive tries again by itself."


async def _sweep(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock, leased: Sequence[Lease], *, begun: datetime) -> Swept:
    if not leased:
        return Swept(0)
    began = clock.monotonic()
    answers = await ask_all(db, spotify, sealer, clock, leased)
    told = [answer for answer in answers if isinstance(answer, Answer)]
    kept = await keep(db, clock, told)
    troubles = _calmed((*(answer for answer in answers if isinstance(answer, Trouble)), *_odd(told), *kept.refused), len(answers))
    await _put_off(db, spotify, clock, troubles)
    swept = Swept(
        leased=len(leased),
        fetched=sum(one.listens for one in kept.stored),
        new=sum(one.new for one in kept.stored),
        duplicates=sum(one.duplicates for one in kept.stored),
        gaps=kept.gaps,
        troubles=troubles,
    )
    async with db.transaction() as conn:
        await hours.end(conn, begun, ended=swept.leased, troubled=len(troubles), stored=swept.new)
    _log(sealer, swept, sum(answer.rejected for answer in told), clock.monotonic() - began)
    return swept


def _odd(told: Sequence[Answer]) -> list[Trouble]:
    """Answers whose plays are kept, and which prove nothing."""
    message = "Spotify's answer lacks plays that it told before; it is asked again soon, and nothing is taken as proven until then."
    return [Trouble(one.lease, TroubleKind.ODD, message) for one in told if one.batch is not None and is_odd(one.lease, one.told)]


def _calmed(troubles: Sequence[Trouble], asked: int) -> tuple[Trouble, ...]:
    """The same odd answer for many people at once is Spotify's trouble, not theirs: everyone waits for a while."""
    odd = [trouble for trouble in troubles if trouble.kind is TroubleKind.ODD]
    if len(odd) < max(_MANY, asked * _MANY_SHARE):
        return tuple(troubles)
    get_logger().error("sweep.odd_for_many", people=len(odd), asked=asked)
    return tuple(replace(trouble, pause_s=_MANY_PAUSE_S) if trouble.kind is TroubleKind.ODD else trouble for trouble in troubles)


async def _put_off(db: Database, spotify: Spotify, clock: Clock, troubles: Sequence[Trouble]) -> None:
    if not troubles:
        return
    now = clock.now()
    pause_s = max(trouble.pause_s for trouble in troubles)
    async with db.transaction() as conn:
        if any(trouble.of_quota for trouble in troubles):
            get_logger().error("quota.learned", calls_a_day=await quota.learn(conn, spotify.client_id, now))
        await leases.settle(conn, [_put_off_one(trouble, now) for trouble in troubles], now)
        if pause_s:
            await quota.pause(conn, spotify.client_id, now + timedelta(seconds=pause_s))


def _put_off_one(trouble: Trouble, now: datetime) -> Settlement:
    lease = trouble.lease
    due = rhythm.after_trouble(lease.user_id, now, trouble.kind, troubles=lease.troubles, pause_s=trouble.pause_s)
    return Settlement(lease, due, trouble=trouble.kind)


def _told_before(lease: Lease, budget: Budget, now: datetime) -> Trouble:
    if budget.paused_until is None:
        message = "Today's calls to Spotify are kept for the hourly sweeps, which go on by themselves."
        return Trouble(lease, TroubleKind.PAUSED, message)
    wait_s = max(math.ceil((budget.paused_until - now).total_seconds()), 1)
    return Trouble(lease, TroubleKind.PAUSED, f"Spotify asks to wait {wait_s:,} seconds before the last plays.", wait_s)


def _log(sealer: Sealer, swept: Swept, rejected: int, seconds: float) -> None:
    log = get_logger()
    for trouble in swept.troubles:
        log.warning("sweep.troubled", user=alias(sealer, trouble.lease.user_id), kind=trouble.kind.value, reason=trouble.message)
    log.info(
        "sweep.stored",
        people=swept.leased,
        fetched=swept.fetched,
        new=swept.new,
        duplicates=swept.duplicates,
        gaps=swept.gaps,
        rejected=rejected,
        troubles=len(swept.troubles),
        ms=round(seconds * 1000),
    )
