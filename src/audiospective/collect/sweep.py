"""The flow that keeps archives up to date: lease who is due, ask Spotify, store what it said.

`sweep_due` and `sweep_person` differ in whom they lease. Storing is idempotent and the fence refuses late settlements, so a
sweep may die at any line and be run again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from audiospective.accounts.people import alias
from audiospective.archive import ingest
from audiospective.archive.plays import Stored, UserId
from audiospective.collect import leases, rhythm
from audiospective.collect.leases import Lease, Settlement
from audiospective.collect.recently_played import Answer, Trouble, ask_all
from audiospective.collect.rhythm import TroubleKind
from audiospective.infra.clock import Clock
from audiospective.infra.database import UNSTORABLE, Database
from audiospective.infra.sealing import Sealer
from audiospective.infra.telemetry import get_logger
from audiospective.spotify.http import Spotify

#: What storing raises when the values are to blame: refused by the database, or by the columns on the way there.
_DATA_TROUBLE = (*UNSTORABLE, ValueError, OverflowError)


@dataclass(frozen=True, slots=True)
class Swept:
    """What came of a sweep: people leased, plays told by Spotify (`fetched = new + duplicates`), and who was in trouble."""

    leased: int
    fetched: int = 0
    new: int = 0
    duplicates: int = 0
    troubles: tuple[Trouble, ...] = ()


async def sweep_due(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock, *, size: int = 300) -> Swept:
    """Sweep up to `size` people who are due; one person's trouble never delays another. Nobody is, while Spotify asks to wait."""
    async with db.transaction() as conn:
        paused = await leases.paused_until(conn, spotify.client_id, clock.now())
        leased = [] if paused else await leases.take(conn, clock.now(), size=size)
    return await _sweep(db, spotify, sealer, clock, leased)


async def sweep_person(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock, user: UserId) -> Swept:
    """Sweep this person now, due or not; `leased` is 0 while another sweep of theirs is under way."""
    now = clock.now()
    async with db.transaction() as conn:
        lease = await leases.take_one(conn, user, now)
        paused = await leases.paused_until(conn, spotify.client_id, now)
    if lease and paused:
        trouble = _told_before(lease, (paused - now).total_seconds())
        await _put_off(db, spotify, clock, [trouble])
        return Swept(1, troubles=(trouble,))
    return await _sweep(db, spotify, sealer, clock, [lease] if lease else [])


async def _sweep(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock, leased: Sequence[Lease]) -> Swept:
    if not leased:
        return Swept(0)
    began = clock.monotonic()
    answers = await ask_all(db, spotify, sealer, clock, leased)
    told = [answer for answer in answers if isinstance(answer, Answer)]
    stored, unstorable = await _store_all(db, clock, told)
    troubles = (*(answer for answer in answers if isinstance(answer, Trouble)), *unstorable)
    await _put_off(db, spotify, clock, troubles)
    swept = Swept(
        leased=len(leased),
        fetched=sum(one.listens for one in stored),
        new=sum(one.new for one in stored),
        duplicates=sum(one.duplicates for one in stored),
        troubles=troubles,
    )
    _log(sealer, swept, sum(answer.rejected for answer in told), clock.monotonic() - began)
    return swept


async def _store_all(db: Database, clock: Clock, told: Sequence[Answer]) -> tuple[list[Stored], list[Trouble]]:
    """Everyone in one transaction; when a value in it is refused, person by person, so that only its owner waits."""
    try:
        return await _store(db, clock, told), []
    except _DATA_TROUBLE:
        stored: list[Stored] = []
        troubles: list[Trouble] = []
    for answer in told:
        try:
            stored += await _store(db, clock, [answer])
        except _DATA_TROUBLE as error:
            message = f"What Spotify said of the last plays can't be stored ({type(error).__name__})."
            troubles.append(Trouble(answer.lease, TroubleKind.UNSTORABLE, message))
    return stored, troubles


async def _store(db: Database, clock: Clock, told: Sequence[Answer]) -> list[Stored]:
    now = clock.now()
    async with db.transaction() as conn:
        stored = await ingest.store(conn, [answer.batch for answer in told])
        due = [
            rhythm.after_success(answer.lease.user_id, now, fetched=one.listens, new=one.new)
            for answer, one in zip(told, stored, strict=True)
        ]
        await leases.settle(conn, [Settlement(answer.lease, at) for answer, at in zip(told, due, strict=True)], now)
    return stored


async def _put_off(db: Database, spotify: Spotify, clock: Clock, troubles: Sequence[Trouble]) -> None:
    if not troubles:
        return
    now = clock.now()
    pause_s = max(trouble.pause_s for trouble in troubles)
    async with db.transaction() as conn:
        await leases.settle(conn, [_put_off_one(trouble, now) for trouble in troubles], now)
        if pause_s:
            await leases.pause(conn, spotify.client_id, now + timedelta(seconds=pause_s))


def _put_off_one(trouble: Trouble, now: datetime) -> Settlement:
    lease = trouble.lease
    due = rhythm.after_trouble(lease.user_id, now, trouble.kind, troubles=lease.troubles, pause_s=trouble.pause_s)
    return Settlement(lease, due, trouble.kind)


def _told_before(lease: Lease, seconds: float) -> Trouble:
    wait_s = max(math.ceil(seconds), 1)
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
        rejected=rejected,
        troubles=len(swept.troubles),
        ms=round(seconds * 1000),
    )
