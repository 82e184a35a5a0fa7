"""`make bench`: every figure beside its reference. `ARGS="--quick"` takes a tenth of the rows."""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

import uvloop

from audiospective.simulator import exports, listeners
from bench import exports as exports_bench
from bench import history, imports, insights, leaving, operations, overlap, pages, questions, shares, sweeps
from bench.figure import show
from bench.server import database, postgres, settle

#: The export is the same on every day that it is made.
_UNTIL_MS = 1_767_225_600_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    parser.add_argument("--only", choices=list(_PARTS), help="one part")
    asked = parser.parse_args()
    rows = 100_000 if asked.quick else 1_000_000
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; figures drift with the machine, ratios hold\n")
    with postgres() as dsn, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the program itself runs
        runner.run(_PARTS.get(asked.only, _measure)(dsn, rows))


async def _sweeps(dsn: str, rows: int) -> None:
    async with database(dsn) as db:
        show(await sweeps.figures(dsn, db, rows // 250))


async def _shares(dsn: str, rows: int) -> None:  # noqa: ARG001 (a report has the same size whatever the archive's)
    async with database(dsn) as db:
        show(await shares.figures(dsn, db))


async def _questions(dsn: str, rows: int) -> None:
    async with database(dsn) as db:
        for plays in (20_000, 100_000) if rows < 1_000_000 else (20_000, 100_000, 1_000_000, 3_000_000):
            show(await questions.figures(db, plays))


async def _pages(dsn: str, rows: int) -> None:  # noqa: ARG001 (pages are measured at a size of their own)
    async with database(dsn) as db:
        for plays in (20_000, 100_000, 1_000_000):
            show(await insights.figures(db, plays))
        show(await pages.figures(dsn, db))


async def _history(dsn: str, rows: int) -> None:
    async with database(dsn) as db:
        with tempfile.TemporaryDirectory() as folder:
            importer, _ = await imports.figures(db, await asyncio.to_thread(_export, Path(folder), rows))
        show(await history.figures(db, importer, rows))


async def _overlap(dsn: str, rows: int) -> None:
    async with database(dsn) as db:
        with tempfile.TemporaryDirectory() as folder:
            importer, found = await imports.figures(db, await asyncio.to_thread(_export, Path(folder), rows))
            show([*found, *await overlap.figures(db, importer, Path(folder))])


async def _out(dsn: str, rows: int) -> None:
    async with database(dsn) as db:
        with tempfile.TemporaryDirectory() as folder:
            importer, _ = await imports.figures(db, await asyncio.to_thread(_export, Path(folder), rows))
        await settle(db)
        show(await exports_bench.figures(db, importer, rows))
        show(await shares.figures(dsn, db))
        show(await leaving.figures(db, importer, rows))


async def _measure(dsn: str, rows: int) -> None:
    async with database(dsn) as db:
        with tempfile.TemporaryDirectory() as folder:
            export = await asyncio.to_thread(_export, Path(folder), rows)
            importer, found = await imports.figures(db, export)
            show(found)
            show(await overlap.figures(db, importer, Path(folder)))
        for plays in (20_000, 100_000):
            show(await insights.figures(db, plays))
            show(await questions.figures(db, plays))
        show(await insights.of_listener(db, importer, rows))
        show(await history.figures(db, importer, rows))
        show(await pages.figures(dsn, db))
        show(await shares.figures(dsn, db))
        show(await exports_bench.figures(db, importer, rows))
        show(await leaving.figures(db, importer, rows))
        show(await sweeps.figures(dsn, db, rows // 250))
        show(await operations.figures(db))


async def _operations(dsn: str, rows: int) -> None:  # noqa: ARG001 (they don't ask how large an archive is)
    async with database(dsn) as db:
        show(await operations.figures(db))


def _export(folder: Path, rows: int) -> Path:
    path = folder / "my_spotify_data.zip"
    exports.write_extended(path, listeners.devotee(), until_ms=_UNTIL_MS, rows=rows)
    return path


_PARTS = {
    "sweeps": _sweeps,
    "history": _history,
    "imports": _overlap,
    "shares": _shares,
    "questions": _questions,
    "pages": _pages,
    "out": _out,
    "operations": _operations,
}


if __name__ == "__main__":
    main()
