"""What operating costs: `/api/health` when all is well and when everything hangs, the worker's look each minute, a preflight whole."""

from __future__ import annotations

import asyncio
import contextlib
import io
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import numpy as np

from audiospective.infra.database import Database
from audiospective.infra.telemetry import configure_logging
from audiospective.operations import watching
from audiospective.operations.health import FRESH_S, OLD_S, Observer
from audiospective.operations.measure import Profile, Scene, readings
from audiospective.operations.probes.site import Target
from audiospective.operations.watching import Eyes
from bench.figure import Figure, once_ms
from tests.clock import FakeClock
from tests.web.site import opened

_CALLS, _HANGING, _MINUTES = 400, 5, 120


async def figures(db: Database) -> list[Figure]:
    """Each with its budget; the reference of a request is one that does nothing."""
    configure_logging(json=True, stream=io.StringIO())
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        clock = FakeClock()
        async with opened(db, clock, home) as site, aiohttp.ClientSession() as http:
            well = await _taken(http, f"{site.url}/api/health", _CALLS, lambda: clock.forward(seconds=2 * FRESH_S))
            bare = await _taken(http, f"{site.url}/no/such/page", _CALLS)
            scene = Scene(db, http, clock, {}, Target(site.url, site.url, "0"), site.parts.settings.spotify, home, home)
            preflight = await once_ms(lambda: readings(scene, Profile.SELF_HOSTED)) / 1000
            busy = await _watched(Eyes(Observer(db, site.parts.spotify, clock), home, site.url), db, clock)
        async with _tarpit() as nowhere:
            away = Database(f"postgresql://{nowhere.removeprefix('http://')}/none?connect_timeout=60")
            await away.open()
            async with opened(away, clock, home, spotify_url=nowhere) as site, aiohttp.ClientSession() as http:
                hanging = await _taken(http, f"{site.url}/api/health", _HANGING, lambda: clock.forward(seconds=2 * OLD_S))
            await away.close()
    return [
        Figure("/api/health, p99", _p99(well), "ms", "≤ 50", f"a page that isn't there {_p99(bare):.1f} ms"),
        Figure("/api/health with every dependency hanging, slowest", max(hanging), "ms", "≤ 1000", f"of {_HANGING}"),
        Figure("a worker's look each minute, of one processor", busy, "%", "≤ 1", "CPU of this process"),
        Figure("every reading of a preflight on one machine", preflight, "s", "≤ 60"),
    ]


def _p99(taken: list[float]) -> float:
    return float(np.percentile(taken, 99))


async def _taken(http: aiohttp.ClientSession, url: str, calls: int, between: Callable[[], object] | None = None) -> list[float]:
    """How long each call took, in ms; `between` lets the time pass after which it is looked at anew."""
    taken = []
    for _ in range(calls):
        if between is not None:
            between()
        began = time.perf_counter()
        async with http.get(url) as answer:
            await answer.read()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


async def _watched(eyes: Eyes, db: Database, clock: FakeClock) -> float:
    """Per cent of a processor, when one look is made a minute."""
    began = time.process_time()
    for _ in range(_MINUTES):
        clock.forward(minutes=1)
        await watching.watch(db, eyes, clock)
    return (time.process_time() - began) / (_MINUTES * 60) * 100


@contextlib.asynccontextmanager
async def _tarpit() -> AsyncIterator[str]:
    """Takes connections and says nothing."""

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await reader.read(-1)
        writer.close()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
