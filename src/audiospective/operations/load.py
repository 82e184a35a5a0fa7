"""Visitors who ask all the time, and notice everything: no request is tried a second time, whatever becomes of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlsplit

import msgspec

from audiospective.infra.clock import Clock

#: Pages, and not `/api/health`: what that says of a busy machine is true, and no request that failed.
_PATHS: Final = ("/", "/privacy", "/terms")
_PAUSE_S = 0.1
_PATIENCE_S = 15.0

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Load(msgspec.Struct):
    """What visitors met so far."""

    asked: int = 0
    failed: list[str] = msgspec.field(default_factory=list)
    slowest_s: float = 0.0


@contextlib.asynccontextmanager
async def visitors(address: str, clock: Clock, *, count: int = 8) -> AsyncIterator[Load]:
    """So many visitors while the block runs; every second one keeps its connection. Each comes from an address of its own, as people do."""
    load, leaving = Load(), asyncio.Event()
    tasks = [asyncio.create_task(_visit(address, number, load, clock, leaving)) for number in range(count)]
    try:
        yield load
    finally:
        leaving.set()
        await asyncio.gather(*tasks)


async def _visit(address: str, number: int, load: Load, clock: Clock, leaving: asyncio.Event) -> None:
    place, connection = urlsplit(address), None
    while not leaving.is_set():
        path, began = _PATHS[load.asked % len(_PATHS)], clock.monotonic()
        load.asked += 1
        try:
            connection = connection or await _connected(place.hostname or "", place.port or 80, number)
            keeps = await asyncio.wait_for(_ask(connection, place.netloc, path), _PATIENCE_S)
        except (OSError, ValueError, EOFError, TimeoutError) as error:
            load.failed.append(f"{path}: {type(error).__name__} {error}")
            keeps = False
        load.slowest_s = max(load.slowest_s, clock.monotonic() - began)
        if connection and (number % 2 or not keeps):
            connection[1].close()
            connection = None
        await asyncio.sleep(_PAUSE_S)
    if connection:
        connection[1].close()


async def _connected(host: str, port: int, number: int) -> Connection:
    with contextlib.suppress(OSError):  # a machine without the whole of 127/8: all visitors share one address
        return await asyncio.open_connection(host, port, local_addr=(f"127.0.9.{number + 1}", 0))
    return await asyncio.open_connection(host, port)


async def _ask(connection: Connection, host: str, path: str) -> bool:
    """One request; whether the connection may be used again. Raises for everything that isn't a whole answer with 200."""
    reader, writer = connection
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    lines = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    await reader.readexactly(int(lines["content-length"]))
    if (status := head.split()[1]) != "200":
        raise ValueError(f"answered with {status}")
    return lines.get("connection") != "close"
