"""The framework and the server of the instances that tests open."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from litestar import Litestar
from litestar.types import ASGIApp

from audiospective.bootstrap import Parts
from audiospective.web.app import furnish, routed
from audiospective.web.protocol import BoundedProtocol

#: Applications whose routes are made and which no test has now: making them costs a quarter of a second, furnishing them nothing.
_FREE: list[tuple[Litestar, ASGIApp]] = []


def _routed() -> tuple[Litestar, ASGIApp]:
    app = routed()
    return app, app.asgi_handler


class _Server(uvicorn.Server):
    """Begins and ends at once, where uvicorn looks ten times a second whether it is told to: half of what a test of a page took."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.told = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 (the door is closed by whoever opened it)
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 (nor for this)
                    await asyncio.sleep(0.002)
        for task in self.server_state.tasks:
            task.cancel()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(parts: Parts, door: socket.socket) -> AsyncIterator[Litestar]:
    """An application of these parts at this door."""
    app, routes = _FREE.pop() if _FREE else _routed()
    server = _Server(
        uvicorn.Config(
            furnish(app, routes, parts),
            http=BoundedProtocol,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[door]))
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0.001)
    yield app
    server.told.set()
    await task
    door.close()
    _FREE.append((app, routes))
