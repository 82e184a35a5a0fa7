"""An outside scheduler calls: who is due is swept, here or batch by batch through the scheduler's own queue.

The built-in scheduler may run beside it: both lease who is due, so an hour is never swept twice, and a call that comes again does nothing.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Final

import aiohttp
import msgspec

from audiospective.collect.rhythm import TroubleKind
from audiospective.collect.sweep import sweep_due
from audiospective.errors import Unavailable
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, execute, fetch_all
from audiospective.infra.sealing import Sealer
from audiospective.infra.signed_calls import SignedCall
from audiospective.infra.statements import statements
from audiospective.settings import SchedulerSettings
from audiospective.spotify.http import Spotify

sql = statements(__name__)

#: So many people are swept by one call.
BATCH: Final = 300
#: A call that sweeps by itself ends before schedulers give up waiting.
_LONGEST_S: Final = 45.0
_PUBLISH_S: Final = 10.0


class Due(msgspec.Struct, frozen=True):
    """Who could be swept, and who is due now."""

    active: int
    due: int

    @property
    def batches(self) -> int:
        """How many calls sweep them all."""
        return math.ceil(self.due / BATCH)


class BatchDone(msgspec.Struct, frozen=True):
    """What one batch came to: people swept, people whose time hadn't come or who were paused, people in trouble."""

    successful: int
    skipped: int
    failed: int
    ms: int


async def is_first(conn: Connection, call: SignedCall, now: datetime) -> bool:
    """Whether this call wasn't carried out before; from now on it was."""
    await execute(conn, sql["forget_expired"], before=now - timedelta(minutes=1))
    return await execute(conn, sql["remember"], call_id=call.id, expires_at=call.expires_at) > 0


async def due(conn: Connection, now: datetime) -> Due:
    """How many people are due."""
    return (await fetch_all(conn, sql["due"], Due, now=now))[0]


async def sweep_batch(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock) -> BatchDone:
    """Sweep as many people as one call takes."""
    began = clock.monotonic()
    swept = await sweep_due(db, spotify, sealer, clock, size=BATCH)
    paused = sum(trouble.kind is TroubleKind.PAUSED for trouble in swept.troubles)
    failed = len(swept.troubles) - paused
    return BatchDone(swept.leased - paused - failed, paused, failed, round((clock.monotonic() - began) * 1000))


async def sweep_all(db: Database, spotify: Spotify, sealer: Sealer, clock: Clock) -> None:
    """Sweep everyone who is due, or as many as there is time for; the next call goes on."""
    began = clock.monotonic()
    while (await sweep_due(db, spotify, sealer, clock, size=BATCH)).leased >= BATCH:
        if clock.monotonic() - began > _LONGEST_S:
            return


async def publish(http: aiohttp.ClientSession, scheduler: SchedulerSettings, url: str, batches: int) -> None:
    """Ask the scheduler to call `url` once for each batch; raises Unavailable."""
    bodies = [msgspec.json.encode({"batchNumber": n, "totalBatches": batches}).decode() for n in range(1, batches + 1)]
    messages = [
        {"destination": url, "headers": {"Content-Type": "application/json", "Upstash-Retries": "3"}, "body": body} for body in bodies
    ]
    headers = {"Authorization": f"Bearer {scheduler.token.reveal()}"}
    try:
        timeout = aiohttp.ClientTimeout(total=_PUBLISH_S)
        async with http.post(f"{scheduler.url}/v2/batch", json=messages, headers=headers, timeout=timeout, allow_redirects=False) as answer:
            status = answer.status
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Unavailable(f"The scheduler can't be reached ({type(error).__name__}).") from error
    if status not in {200, 201}:
        raise Unavailable(f"The scheduler answered {status} instead of taking the batches.")
