"""The dashboard page: server time, alone and in a crowd; how pages come up in a real browser, and what they weigh.

The server is a process of its own, as in earnest: those who ask, and the sweeps, take none of its time.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import aiohttp
import numpy as np

from audiospective.accounts import sessions
from audiospective.archive.ingest import store
from audiospective.archive.plays import Batch, Source, UserId
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Database
from audiospective.web.assets import Assets
from bench import vitals
from bench.figure import Figure, median_ms
from bench.listens import made_up
from bench.load import free_port
from bench.server import listener, settle

_PLAYS = 100_000
#: Users at once, each asking for a page a second for so long, so that a limit of 100 in 10 s is kept.
_USERS, _SECONDS = 20, 8
_RANGES = ("7d", "30d", "7d", "90d")
_SHOWN = {"dashboard": "/dashboard?range=7d", "history": "/history", "insights": "/insights?range=all"}


@dataclass(frozen=True, slots=True)
class Someone:
    """A listener and their session."""

    user: UserId
    cookie: dict[str, str]


async def figures(dsn: str, db: Database) -> list[Figure]:
    """Server time of the whole page at 100,000 plays, alone and with 20 users at once, what a browser measures, and the bundles."""
    people = await _people(db)
    await settle(db)
    async with _serving(dsn) as address:
        first = await _first_ms(address, people)
        server = await _server_ms(address, people[0].cookie)
        shown = await vitals.figures(address, people[0].cookie, _SHOWN)
        times, health = await _crowd_ms(db, address, people)
    sizes = Assets().sizes
    css, js = (next(size for name, size in sizes.items() if name.endswith(ending)) / 1024 for ending in (".css", ".js"))
    return [
        Figure(f"dashboard page, {_PLAYS:,} plays, one request at a time", server, "ms", "≤ 20"),
        Figure("  the first one after a start, which reads the archive, in the middle", statistics.median(first), "ms"),
        Figure(f"  {_USERS} users at once, a page a second each, half of them within", statistics.median(times), "ms", "≤ 25"),
        Figure("  99 of 100 within", statistics.quantiles(times, n=100)[98], "ms", "≤ 60"),
        Figure("  /api/health meanwhile, 99 of 100 within", statistics.quantiles(health, n=100)[98], "ms", "≤ 50"),
        *shown,
        Figure("styles, gzipped", css, "KB", "≤ 25"),
        Figure("scripts, gzipped", js, "KB", "≤ 50"),
    ]


async def _people(db: Database) -> list[Someone]:
    """As many listeners as there are users, each with an archive of their own."""
    now, found = SystemClock().now(), []
    for place in range(_USERS):
        async with db.transaction() as conn:
            user = await listener(conn, f"bench-page-{place}")
            await store(conn, [Batch(user, Source.EXTENDED, made_up(_PLAYS, now, seed=place + 1))])
            found.append(Someone(user, {"audiospective_session": await sessions.begin(conn, user, now)}))
    return found


async def _first_ms(address: str, people: list[Someone]) -> list[float]:
    """How long everybody's first page takes after a start of the server, one after the other: it reads their archive."""
    return [await _page_ms(http, f"{address}/dashboard?range={_RANGES[0]}") for one in people async for http in _browsing(one)]


async def _crowd_ms(db: Database, address: str, people: list[Someone]) -> tuple[list[float], list[float]]:
    """How long each page took, while each second somebody's sweep brings a play, so that their next page is of another archive; and how
    long `/api/health` took, ten times a second.
    """
    times: list[float] = []
    health: list[float] = []
    heard = made_up(1, SystemClock().now())
    heard = replace(heard, track=np.zeros(1, np.int32), keys=heard.keys[:1])

    async def someone(place: int, one: Someone) -> None:
        async for http in _browsing(one):
            await asyncio.sleep(place / len(people))
            for turn in range(_SECONDS):
                if place == turn * 2:
                    async with db.transaction() as conn:
                        await store(conn, [Batch(one.user, Source.API, heard)])
                took = await _page_ms(http, f"{address}/dashboard?range={_RANGES[turn % len(_RANGES)]}")
                times.append(took)
                await asyncio.sleep(max(1 - took / 1000, 0))

    async def watcher() -> None:
        async with aiohttp.ClientSession() as http:
            for _ in range(_SECONDS * 10):
                health.append(await _taken_ms(http, f"{address}/api/health"))
                await asyncio.sleep(max(0.1 - health[-1] / 1000, 0))

    await asyncio.gather(watcher(), *(someone(place, one) for place, one in enumerate(people)))
    return times, health


async def _browsing(one: Someone) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookies=one.cookie, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield http


async def _page_ms(http: aiohttp.ClientSession, url: str) -> float:
    return await _taken_ms(http, url, must_be_well=True)


async def _taken_ms(http: aiohttp.ClientSession, url: str, *, must_be_well: bool = False) -> float:
    began = time.perf_counter()
    async with http.get(url) as answer:
        assert answer.status == 200 or not must_be_well, await answer.text()
        await answer.read()
    return (time.perf_counter() - began) * 1000


@contextlib.asynccontextmanager
async def _serving(dsn: str) -> AsyncIterator[str]:
    """The address of a server that has just started."""
    port = free_port()
    address, command = f"http://127.0.0.1:{port}", [sys.executable, "-m", "audiospective.cli.main", "serve", "--port", str(port)]
    with tempfile.TemporaryDirectory() as home:
        environ = {"PATH": os.environ["PATH"], "HOME": home, "AUDIOSPECTIVE_HOME": home, "DATABASE_URL": dsn, "APP_URL": address}
        running = await asyncio.create_subprocess_exec(*command, env=environ)
        try:
            await _answers(address)
            yield address
        finally:
            running.terminate()
            await running.wait()


async def _answers(address: str) -> None:
    async with aiohttp.ClientSession() as http, asyncio.timeout(60):
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                await _page_ms(http, f"{address}/api/health")
                return
            await asyncio.sleep(0.1)


async def _server_ms(address: str, cookie: dict[str, str]) -> float:
    async with aiohttp.ClientSession(cookies=cookie, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:

        async def ask() -> None:
            await _page_ms(http, f"{address}/dashboard?range=7d")
            await asyncio.sleep(0.11)  # within the rate limit; taken off below

        return await median_ms(ask, 25) - 110
