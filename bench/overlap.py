"""A second source over an archive that has the same listens already, and the matching alone beside a plain loop."""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from audiospective.archive.ingest import store
from audiospective.archive.matching import Claims, representatives
from audiospective.archive.plays import Batch, Source, UserId
from audiospective.export import run as exports
from audiospective.export.run import Format
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Database
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone
from bench import memory
from bench.figure import Figure
from bench.imports import import_one
from bench.listens import made_up
from bench.server import listener

#: A million is the listener's own archive; that it takes its share shows when these do.
_SMALLER = (10_000, 100_000)


async def figures(db: Database, user: UserId, folder: Path) -> list[Figure]:
    """The archive's own CSV imported over itself: every row is another source's word for a play that is there. Small archives first."""
    found = []
    for plays in _SMALLER:
        async with db.transaction() as conn:
            someone = await listener(conn, f"bench-overlap-{plays}")
            await store(conn, [Batch(someone, Source.EXTENDED, made_up(plays, SystemClock().now()))])
        found.append(await _over_itself(db, someone, folder, ""))
    memory.begin()
    over = await _over_itself(db, user, folder, "≤ 15")
    peak = memory.peak_mb()
    matched, plain = _matching(1_000_000)
    return [
        *found,
        over,
        Figure("  peak memory, program", peak, "MB", "≤ 700"),
        Figure("  matching alone, plays a second", matched, "", "≥ 500,000", f"a plain loop: {plain:,.0f}"),
    ]


async def _over_itself(db: Database, user: UserId, folder: Path, budget: str) -> Figure:
    path = folder / "the-same.csv"
    async with db.reading() as conn:
        pieces = exports.stream(conn, user, Zone("UTC"), Period("all", None, None), fmt=Format.CSV, now=SystemClock().now())
        with path.open("wb") as file:
            async for piece in pieces:
                file.write(piece)
    status, seconds = await import_one(db, user, path)
    rows = status.summary.rows
    beside = f"{rows / seconds:,.0f} rows/s; {status.summary.new:,} of them new"
    return Figure(f"{rows:,} rows of another source over the same plays", seconds, "s", budget, beside)


def _matching(rows: int) -> tuple[float, float]:
    """Plays a second of both: half of them said by the recently-played call, the same ones by an export some seconds later."""
    chance = np.random.default_rng(7)
    half = rows // 2
    ended = np.sort(chance.integers(0, 200 * half, half)).astype(np.int64) * 1_000_000
    song = chance.integers(0, 5_000, half).astype(np.int32)
    late = chance.integers(0, 60, half).astype(np.int64) * 1_000_000
    claims = Claims(
        ended_at=np.concatenate((ended, ended + late)),
        track=np.concatenate((song, song)),
        song=np.concatenate((song, song)),
        ms_played=np.concatenate((np.full(half, -1, np.int32), np.full(half, 200_000, np.int32))),
        source=np.concatenate((np.full(half, Source.API, np.int16), np.full(half, Source.EXTENDED, np.int16))),
        shifted_s=np.zeros(2 * half, np.int32),
        length_ms=np.full(2 * half, 200_000, np.int32),
    )
    began = time.perf_counter()
    representatives(claims)
    ours = 2 * half / (time.perf_counter() - began)
    some = min(half, 50_000)
    began = time.perf_counter()
    _plainly(ended[:some].tolist(), (ended + late)[:some].tolist(), song[:some].tolist())
    return ours, 2 * some / (time.perf_counter() - began)


def _plainly(told: list[int], exported: list[int], song: list[int]) -> dict[int, int]:
    """Nearest of the same song within two minutes, one to one, in dictionaries."""
    by_song: dict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(song):
        by_song[one].append(place)
    taken: set[int] = set()
    found: dict[int, int] = {}
    for place, at in enumerate(told):
        near = [other for other in by_song[song[place]] if other not in taken and abs(exported[other] - at) <= 120_000_000]
        if near:
            best = min(near, key=lambda other: abs(exported[other] - at))
            taken.add(best)
            found[place] = best
    return found
