"""A line asked and lines answered, between processes of one account on one machine: a socket in a private folder."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from audiospective.errors import Unavailable

Answer = Callable[[bytes], AsyncIterator[bytes]]


@contextlib.asynccontextmanager
async def answering(path: Path, answer: Answer) -> AsyncIterator[None]:
    """Answer whoever asks at `path` while the block runs. One who leaves before the end stops nothing that was begun elsewhere."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ValueError):
            async for line in answer(await reader.readline()):
                writer.write(line + b"\n")
                await writer.drain()
        writer.close()

    path.unlink(missing_ok=True)
    with _reached(path) as place, socket.socket(socket.AF_UNIX) as door:
        door.bind(place)
        path.chmod(0o600)
        server = await asyncio.start_unix_server(serve, sock=door)
        try:
            yield
        finally:
            server.close()
            path.unlink(missing_ok=True)


async def ask(path: Path, question: bytes, *, patience_s: float) -> AsyncIterator[bytes]:
    """Ask, and give the answer's lines as they come. Raises Unavailable when nobody is there, or nothing comes for so long."""
    try:
        with _reached(path) as place:
            reader, writer = await asyncio.open_unix_connection(place)
    except OSError as error:
        raise Unavailable(f"Nobody answers at {path}.") from error
    try:
        writer.write(question + b"\n")
        while line := await asyncio.wait_for(reader.readline(), patience_s):
            yield line.rstrip(b"\n")
    except (TimeoutError, ConnectionError) as error:
        raise Unavailable(f"No answer came at {path} within {patience_s:g} seconds.") from error
    finally:
        writer.close()


def asked_at_once(path: Path, question: bytes, *, patience_s: float) -> bytes:
    """The first line of an answer, for whoever has no loop to wait in. Raises Unavailable as `ask` does."""
    try:
        with _reached(path) as place, socket.socket(socket.AF_UNIX) as line:
            line.settimeout(patience_s)
            line.connect(place)
            line.sendall(question + b"\n")
            with line.makefile("rb") as answer:
                return answer.readline().rstrip(b"\n")
    except OSError as error:
        raise Unavailable(f"Nobody answers at {path}.") from error


@contextlib.contextmanager
def _reached(path: Path) -> Iterator[str]:
    """A name for the path that is short enough for the kernel, whose limit is 107 bytes: by way of the opened folder."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}" if os.path.isdir("/proc/self/fd") else str(path)
    finally:
        os.close(folder)
