"""Is a release well? A few plain requests, so that the process that supervises needs no HTTP library."""

from __future__ import annotations

import asyncio
import json

import msgspec

_PATIENCE_S = 5.0
#: By this name our own programs are known, which aren't counted among people.
_AGENT = "Audiospective/up"
#: Where a web server tells at its private address how people fared.
ANSWERS = "/answers"
_MOST = 4 * 1024 * 1024


class Place(msgspec.Struct, frozen=True):
    """Where to ask, and as which host."""

    address: tuple[str, int]
    host: str


async def healthy_version(place: Place) -> str:
    """The version that `/api/health` tells; "" when it doesn't answer with 200."""
    status, body = await _get(place, "/api/health")
    if status != 200:
        return ""
    try:
        return str(json.loads(body)["version"])
    except (ValueError, KeyError, TypeError):
        return ""


async def is_page_there(place: Place, path: str = "/") -> bool:
    """Whether a page answers with 200; or would, to somebody who asks less often."""
    return (await _get(place, path))[0] in {200, 429}


async def answers(place: Place) -> tuple[int, int]:
    """How many requests of people it has answered, and how many with a fault of its own; a release that doesn’t count tells none."""
    status, body = await _get(place, ANSWERS)
    try:
        told = json.loads(body) if status == 200 else {}
        return int(told["asked"]), int(told["failed"])
    except (ValueError, KeyError, TypeError):
        return 0, 0


async def _get(place: Place, path: str) -> tuple[int, bytes]:
    try:
        return await asyncio.wait_for(_asked(place, path), _PATIENCE_S)
    except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
        return 0, b""


async def _asked(place: Place, path: str) -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection(*place.address)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {place.host}\r\nUser-Agent: {_AGENT}\r\nConnection: close\r\n\r\n".encode())
        status = (await reader.readline()).split()
        answer = await reader.read(_MOST)
        while more := await reader.read(_MOST):
            answer += more
    finally:
        writer.close()
    if len(status) < 2:
        raise ValueError("it hung up without an answer")
    return int(status[1]), answer.partition(b"\r\n\r\n")[2]
