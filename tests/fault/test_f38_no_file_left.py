"""F38: a process that may open few files, and is asked by more: what it said that it has kept is kept, and afterwards all is as before."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from audiospective.accounts import people, tokens
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Database, fetch_all
from tests.cli.instance import answers, free_port
from tests.web.site import NOWHERE

_FILES = 160
_AT = 1_749_776_100


@dataclass(frozen=True, slots=True)
class _Served:
    port: int
    token: str
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
async def served(db: Database, dsn: str, tmp_path: Path) -> AsyncIterator[_Served]:
    """`audiospective serve` in a process that may open 160 files."""
    port = free_port()
    async with db.transaction() as conn:
        person = await people.add(conn, "mara", SystemClock().now())
        token = await tokens.issue(conn, person.id, "scrobbler", SystemClock().now())
    told = {"DATABASE_URL": dsn, "AUDIOSPECTIVE_HOME": str(tmp_path), "APP_URL": f"http://127.0.0.1:{port}"}
    told |= {"SPOTIFY_ACCOUNTS_URL": NOWHERE, "SPOTIFY_API_URL": NOWHERE, "PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    program = ["sh", "-c", f'ulimit -n {_FILES}; exec "$@"', "sh", sys.executable, "-m", "audiospective.cli.main", "serve"]

    with (tmp_path / "said").open("wb") as said:
        process = await asyncio.to_thread(subprocess.Popen, [*program, "--port", str(port)], env=told, stdout=said, stderr=said)
        async with asyncio.timeout(60):
            while not await asyncio.to_thread(answers, f"http://127.0.0.1:{port}/api/health"):
                assert process.poll() is None, (tmp_path / "said").read_text()
                await asyncio.sleep(0.1)
        yield _Served(port, token, process)
        process.terminate()
        await asyncio.to_thread(process.wait, 20)


async def _submit(served: _Served, number: int, patience_s: float) -> int | None:
    """The number, once the server said that it has it; None where it said no, or nothing."""
    listen = {"listened_at": _AT + 600 * number, "track_metadata": {"artist_name": "Marrow Coast", "track_name": f"Song {number}"}}
    body = json.dumps({"listen_type": "single", "payload": [listen]})
    try:
        async with httpx.AsyncClient(timeout=patience_s, headers={"Authorization": f"Token {served.token}"}) as client:
            answer = await client.post(f"{served.url}/1/submit-listens", content=body)
    except httpx.HTTPError:
        return None
    return number if answer.status_code == 200 else None


async def test_what_was_acknowledged_is_kept_and_the_process_recovers(served: _Served, db: Database) -> None:
    idle = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(2 * _FILES)]
    async with asyncio.timeout(30):
        while len(os.listdir(f"/proc/{served.process.pid}/fd")) < _FILES - 1:  # noqa: ASYNC110 (files have no event)
            await asyncio.sleep(0.02)
    said = [one for one in await asyncio.gather(*(_submit(served, n, 3) for n in range(40))) if one is not None]
    for _, writer in idle:
        writer.close()
    after = [await _submit(served, n, 30) for n in range(100, 105)]
    assert served.process.poll() is None
    assert after == [100, 101, 102, 103, 104]
    async with db.reading() as conn:
        kept = set(await fetch_all(conn, "SELECT name FROM tracks", str))
    assert kept >= {f"Song {number}" for number in (*said, *after)}
