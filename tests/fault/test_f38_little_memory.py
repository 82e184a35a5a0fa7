"""F38: little memory, a fifth of a processor: what was acknowledged is kept, the rest is refused in words, and it recovers by itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import resource
import signal
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from audiospective.accounts import people
from audiospective.infra.database import Database, fetch_all
from tests.collect.imports import exports
from tests.fault.bounds import bounded, environment, kept, serving, submit
from tests.web.site import browser_at

#: KiB that the program may hold for itself; it begins with 165,000.
_MEMORY = 256 * 1024
#: And so much more than it holds already, once it answers: enough for some of 24 long submissions at once, not for all.
_LEFT = 4 * 1024
#: An import of 30,000 plays goes through with so many KiB, one of 45,000 doesn't.
_FOR_AN_IMPORT = 192 * 1024


@contextlib.asynccontextmanager
async def _slices(pid: int, *, share: float) -> AsyncIterator[None]:
    """The process gets this share of each tenth of a second."""

    async def slice_it() -> None:
        while True:
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(0.1 * (1 - share))
            os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(0.1 * share)

    slicing = asyncio.create_task(slice_it())
    try:
        yield
    finally:
        slicing.cancel()
        await asyncio.wait([slicing])
        os.kill(pid, signal.SIGCONT)


async def test_with_little_memory_what_was_acknowledged_is_kept_and_the_process_recovers(db: Database, tmp_path: Path) -> None:
    async with serving(db, tmp_path, f"-d {_MEMORY}") as served:
        await submit(served, 29_999, 30, plays=1_000)
        async with browser_at(served.url, timeout=30) as client:
            assert (await client.get("/no/such/page")).status_code == 404  # what the words of a refusal need is read once
        held = int(re.findall(r"VmData:\s+(\d+)", Path(f"/proc/{served.process.pid}/status").read_text("utf-8"))[0])
        resource.prlimit(served.process.pid, resource.RLIMIT_DATA, ((held + _LEFT) * 1024, _MEMORY * 1024))
        said = [one for one in await asyncio.gather(*(submit(served, n, 5, plays=1_000) for n in range(24))) if one is not None]
        assert len(said) < 24, "the bound was felt"
        async with asyncio.timeout(60):
            while await submit(served, 30_000, 5) is None:  # noqa: ASYNC110 (another process has no event for it)
                await asyncio.sleep(0.1)
        assert served.process.poll() is None
        assert await kept(db) >= {f"Song {number}" for number in (*said, 30_000)}


async def test_with_a_fifth_of_a_processor_what_was_acknowledged_is_kept(db: Database, tmp_path: Path) -> None:
    async with serving(db, tmp_path, "-n 1024") as served:
        async with _slices(served.process.pid, share=0.2):
            said = [one for one in await asyncio.gather(*(submit(served, n, 30) for n in range(40))) if one is not None]
            async with browser_at(served.url, timeout=30) as client:
                assert (await client.get("/api/health")).status_code == 200
        after = [await submit(served, n, 30) for n in range(100, 105)]
        assert (said != [], after) == (True, [100, 101, 102, 103, 104])  # on a busy machine some are told to come again
        assert await kept(db) >= {f"Song {number}" for number in (*said, *after)}


async def test_an_import_that_wants_more_memory_than_there_is_fails_in_words_and_leaves_nothing(db: Database, tmp_path: Path) -> None:
    first = datetime(2024, 1, 1, tzinfo=UTC)
    rows = [exports.extended(f"{first + timedelta(minutes=4 * n):%Y-%m-%dT%H:%M:%SZ}", track=f"song {n % 5_000}") for n in range(45_000)]
    path = exports.write_zip(tmp_path / "export.zip", Streaming_History_Audio_2024=rows, Streaming_History_Audio_2025=rows[:1])
    environ = environment(db.dsn, tmp_path, 1)

    def run(bound: str, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(bounded(bound, *argv), env=environ, capture_output=True, text=True, check=False)

    async with db.transaction() as conn:
        await people.add(conn, "mara", first)
    failed = await asyncio.to_thread(run, f"-d {_FOR_AN_IMPORT}", "import", str(path), "--user", "mara")
    assert (failed.returncode, failed.stdout) == (3, "")
    assert failed.stderr.startswith("There is too little memory for this import")
    async with db.reading() as conn:
        assert await fetch_all(conn, "SELECT state FROM imports", str) == ["failed"]
        assert await fetch_all(conn, "SELECT count(*) FROM plays", int) == [0]
    again = await asyncio.to_thread(run, "-n 1024", "import", str(path), "--user", "mara")
    assert again.returncode == 0, again.stderr
