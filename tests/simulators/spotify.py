"""A running Spotify simulator for each test that asks: real HTTP on a port of its own, by the test's clock."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from aiohttp import web

from audiospective.settings import Secret, SpotifySettings
from audiospective.simulator import tokens
from audiospective.simulator.app import create_app
from audiospective.simulator.catalogue import catalogue
from audiospective.simulator.tokens import Token
from audiospective.simulator.world import MovableClock, Regime, World
from audiospective.spotify.http import Patience, Spotify
from audiospective.spotify.oauth import SCOPE, TokenPair
from tests.clock import FakeClock

#: Short, so that a test of a silent Spotify takes no time.
QUICK = Patience(total_s=20.0, try_s=8.0, tries=3, pause_s=0.005)


class SpotifySimulator:
    """The simulator as a test sees it: where it is, whom it knows, what trouble it shall make."""

    def __init__(self, clock: FakeClock) -> None:
        self.world = World(MovableClock(clock.now), clock.now().date(), controlled=True)
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Listen on a free port."""
        self._thread.start()
        assert self._ready.wait(30), "the simulator did not come up"

    def stop(self) -> None:
        """Hang up."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def settings(self, **changed: Any) -> SpotifySettings:
        """Settings that lead here."""
        secret = Secret("simulator")
        given = {"client_id": "simulator", "client_secret": secret, "accounts_url": self.url, "api_url": self.url, "simulated": True}
        return SpotifySettings(**{**given, **changed})

    def trouble(self, path: str, trouble: str, **how: Any) -> None:
        """Script trouble for the next answers of a path (simulator/faults.py)."""
        self.world.faults.add(path=path, trouble=trouble, **how)

    def tokens(self, listener: str = "veteran", scope: str = SCOPE) -> TokenPair:
        """What somebody who has just agreed would hold."""
        grant = self.world.grant(listener, "simulator", scope)
        made = Token(grant, self.world.now_ms)
        return TokenPair(tokens.write("access", made), tokens.write("refresh", made), 3600, scope)

    def play(self, listener: str, ended_at: datetime, *, track: int = 0, seen_at: datetime | None = None) -> None:
        """Let a play have happened; seen by the last-plays call from `seen_at` on."""
        ended_ms, seen_ms = (int(moment.timestamp() * 1000) for moment in (ended_at, seen_at or ended_at))
        self.world.plant(listener, track, ended_ms, seen_ms, catalogue().tracks[track].duration_ms)

    def revoke(self, listener: str = "veteran") -> None:
        """Let somebody take back every permission given so far."""
        self.world.revoke(listener)

    def regime(self, regime: str) -> None:
        """What a refresh answers: "keeps", "rotates" or "empty"."""
        self.world.regime = Regime(regime)

    def seen(self, request: str) -> int:
        """How often it was asked for something, as in `seen("GET /v1/me")`."""
        return self.world.seen[request]

    async def agree(self, address: str, listener: str = "veteran", answer: str = "agree") -> dict[str, str]:
        """Sign in on the authorize page; gives the query that comes back to the app."""
        form = {**dict(parse_qsl(urlsplit(address).query)), "listener": listener, "answer": answer}
        async with aiohttp.ClientSession() as browser:
            await (await browser.get(address)).read()
            response = await browser.post(f"{self.url}/authorize", data=form, allow_redirects=False)
            return dict(parse_qsl(urlsplit(response.headers["Location"]).query))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        runner = web.AppRunner(create_app(self.world), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()


@pytest.fixture
def simulator(clock: FakeClock) -> Iterator[SpotifySimulator]:
    """A Spotify that this test has for itself; its time is the test's clock."""
    running = SpotifySimulator(clock)
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def spotify(simulator: SpotifySimulator) -> AsyncIterator[Spotify]:
    """The client, pointed at the simulator; it rests but a moment between two tries."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Spotify(http, simulator.settings(), QUICK)
