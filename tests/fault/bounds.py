"""A web server for those faults that want one with narrow bounds, and people who give it plays."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from audiospective.accounts import people, tokens
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Database, fetch_all
from tests.cli.instance import answers, free_port
from tests.web.site import NOWHERE, browser_at

_AT = 1_749_776_100


@dataclass(frozen=True, slots=True)
class Served:
    """`audiospective serve` in a process of its own, and the token of a listener."""

    port: int
    token: str
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"


def environment(dsn: str, home: Path, port: int) -> dict[str, str]:
    """Of a process of the program that reaches no Spotify."""
    told = {"DATABASE_URL": dsn, "AUDIOSPECTIVE_HOME": str(home), "APP_URL": f"http://127.0.0.1:{port}"}
    return told | {"SPOTIFY_ACCOUNTS_URL": NOWHERE, "SPOTIFY_API_URL": NOWHERE, "PATH": os.environ["PATH"], "HOME": str(home)}


def bounded(bound: str, *argv: str) -> list[str]:
    """The program under a bound of `ulimit`."""
    return ["sh", "-c", f'ulimit {bound}; exec "$@"', "sh", sys.executable, "-m", "audiospective.cli.main", *argv]


@contextlib.asynccontextmanager
async def serving(db: Database, home: Path, bound: str) -> AsyncIterator[Served]:
    """A web server under a bound of `ulimit`."""
    port = free_port()
    async with db.transaction() as conn:
        person = await people.add(conn, "mara", SystemClock().now())
        token = await tokens.issue(conn, person.id, "scrobbler", SystemClock().now())
    program = bounded(bound, "serve", "--port", str(port))
    with (home / "said").open("wb") as said:
        process = await asyncio.to_thread(subprocess.Popen, program, env=environment(db.dsn, home, port), stdout=said, stderr=said)
        async with asyncio.timeout(60):
            while not await asyncio.to_thread(answers, f"http://127.0.0.1:{port}/api/health"):
                assert process.poll() is None, (home / "said").read_text()
                await asyncio.sleep(0.1)
        yield Served(port, token, process)
        process.terminate()
        await asyncio.to_thread(process.wait, 20)


async def submit(served: Served, number: int, patience_s: float, *, plays: int = 1) -> int | None:
    """The number, once the server said that it has its plays; None where it said no, or nothing."""
    listens = [
        {"listened_at": _AT + 600 * (number * plays + n), "track_metadata": {"artist_name": "Marrow Coast", "track_name": f"Song {number}"}}
        for n in range(plays)
    ]
    body = json.dumps({"listen_type": "single" if plays == 1 else "import", "payload": listens})
    try:
        async with browser_at(served.url, timeout=patience_s, headers={"Authorization": f"Token {served.token}"}) as client:
            answer = await client.post("/1/submit-listens", content=body)
    except httpx.HTTPError:
        return None
    return number if answer.status_code == 200 else None


async def kept(db: Database) -> set[str]:
    """The songs that are in the archive."""
    async with db.reading() as conn:
        return set(await fetch_all(conn, "SELECT name FROM tracks", str))
