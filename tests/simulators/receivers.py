"""Those who get messages, played at the border: a hook over HTTP and a mail server over SMTP."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(slots=True)
class Receiver:
    """What arrived, in order; `answer` is what the next callers are told."""

    url: str = ""
    answer: int = 200
    texts: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)


@contextlib.asynccontextmanager
async def hook() -> AsyncIterator[Receiver]:
    """A hook that takes `{"text": …}`."""
    receiver = Receiver()

    async def take(request: web.Request) -> web.Response:
        receiver.texts.append((await request.json())["text"])
        receiver.keys.append(request.headers["Idempotency-Key"])
        return web.Response(status=receiver.answer)

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def any_hook() -> AsyncIterator[Receiver]:
    """A hook that takes anything, at its own address and at its root; `texts` are bodies as they came."""
    receiver = Receiver()

    async def take(request: web.Request) -> web.Response:
        receiver.texts.append(await request.text())
        receiver.keys.append(request.headers["Idempotency-Key"])
        receiver.headers.append(request.headers)
        return web.Response(status=receiver.answer)

    app = web.Application()
    app.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def mail_server() -> AsyncIterator[Receiver]:
    """A mail server; `answer` 250 or 200 takes a letter, anything else is said instead after DATA."""
    receiver = Receiver()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                receiver.texts.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                writer.write(f"{250 if receiver.answer == 200 else receiver.answer} so\r\n".encode())
            else:
                writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")
            if word == b"QUIT":
                break
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    receiver.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield receiver
