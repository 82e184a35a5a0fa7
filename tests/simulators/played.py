"""What every simulated provider has: a port of its own, a credential that it looks for, a journal, and trouble as a test scripts it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Trouble:
    """What is answered instead, `times` times (for ever: -1). `cut` ends the connection in the middle of the body."""

    status: int = 500
    body: Any = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = -1
    delay_s: float = 0.0
    cut: bool = False


@dataclass(slots=True)
class Played:
    """A provider. `rejects` is what it says to a wrong credential."""

    url: str = ""
    credential: str = "good"
    header: str = "Authorization"
    scheme: str = "Bearer "
    rejected: tuple[int, Any] = (401, {"error": "Unauthorized"})
    asked: list[str] = field(default_factory=list)
    """Method and path of every call, in order."""
    bodies: list[Any] = field(default_factory=list)
    troubles: dict[str, Trouble] = field(default_factory=dict)
    """By how method and path begin, as in "GET /v9/projects"; the longest that fits."""

    def trouble(self, call: str, status: int = 500, body: Any = None, **more: Any) -> None:
        """From now on that call goes wrong."""
        self.troubles[call] = Trouble(status, body, **more)

    def count(self, call: str) -> int:
        """How often a call that begins so was made."""
        return sum(one.startswith(call) for one in self.asked)

    async def before(self, request: web.Request) -> web.StreamResponse | None:
        """The answer of whoever is in trouble, or shows no good credential."""
        call = f"{request.method} {request.path}"
        self.asked.append(call)
        fitting = max((one for one in self.troubles if call.startswith(one)), key=len, default=None)
        if fitting is not None and self.troubles[fitting].times:
            return await self._in_trouble(self.troubles[fitting], request)
        if self.header and request.headers.get(self.header) != f"{self.scheme}{self.credential}":
            status, body = self.rejected
            return web.json_response(body, status=status)
        return None

    async def _in_trouble(self, trouble: Trouble, request: web.Request) -> web.StreamResponse | None:
        trouble.times -= 1
        await asyncio.sleep(trouble.delay_s)
        if trouble.cut:
            answer = web.StreamResponse(headers={"Content-Length": "5000", "Content-Type": "application/json"})
            await answer.prepare(request)
            await answer.write(b'{"projects": [{"id"')
            if request.transport:
                request.transport.close()
            return answer
        if trouble.text is not None:
            return web.Response(text=trouble.text, status=trouble.status, headers=trouble.headers)
        return web.json_response(trouble.body, status=trouble.status, headers=trouble.headers)


@contextlib.asynccontextmanager
async def on_a_port(played: Played, routes: Mapping[str, Handler]) -> AsyncIterator[str]:
    """Its routes ("GET /v1/x/{id}") on a free port; its address."""

    @web.middleware
    async def middle(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await played.before(request) or await handler(request)

    app = web.Application(middlewares=[middle])
    for route, handler in routes.items():
        method, _, path = route.partition(" ")
        app.router.add_route(method, path, handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    played.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield played.url
    finally:
        await runner.cleanup()


P = TypeVar("P", bound=Played)


@contextlib.contextmanager
def beside(playing: Callable[[P], AbstractAsyncContextManager[P]], fake: P) -> Iterator[P]:
    """The provider in a thread of its own, since a command brings its own loop."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    done = asyncio.Event()

    async def main() -> None:
        async with playing(fake):
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()), daemon=True)
    thread.start()
    ready.wait(5)
    yield fake
    loop.call_soon_threadsafe(done.set)
    thread.join(5)
    loop.close()
