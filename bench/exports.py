"""Everything out: how fast, in how much memory, how soon the first byte; beside what Postgres itself would write."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

import uvloop

from audiospective.archive.history import HistoryCache
from audiospective.archive.plays import UserId
from audiospective.export import run
from audiospective.export.run import Asked, Format
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Database, copy_out
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone
from bench import memory
from bench.figure import Figure

_REFERENCE = """COPY (SELECT p.played_at, t.name, a.name, b.name, p.ms_played, t.duration_ms, t.spotify_id, p.source
FROM plays p JOIN tracks t ON t.id = p.track_id JOIN artists a ON a.id = t.artist_id LEFT JOIN albums b ON b.id = t.album_id
WHERE p.user_id = {user} AND p.flags & 256 = 0 ORDER BY p.played_at) TO STDOUT (FORMAT csv)"""
_BUDGETS = {Format.CSV: "≥ 150,000", Format.JSON: "≥ 150,000"}


async def figures(db: Database, user: UserId, rows: int) -> list[Figure]:
    """Each format in a process of its own, so that its memory is its own too."""
    began = time.perf_counter()
    async with db.reading() as conn:
        async for _ in copy_out(conn, _REFERENCE, user=user):
            pass
    by_copy = rows / (time.perf_counter() - began)
    found: list[Figure] = []
    for fmt in (Format.CSV, Format.JSON, Format.PARQUET, Format.READING_COPY):
        took, first, peak_mb, size, plays = _apart(db.dsn, user, fmt)
        name = f"export {plays:,} plays as {fmt}"
        found += [
            Figure(name, plays / took, "rows/s", _BUDGETS.get(fmt, ""), f"COPY {by_copy:,.0f}"),
            Figure("  first byte, archive not in memory", first * 1000, "ms", "≤ 200" if fmt in _BUDGETS else ""),
            Figure("  peak above idle", peak_mb, "MB", "≤ 80"),
            Figure("  bytes a play", size / plays, "bytes", "≤ 10" if fmt is Format.PARQUET else ""),
        ]
    return found


def _apart(dsn: str, user: UserId, fmt: Format) -> tuple[float, float, float, int, int]:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as one:
        return one.submit(_measure, dsn, user, fmt).result()


def _measure(dsn: str, user: UserId, fmt: Format) -> tuple[float, float, float, int, int]:
    return uvloop.run(_written(dsn, user, fmt))


async def _written(dsn: str, user: UserId, fmt: Format) -> tuple[float, float, float, int, int]:
    db = Database(dsn, size=2)
    await db.open()
    now = SystemClock().now()
    idle = memory.resident_mb()
    async with db.reading() as conn:
        began = time.perf_counter()
        outgoing = await run.begin(conn, HistoryCache(), Asked(user, Zone("Europe/Lisbon"), Period("all", None, None), fmt, now))
        first, size = 0.0, 0
        async for piece in outgoing.pieces:
            first = first or time.perf_counter() - began
            size += len(piece)
        took = time.perf_counter() - began
    peak_mb = memory.peak_mb() - idle
    await db.close()
    return took, first, peak_mb, size, outgoing.plays
