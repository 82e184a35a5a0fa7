"""Keep what Spotify said: plays, what they prove, and when each person is due again, all or none of one person's.

Only the holder of a lease keeps anything; whoever slept through its end finds it gone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import msgspec

from audiospective.archive import coverage, ingest, playlists
from audiospective.archive.coverage import Broken
from audiospective.archive.plays import Stored
from audiospective.collect import leases, rhythm, unread
from audiospective.collect.continuity import PAGE, Continuity, continued, fill_seconds, is_odd
from audiospective.collect.leases import Lease, Left, Settlement
from audiospective.collect.recently_played import Answer, Trouble
from audiospective.collect.rhythm import TroubleKind
from audiospective.infra.clock import Clock
from audiospective.infra.database import UNSTORABLE, Connection, Database, retried

#: What storing raises when the values are to blame: refused by the database, or by the columns on the way there.
_DATA_TROUBLE = (*UNSTORABLE, ValueError, OverflowError)


#: With every sweep a known pace is taken for so much slower; it doubles in ten days of hourly sweeps.
_FORGETTING = 1.003


class Kept(msgspec.Struct, frozen=True):
    """What became of the answers: plays, gaps that were found, and the people whose answers can't be stored."""

    stored: tuple[Stored, ...] = ()
    gaps: int = 0
    refused: tuple[Trouble, ...] = ()

    def and_also(self, other: Kept) -> Kept:
        """Both together."""
        return Kept((*self.stored, *other.stored), self.gaps + other.gaps, (*self.refused, *other.refused))


async def keep(db: Database, clock: Clock, told: Sequence[Answer]) -> Kept:
    """Everyone in one transaction; when a value in it is refused, person by person, so that only its owner waits."""
    if not told:
        return Kept()
    try:
        return await retried(lambda: _keep(db, clock.now(), told))
    except _DATA_TROUBLE:
        kept = Kept()
    for answer in told:
        try:
            kept = kept.and_also(await retried(partial(_keep, db, clock.now(), [answer])))
        except _DATA_TROUBLE as error:
            message = f"What Spotify said of the last plays can't be stored ({type(error).__name__})."
            kept = kept.and_also(Kept(refused=(Trouble(answer.lease, TroubleKind.UNSTORABLE, message),)))
    return kept


async def _keep(db: Database, now: datetime, told: Sequence[Answer]) -> Kept:
    async with db.transaction() as conn:
        held = {lease.user_id for lease in await leases.hold(conn, [answer.lease for answer in told])}
        mine = [answer for answer in told if answer.lease.user_id in held]
        stored = await ingest.store(conn, [answer.batch for answer in mine if answer.batch is not None])
        await playlists.note(conn, [(answer.lease.user_id, end, one) for answer in mine for end, one in answer.playlists])
        await unread.keep(conn, [(answer.lease.user_id, item) for answer in mine for item in answer.unread], now)
        gaps = await _prove(conn, now, [answer for answer in mine if answer.batch is not None])
        same = [answer.lease for answer in mine if answer.batch is None]
        await leases.settle(conn, [_unchanged(answer, now) for answer in mine if answer.batch is None], now)
    return Kept((*stored, *(Stored(lease.page_count, 0, lease.page_count) for lease in same)), gaps)


async def _prove(conn: Connection, now: datetime, told: Sequence[Answer]) -> int:
    """Settles what can be believed; the odd ones are left to be put off. How many runs broke."""
    believed = [(answer, continued(answer.lease, answer.told)) for answer in told if not is_odd(answer.lease, answer.told)]
    breaks = [Broken(answer.lease.user_id, found.ended, found.gap) for answer, found in believed if found.ended and found.gap]
    await coverage.record_breaks(conn, breaks)
    await leases.settle(conn, [_settled(answer, found, now) for answer, found in believed], now)
    return len(breaks)


def _settled(answer: Answer, found: Continuity, now: datetime) -> Settlement:
    lease, told = answer.lease, answer.told
    fill_s = _pace(fill_seconds(told), lease.fill_s)
    lost_track = told.count >= PAGE and (found.gap is not None or lease.asked_at is None)
    due = rhythm.after_success(lease.user_id, now, fill_s=fill_s, head_at=found.head_at, lost_track=lost_track)
    return Settlement(lease, due, Left(told.asked_at, found.proven_from, found.head_at, answer.fingerprint, told.count, fill_s))


def _pace(now_s: int, before_s: int) -> int:
    """The faster of today's pace and the one that is known, which is forgotten slowly: who had a party is looked after for days."""
    known_s = math.ceil(before_s * _FORGETTING)
    return min(now_s, known_s) if now_s and known_s else now_s or known_s


def _unchanged(answer: Answer, now: datetime) -> Settlement:
    """Nothing was played since: the run goes on, the rest stays."""
    lease = answer.lease
    due = rhythm.after_success(lease.user_id, now, fill_s=lease.fill_s, head_at=lease.head_at, lost_track=False)
    return Settlement(lease, due, _on(lease, answer.told.asked_at))


def _on(lease: Lease, asked_at: datetime) -> Left:
    return Left(asked_at, lease.proven_from or asked_at, lease.head_at, lease.page_hash, lease.page_count, lease.fill_s)
