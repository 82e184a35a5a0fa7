"""A web server at a door that isn't its own: two signals let it take the door and let go of it, while it answers at a private one.

Several releases share the listening socket that `up` holds, so that nobody is turned away while one follows another. SIGUSR1: take
connections from the door. SIGUSR2: take no more; what was begun is finished, and each answer on a connection that stays asks its client to
connect anew. SIGTERM: end, when what was begun is done. At the private one `/answers` tells how people fared.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
from collections.abc import Iterator, MutableMapping
from functools import partial
from types import FrameType
from typing import Any

import uvicorn

from audiospective.cli.probing import ANSWERS
from audiospective.web.protocol import BoundedProtocol

#: What was begun may take this long at the end.
_FAREWELL_S = 10
_BACKLOG = 1024


async def serve(app: Any, door: socket.socket, private: socket.socket | None, *, at_once: bool) -> None:
    """Serve until SIGTERM or SIGINT; at the door from the start, or when told."""
    server = _Server(app, door, private)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.handle_exit, number, None)
    loop.add_signal_handler(signal.SIGUSR1, server.take)
    loop.add_signal_handler(signal.SIGUSR2, server.let_go)
    server.takes_at_once = at_once
    await server.serve(sockets=[private] if private else [])


class _Server(uvicorn.Server):
    """uvicorn's, with a door that can be given away; told to stop by us, whose parts are put away before the process ends."""

    def __init__(self, app: Any, door: socket.socket, private: socket.socket | None) -> None:
        super().__init__(
            uvicorn.Config(
                self._answer,
                interface="asgi3",
                http=BoundedProtocol,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=_FAREWELL_S,
            )
        )
        self._app, self._door = app, door
        self._private_port = private.getsockname()[1] if private else 0
        self._taken: asyncio.base_events.Server | None = None
        self._taking: asyncio.Task[None] | None = None
        self.takes_at_once = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None are captured."""
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Open pages are let go first, so that nothing lasts longer than what was begun."""
        self._app.state.live.close()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the private socket, and the door if it is ours from the start."""
        await super().startup(sockets)
        if self.takes_at_once:
            await self._take()

    def take(self) -> None:
        """Take connections from the door."""
        self._taking = asyncio.get_running_loop().create_task(self._take())

    def let_go(self) -> None:
        """Take no more connections from the door; it stays open for others. Open pages ask again, and find whoever has it then."""
        self._app.state.live.close()
        if self._taken is not None:
            self.servers.remove(self._taken)
            self._taken.close()
            self._taken = None

    async def _take(self) -> None:
        if self._taken is None and not self.should_exit:
            connected = partial(BoundedProtocol, config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
            self._taken = await asyncio.get_running_loop().create_server(connected, sock=self._door.dup(), backlog=_BACKLOG)
            self.servers.append(self._taken)

    async def _answer(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """The application's answer; from a server that has no door, with the wish that the client connects anew."""
        if scope.get("path") == ANSWERS and (scope.get("server") or ("", -1))[1] == self._private_port:
            await self._tell_answers(send)
            return
        if self._taken is not None or scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def parting(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            await send(message)

        await self._app(scope, receive, parting)

    async def _tell_answers(self, send: Any) -> None:
        told = self._app.state.answers
        body = json.dumps({"asked": told.asked, "failed": told.failed}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
