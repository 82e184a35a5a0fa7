"""F38: a process that may open few files, and is asked by more: what it said that it has kept is kept, and afterwards all is as before."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from audiospective.infra.database import Database
from tests.fault.bounds import kept, serving, submit

_FILES = 160


async def test_what_was_acknowledged_is_kept_and_the_process_recovers(db: Database, tmp_path: Path) -> None:
    async with serving(db, tmp_path, f"-n {_FILES}") as served:
        idle = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(2 * _FILES)]
        async with asyncio.timeout(30):
            while len(os.listdir(f"/proc/{served.process.pid}/fd")) < _FILES - 1:  # noqa: ASYNC110 (files have no event)
                await asyncio.sleep(0.02)
        said = [one for one in await asyncio.gather(*(submit(served, n, 3) for n in range(40))) if one is not None]
        for _, writer in idle:
            writer.close()
        after = [await submit(served, n, 30) for n in range(100, 105)]
        assert served.process.poll() is None
        assert after == [100, 101, 102, 103, 104]
        assert await kept(db) >= {f"Song {number}" for number in (*said, *after)}
