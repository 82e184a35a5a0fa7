"""An import of a generated extended export, beside a raw COPY of the same ready-made rows."""

from __future__ import annotations

import resource
import time
from pathlib import Path

from audiospective.archive.plays import UserId
from audiospective.collect.imports import run
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Database, copy_in, copy_out, execute, fetch_one
from bench import memory
from bench.figure import Figure
from bench.server import listener

_COLUMNS = "played_at, user_id, track_id, ms_played, import_id, shifted_s, platform_id, source, flags, country, reasons"
_OUT = f"COPY (SELECT {_COLUMNS} FROM plays WHERE user_id = {{user}}) TO STDOUT (FORMAT BINARY)"
_IN = f"COPY copied ({_COLUMNS}) FROM STDIN (FORMAT BINARY)"
_SIZE = "SELECT pg_total_relation_size('plays')::float8 / count(*) FROM plays WHERE user_id = %(user)s"


async def figures(db: Database, export: Path) -> tuple[UserId, list[Figure]]:
    """Import, raw COPY, a second import of the same; and whose archive it became."""
    async with db.transaction() as conn:
        user = await listener(conn, "bench-import")
    memory.begin()
    status, seconds = await import_one(db, user, export)
    peak = memory.peak_mb()
    reader = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    copied = await _raw_copy(db, user)
    again, again_seconds = await import_one(db, user, export)
    async with db.reading() as conn:
        size = await fetch_one(conn, _SIZE, float, user=user) or 0.0
    rows = status.summary.rows
    assert again.summary.new == 0, "a second run adds nothing"
    reference = f"raw COPY of the same rows {copied:.2f} s, so {seconds / copied:.1f} times"
    return user, [
        Figure(f"import of {rows:,} rows, {status.summary.new:,} new", seconds, "s", "≤ 10, ≤ 4×", reference),
        Figure("  the same again, 0 new", again_seconds, "s"),
        Figure("  peak memory, program", peak, "MB", "≤ 600", f"largest child {reader:,.0f} MB"),
        Figure("  bytes per stored play, indexes included", size, "bytes", "", "the spike: 109"),
    ]


async def import_one(db: Database, user: UserId, export: Path) -> tuple[run.ImportStatus, float]:
    """What became of it, and the seconds that it took."""
    clock = SystemClock()
    async with db.transaction() as conn:
        import_id = await run.begin(conn, user, name=export.name, size=export.stat().st_size, now=clock.now())
    began = time.perf_counter()
    status = await run.run(db, import_id, [export], clock)
    return status, time.perf_counter() - began


async def _raw_copy(db: Database, user: UserId) -> float:
    """Seconds that Postgres needs for these rows with this index when they come ready made, in one COPY."""
    async with db.transaction() as conn:
        chunks = [bytes(block) async for block in copy_out(conn, _OUT, user=int(user))]
        await execute(conn, "CREATE TABLE copied (LIKE plays INCLUDING ALL)")
    async with db.transaction() as conn:
        began = time.perf_counter()
        await copy_in(conn, _IN, chunks)
        await execute(conn, "SELECT count(*) FROM copied WHERE user_id = 0")
    seconds = time.perf_counter() - began
    async with db.transaction() as conn:
        await execute(conn, "DROP TABLE copied")
    return seconds
