"""The process that keeps archives filled: it sweeps who is due, works off jobs, sends messages, and says every few seconds that it lives.

Any number may run. Each of its five works outlives the database's absence: it is begun anew, with growing pauses.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Final

from audiospective.accounts import renewal
from audiospective.bootstrap import Parts
from audiospective.collect import sweep
from audiospective.collect.imports import stalled
from audiospective.errors import Unavailable
from audiospective.infra import outbox, queue, tracking
from audiospective.infra.database import execute
from audiospective.infra.queue import make_app
from audiospective.infra.statements import statements
from audiospective.jobs import tasks
from audiospective.operations import faults
from audiospective.privacy import erasure

sql = statements(__name__)

#: So often it is asked who is due; the question costs less than a millisecond.
LOOK_S: Final = 5.0
BEAT_S: Final = 5.0
DELIVER_S: Final = 5.0
COUNT_S: Final = 5.0
#: What is under way when the process is told to stop may take this long; supervisors wait five seconds.
FAREWELL_S: Final = 3.0

_SIZE = 300
_JOBS_AT_ONCE = 4
_LONGEST_PAUSE_S = 15.0


async def main(parts: Parts) -> None:
    """Work until cancelled; then end what is under way, or leave it to others, within five seconds."""
    stopping = asyncio.Event()
    jobs = asyncio.create_task(_steadily(parts, stopping, partial(_work_off, parts)))
    works = [
        jobs,
        asyncio.create_task(_steadily(parts, stopping, partial(_sweep, parts, stopping))),
        asyncio.create_task(_steadily(parts, stopping, partial(_beat, parts, stopping))),
        asyncio.create_task(_steadily(parts, stopping, partial(_deliver, parts, stopping))),
        asyncio.create_task(_steadily(parts, stopping, partial(_write_counts, parts, stopping))),
    ]
    parts.log.info("worker.started", worker=_name())
    try:
        failed, _ = await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)  # none ends by itself
    finally:
        stopping.set()
        jobs.cancel()
        await _ended([*works, asyncio.create_task(renewal.finished())])
        parts.log.info("worker.stopped", worker=_name())
    for work in failed:
        if (error := work.exception()) is not None:
            tracking.note(error, where="worker")
        work.result()


async def _ended(works: list[asyncio.Task[None]]) -> None:
    _, late = await asyncio.wait(works, timeout=FAREWELL_S + 1)
    for work in late:
        work.cancel()
    await asyncio.wait(works, timeout=0.5)


async def _steadily(parts: Parts, stopping: asyncio.Event, work: Callable[[], Awaitable[None]]) -> None:
    """Begin the work again whenever the database, or Spotify, went away under it; a bug ends the process, whose keeper restarts it."""
    pause_s = 0.5
    while not stopping.is_set():
        began = parts.clock.monotonic()
        try:
            await work()
        except Unavailable as error:
            if parts.clock.monotonic() - began > _LONGEST_PAUSE_S:
                pause_s = 0.5
            parts.log.warning("worker.waiting", reason=error.message, seconds=pause_s)
            await _pause(stopping, pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)


async def _sweep(parts: Parts, stopping: asyncio.Event) -> None:
    # A restore begins with a database that was away, and nobody whom it brought back may be swept.
    await erasure.keep_away(parts.db, parts.sealer, parts.clock, parts.settings.home / erasure.LEDGER)
    while not stopping.is_set():
        swept = await sweep.sweep_due(parts.db, parts.spotify, parts.sealer, parts.clock, size=_SIZE)
        if swept.leased < _SIZE:
            await _pause(stopping, LOOK_S)


async def _work_off(parts: Parts) -> None:
    app = make_app(parts.db.dsn)
    tasks.register(app, parts)
    await queue.work(app, at_once=_JOBS_AT_ONCE, farewell_s=FAREWELL_S)


async def _beat(parts: Parts, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        now = parts.clock.now()
        async with parts.db.transaction() as conn:
            await execute(conn, sql["beat"], name=_name(), now=now)
            await execute(conn, sql["forget_the_dead"], before=now - timedelta(days=1))
            await sweep.give_up_stalled(conn, now)
            await stalled.give_up(conn, now)
        await _pause(stopping, BEAT_S)


async def _deliver(parts: Parts, stopping: asyncio.Event) -> None:
    async with parts.public_http() as http:
        carriers = {**parts.carriers(), outbox.Channel.PERSON: parts.carrier_to_listeners(http)}
        while not stopping.is_set():
            done = await outbox.deliver_due(parts.db, carriers, parts.clock)
            if done.sent or done.later or done.dead:
                parts.log.info("outbox.delivered", sent=done.sent, later=done.later, dead=done.dead)
            await _pause(stopping, DELIVER_S)


async def _write_counts(parts: Parts, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        await parts.recorder.flush(parts.db)
        await faults.flush(parts.db, parts.caught, parts.clock.now())
        await _pause(stopping, COUNT_S)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
