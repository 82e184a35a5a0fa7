"""The end of an account."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from statistics import quantiles
from typing import Final

from audiospective.archive import history
from audiospective.archive.history import HistoryCache
from audiospective.archive.ingest import store
from audiospective.archive.plays import Batch, Source, UserId
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Database
from audiospective.infra.sealing import Sealer
from audiospective.privacy import erasure
from bench.figure import Figure, once_ms
from bench.listens import made_up
from bench.server import listener

_LOOKS: Final = 60


async def figures(db: Database, user: UserId, rows: int) -> list[Figure]:
    """How long it takes until nothing of somebody with so many plays is left, and what others feel of it."""
    now = SystemClock().now()
    async with db.transaction() as conn:
        other = await listener(conn, "bench-bystander")
        await store(conn, [Batch(other, Source.EXTENDED, made_up(20_000, now))])
    with tempfile.TemporaryDirectory() as folder:

        async def leave() -> None:
            await erasure.delete_account(
                db, Sealer(["bench"]), HistoryCache(), SystemClock(), user=user, instance="bench", ledger=Path(folder) / erasure.LEDGER
            )

        before = [await _look(db, other) for _ in range(_LOOKS)]
        leaving = asyncio.create_task(once_ms(leave))
        meanwhile: list[float] = []
        while not leaving.done():
            meanwhile.append(await _look(db, other))
        took = await leaving
    quiet, busy = (quantiles(times, n=100)[98] for times in (before, meanwhile if len(meanwhile) > 1 else before))
    return [
        Figure(f"delete an account of {rows:,} plays", took / 1000, "s", "≤ 5"),
        Figure("  another listener's answer meanwhile, p99", busy, "ms", "", f"before {quiet:,.1f} ms, of {len(meanwhile)}"),
    ]


async def _look(db: Database, user: UserId) -> float:
    """Read somebody else's archive and add it up, in ms."""

    async def look() -> None:
        async with db.reading() as conn:
            await history.load(conn, user)

    return await once_ms(look)
