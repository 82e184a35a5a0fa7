"""The end of an account."""

from __future__ import annotations

import tempfile
from pathlib import Path

from audiospective.archive.history import HistoryCache
from audiospective.archive.plays import UserId
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Database
from audiospective.infra.sealing import Sealer
from audiospective.privacy import erasure
from bench.figure import Figure, once_ms


async def figures(db: Database, user: UserId, rows: int) -> list[Figure]:
    """How long it takes until nothing of somebody with so many plays is left."""
    with tempfile.TemporaryDirectory() as folder:

        async def leave() -> None:
            await erasure.delete_account(
                db, Sealer(["bench"]), HistoryCache(), SystemClock(), user=user, instance="bench", ledger=Path(folder) / erasure.LEDGER
            )

        took = await once_ms(leave)
    return [Figure(f"delete an account of {rows:,} plays", took / 1000, "s", "≤ 5")]
