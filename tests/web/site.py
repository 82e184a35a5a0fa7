"""An instance that answers over real HTTP, and browsers to visit it with."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web

from audiospective.accounts import people, sessions, tokens
from audiospective.accounts.people import Person
from audiospective.archive.history import HistoryCache
from audiospective.bootstrap import Parts
from audiospective.infra.database import Database
from audiospective.infra.sealing import Sealer
from audiospective.infra.shared_store import Store
from audiospective.infra.telemetry import get_logger
from audiospective.settings import Environment, SchedulerSettings, Secret, Settings, SpotifySettings
from audiospective.simulator.app import create_app as create_simulator
from audiospective.simulator.world import MovableClock, World
from audiospective.spotify.http import Patience, Spotify
from tests.clock import FakeClock

if TYPE_CHECKING:
    import httpx
    from litestar import Litestar

SECRET = "a secret of the tests"
#: Nobody listens there.
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Site:
    """A running instance; `url` is its address."""

    url: str
    parts: Parts
    app: Litestar

    @contextlib.asynccontextmanager
    async def browser(self, **cookies: str) -> AsyncIterator[httpx.AsyncClient]:
        """A browser on one of our pages: it keeps cookies, follows nothing by itself, and says where its requests come from."""
        headers = {"Origin": self.url, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        async with browser_at(self.url, headers=headers, cookies=cookies, timeout=20) as client:
            yield client

    @contextlib.asynccontextmanager
    async def script(self, token: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
        """A program, with a personal token if it has one."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with browser_at(self.url, headers=headers, timeout=20) as client:
            yield client

    async def listener(self, name: str = "mara") -> Person:
        """A listener of that name, made if there is none."""
        async with self.parts.db.transaction() as conn:
            there = {person.name: person for person in await people.everyone(conn)}
            return there.get(name) or await people.add(conn, name, self.parts.clock.now())

    async def session(self, name: str = "mara") -> dict[str, str]:
        """The cookie of a session of theirs."""
        from audiospective.web.visitor import cookie_name  # noqa: PLC0415 (what opens none needn't read the framework)

        person = await self.listener(name)
        async with self.parts.db.transaction() as conn:
            return {cookie_name(self.parts.settings): await sessions.begin(conn, person.id, self.parts.clock.now())}

    async def token(self, name: str = "mara") -> str:
        """A personal token of theirs."""
        person = await self.listener(name)
        async with self.parts.db.transaction() as conn:
            return await tokens.issue(conn, person.id, "test", self.parts.clock.now())


#: Nothing here speaks TLS, and to read the authorities costs 40 ms.
_TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def browser_at(url: str, **options: Any) -> httpx.AsyncClient:
    """A client that keeps cookies."""
    import httpx  # noqa: PLC0415 (as above)

    return httpx.AsyncClient(base_url=url, verify=_TRUST, **options)


@contextlib.asynccontextmanager
async def opened(
    db: Database,
    clock: FakeClock,
    home: Path,
    *,
    spotify_url: str = NOWHERE,
    spotify: Spotify | None = None,
    app_url: str = "",
    strict: bool = False,
    scheduler: SchedulerSettings | None = None,
    store: Store | None = None,
    proxies: tuple[str, ...] = (),
) -> AsyncIterator[Site]:
    """An instance on a free port; `app_url` is its public address where that differs, `spotify` a client that is there already."""
    from tests.web.serving import serving  # noqa: PLC0415 (as above)

    door = socket.create_server(("127.0.0.1", 0))
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio doesn't at a door that it didn't open: 40 ms for each answer
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    asked = SpotifySettings("simulator", Secret("simulator"), spotify_url, spotify_url, simulated=True)
    environment = Environment.PRODUCTION if strict else Environment.DEVELOPMENT
    secrets = (Secret("a secret of the tests"),)
    settings = Settings(environment, home, None, app_url or url, secrets, asked, scheduler or SchedulerSettings(), trusted_proxies=proxies)
    async with aiohttp.ClientSession() as http:
        patience = Patience(pause_s=0.01, try_s=2, total_s=3)
        client = spotify or Spotify(http, asked, patience)
        parts = Parts(settings, clock, db, client, Sealer([SECRET]), HistoryCache(), get_logger(), store)
        async with serving(parts, door) as app:
            yield Site(url, parts, app)


@contextlib.asynccontextmanager
async def simulator(clock: FakeClock) -> AsyncIterator[tuple[str, World]]:
    """Spotify's stand-in on a free port, living in the test's time."""
    world = World(MovableClock(clock.now), clock.now().date())
    runner = web.AppRunner(create_simulator(world), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", world
    finally:
        await runner.cleanup()


async def agree(authorize_url: str, *, answer: str = "agree", place: int = 0) -> str:
    """Press a button on Spotify's page as one of its listeners; the path and query that Spotify sends the browser back to."""
    parts = urlsplit(authorize_url)
    wish = {name: values[0] for name, values in parse_qs(parts.query).items()}
    async with browser_at(f"{parts.scheme}://{parts.netloc}") as client:
        page = await client.get(f"{parts.path}?{parts.query}")
        listener = re.findall(r'name="listener"[^>]*value="([^"]+)"', page.text)[place]
        back = await client.post("/authorize", data={**wish, "listener": listener, "answer": answer})
    return back.headers["Location"]
