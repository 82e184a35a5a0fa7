"""Redis, played over its own protocol and over Upstash's REST (providers.md §3): the commands that counters need, and trouble on demand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "a-token-of-upstash"


@dataclass(slots=True)
class FakeRedis:
    """What it holds, and how it behaves. `now_ms` is its clock."""

    now_ms: Callable[[], float]
    url: str = ""
    values: dict[str, str | list[str]] = field(default_factory=dict)
    ends: dict[str, float] = field(default_factory=dict)
    asked: list[list[str]] = field(default_factory=list)
    delay_s: float = 0.0
    pong: str = "PONG"
    token: str = TOKEN
    error: str = ""
    """Said instead of every answer, as a full or an overworked server does."""

    def flush(self) -> None:
        """Everything is gone, as after an eviction or FLUSHALL."""
        self.values.clear()
        self.ends.clear()

    def do(self, command: Sequence[str]) -> str | int | None:
        """One command; raises ValueError with what Redis says of it."""
        self.asked.append(list(command))
        if self.error:
            raise ValueError(self.error)
        name, *rest = command
        match name.upper():
            case "PING":
                return self.pong
            case "SET":
                return self._set(rest)
            case "INCR":
                return self._incr(rest[0])
            case "PTTL":
                self._expire(rest[0])
                return -2 if rest[0] not in self.values else int(self.ends[rest[0]] - self.now_ms()) if rest[0] in self.ends else -1
            case "CLIENT" | "HELLO" | "SELECT":
                return "OK"
            case _:
                raise ValueError(f"ERR unknown command '{name}'")

    def _set(self, words: Sequence[str]) -> str | None:
        key, value, *options = words
        self._expire(key)
        if "NX" in options and key in self.values:
            return None
        self.values[key] = value
        if "PX" in options:
            self.ends[key] = self.now_ms() + float(options[options.index("PX") + 1])
        return "OK"

    def _incr(self, key: str) -> int:
        self._expire(key)
        held = self.values.get(key, "0")
        if isinstance(held, list):
            raise ValueError("WRONGTYPE Operation against a key holding the wrong kind of value")
        if not held.lstrip("-").isdigit():
            raise ValueError("ERR value is not an integer or out of range")
        self.values[key] = str(int(held) + 1)
        return int(held) + 1

    def _expire(self, key: str) -> None:
        if self.ends.get(key, float("inf")) <= self.now_ms():
            self.values.pop(key, None)
            self.ends.pop(key, None)


@contextlib.asynccontextmanager
async def rest(redis: FakeRedis) -> AsyncIterator[FakeRedis]:
    """It, over HTTP on a free port of this machine."""

    async def command(request: web.Request) -> web.Response:
        if (bad := await _refused(redis, request)) is not None:
            return bad
        try:
            return web.json_response({"result": redis.do(await request.json())})
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)

    async def ping(request: web.Request) -> web.Response:
        if (bad := await _refused(redis, request)) is not None:
            return bad
        return web.json_response({"result": redis.do(["PING"])})

    async def transaction(request: web.Request) -> web.Response:
        if (bad := await _refused(redis, request)) is not None:
            return bad
        return web.json_response([_said(redis, one) for one in await request.json()])  # 200, whatever became of each

    app = web.Application()
    app.router.add_post("/", command)
    app.router.add_get("/ping", ping)
    app.router.add_post("/multi-exec", transaction)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    redis.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield redis
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def server(redis: FakeRedis) -> AsyncIterator[FakeRedis]:
    """It, over Redis' own protocol on a free port of this machine."""

    open_now: set[asyncio.StreamWriter] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_now.add(writer)
        queued: list[list[str]] | None = None
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                command = await _command(reader)
                await asyncio.sleep(redis.delay_s)
                match command[0].upper():
                    case "MULTI":
                        queued = []
                        writer.write(b"+OK\r\n")
                    case "EXEC":
                        replies = [_reply(redis, one) for one in queued or []]
                        queued = None
                        writer.write(b"*%d\r\n" % len(replies) + b"".join(replies))
                    case _ if queued is not None:
                        queued.append(command)
                        writer.write(b"+QUEUED\r\n")
                    case _:
                        writer.write(_reply(redis, command))
                await writer.drain()
        writer.close()
        open_now.discard(writer)

    listening = await asyncio.start_server(converse, "127.0.0.1", 0)
    redis.url = f"redis://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield redis
    listening.close()
    for writer in open_now:
        writer.close()


async def _command(reader: asyncio.StreamReader) -> list[str]:
    count = int((await reader.readuntil(b"\r\n"))[1:])
    words = []
    for _ in range(count):
        size = int((await reader.readuntil(b"\r\n"))[1:])
        words.append((await reader.readexactly(size + 2))[:-2].decode())
    return words


def _reply(redis: FakeRedis, command: list[str]) -> bytes:
    if command[0].upper() == "HELLO":
        return b"-ERR unknown command 'HELLO'\r\n"
    try:
        said = redis.do(command)
    except ValueError as error:
        return f"-{error}\r\n".encode()
    if said is None:
        return b"$-1\r\n"
    return b":%d\r\n" % said if isinstance(said, int) else f"+{said}\r\n".encode()


async def _refused(redis: FakeRedis, request: web.Request) -> web.Response | None:
    await asyncio.sleep(redis.delay_s)
    if request.headers.get("Authorization") != f"Bearer {redis.token}":
        return web.json_response({"error": "WRONGPASS invalid password"}, status=401)
    return None


def _said(redis: FakeRedis, command: list[str]) -> dict[str, Any]:
    try:
        return {"result": redis.do(command)}
    except ValueError as error:
        return {"error": str(error)}
