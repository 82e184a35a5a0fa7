"""The dashboard page: server time, alone and in a crowd; how pages come up in a real browser, and what they weigh."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import aiohttp
import numpy as np
import uvicorn

from audiospective.accounts import sessions
from audiospective.archive.ingest import store
from audiospective.archive.plays import Batch, Source, UserId
from audiospective.bootstrap import Parts, assemble
from audiospective.infra.database import Database
from audiospective.settings import load
from audiospective.web.app import create_app
from audiospective.web.assets import Assets
from bench import vitals
from bench.figure import Figure, median_ms
from bench.listens import made_up
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
    with tempfile.TemporaryDirectory() as home, socket.create_server(("127.0.0.1", 0)) as door:
        address = f"http://127.0.0.1:{door.getsockname()[1]}"
        async with assemble(load({"AUDIOSPECTIVE_HOME": home, "DATABASE_URL": dsn, "APP_URL": address})) as parts:
            people = await _people(parts)
            await settle(db)
            async with _serving(parts, door):
                first = await _first_ms(address, people)
                server = await _server_ms(address, people[0].cookie)
                shown = await vitals.figures(address, people[0].cookie, _SHOWN)
                times = await _crowd_ms(parts, address, people)
    sizes = Assets().sizes
    css, js = (next(size for name, size in sizes.items() if name.endswith(ending)) / 1024 for ending in (".css", ".js"))
    return [
        Figure(f"dashboard page, {_PLAYS:,} plays, one request at a time", server, "ms", "≤ 20"),
        Figure("  the first one after a start, which reads the archive, in the middle", statistics.median(first), "ms"),
        Figure(f"  {_USERS} users at once, a page a second each, half of them within", statistics.median(times), "ms", "≤ 25"),
        Figure("  99 of 100 within", statistics.quantiles(times, n=100)[98], "ms", "≤ 60"),
        *shown,
        Figure("styles, gzipped", css, "KB", "≤ 25"),
        Figure("scripts, gzipped", js, "KB", "≤ 50"),
    ]


async def _people(parts: Parts) -> list[Someone]:
    """As many listeners as there are users, each with an archive of their own."""
    now, found = parts.clock.now(), []
    for place in range(_USERS):
        async with parts.db.transaction() as conn:
            user = await listener(conn, f"bench-page-{place}")
            await store(conn, [Batch(user, Source.EXTENDED, made_up(_PLAYS, now, seed=place + 1))])
            found.append(Someone(user, {"audiospective_session": await sessions.begin(conn, user, now)}))
    return found


async def _first_ms(address: str, people: list[Someone]) -> list[float]:
    """How long everybody's first page takes after a start of the server, one after the other: it reads their archive."""
    return [await _page_ms(http, address, _RANGES[0]) for one in people async for http in _browsing(one)]


async def _crowd_ms(parts: Parts, address: str, people: list[Someone]) -> list[float]:
    """How long each page took, while each second somebody's sweep brings a play, so that their next page is of another archive."""
    times: list[float] = []

    async def someone(place: int, one: Someone) -> None:
        async for http in _browsing(one):
            await asyncio.sleep(place / len(people))
            for turn in range(_SECONDS):
                if place == turn * 2:
                    await _swept(parts, one)
                took = await _page_ms(http, address, _RANGES[turn % len(_RANGES)])
                times.append(took)
                await asyncio.sleep(max(1 - took / 1000, 0))

    await asyncio.gather(*(someone(place, one) for place, one in enumerate(people)))
    return times


async def _swept(parts: Parts, one: Someone) -> None:
    heard = made_up(1, parts.clock.now())
    heard = replace(heard, track=np.zeros(1, np.int32), keys=heard.keys[:1])
    async with parts.db.transaction() as conn:
        await store(conn, [Batch(one.user, Source.API, heard)])


async def _browsing(one: Someone) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookies=one.cookie, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield http


async def _page_ms(http: aiohttp.ClientSession, address: str, spelling: str) -> float:
    began = time.perf_counter()
    async with http.get(f"{address}/dashboard?range={spelling}") as answer:
        assert answer.status == 200, await answer.text()
        await answer.read()
    return (time.perf_counter() - began) * 1000


@contextlib.asynccontextmanager
async def _serving(parts: Parts, door: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(create_app(parts), log_config=None, access_log=False))
    running = asyncio.create_task(server.serve(sockets=[door]))
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    yield
    server.should_exit = True
    await running


async def _server_ms(address: str, cookie: dict[str, str]) -> float:
    async with aiohttp.ClientSession(cookies=cookie, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:

        async def ask() -> None:
            async with http.get(f"{address}/dashboard?range=7d") as answer:
                assert answer.status == 200, await answer.text()
                await answer.read()
                await asyncio.sleep(0.11)  # within the rate limit; taken off below

        return await median_ms(ask, 25) - 110
