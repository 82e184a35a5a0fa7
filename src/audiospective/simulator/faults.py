"""Scripted trouble: what the next answers of a path are instead of the right ones."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from aiohttp import web


class Trouble(StrEnum):
    """What can be scripted; the rest of a Fault says how much of it."""

    RATE_LIMIT = "rate_limit"
    """429 with the plain text of Spotify's gateway."""
    QUOTA = "quota"
    """429 QUOTA_EXCEEDED."""
    STATUS = "status"
    """`status` with Spotify's nested error and `message`."""
    OAUTH = "oauth"
    """400 with the flat error of the token endpoint: `message` as "error: description"."""
    SLOW = "slow"
    """The right answer, `seconds` late."""
    DRIP = "drip"
    """The right answer, a byte at a time, `seconds` between."""
    MALFORMED = "malformed"
    """The right answer, cut in half."""
    HTML = "html"
    """200 with a page."""
    EMPTY_BODY = "empty_body"
    """200 with nothing."""
    EMPTY_PAGE = "empty_page"
    """The answer of somebody who heard nothing."""
    RESET = "reset"
    """The connection breaks off in the middle of the answer."""
    REDIRECT = "redirect"
    """302 to `location`."""
    BODY = "body"
    """200 with `body` as JSON."""
    ITEMS = "items"
    """The right page with the items of `body` put before its own."""
    HEADERS_ONLY = "headers_only"
    """The connection is closed before any answer."""


@dataclass(slots=True)
class Fault:
    """Trouble for the next `times` requests whose path begins with `path`."""

    path: str
    trouble: Trouble
    times: int = 1
    status: int = 500
    message: str = ""
    retry_after: str | None = None
    """The Retry-After header as it shall stand, garbage included; None for no header."""
    seconds: float = 0.0
    location: str = ""
    body: object = None


@dataclass(slots=True)
class Faults:
    """The script of a test: first in, first played."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, **fault: Any) -> None:
        """Script trouble; the fields of Fault by name. Raises ValueError or TypeError for what isn't one."""
        self.waiting.append(Fault(**{**fault, "trouble": Trouble(fault["trouble"])}))

    def clear(self) -> None:
        """Forget the rest of the script."""
        self.waiting.clear()

    def take(self, path: str) -> Fault | None:
        """The trouble for this request, if any."""
        for fault in self.waiting:
            if path.startswith(fault.path) and fault.times > 0:
                fault.times -= 1
                return fault
        return None


async def instead(fault: Fault) -> web.Response | None:
    """The answer that stands for the right one; None when the right one is needed to make it."""
    headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
    match fault.trouble:
        case Trouble.RATE_LIMIT:
            return web.Response(status=429, text="Too many requests", headers=headers)
        case Trouble.QUOTA:
            error = {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}
            return web.json_response({"error": error}, status=429, headers=headers)
        case Trouble.STATUS:
            return web.json_response({"error": {"status": fault.status, "message": fault.message}}, status=fault.status, headers=headers)
        case Trouble.OAUTH:
            code, _, description = fault.message.partition(": ")
            return web.json_response({"error": code, "error_description": description}, status=400)
        case Trouble.HTML:
            return web.Response(text="<!doctype html><title>Maintenance</title><h1>Back soon</h1>", content_type="text/html")
        case _:
            return _instead_of_body(fault)


def _instead_of_body(fault: Fault) -> web.Response | None:
    match fault.trouble:
        case Trouble.EMPTY_BODY:
            return web.Response(body=b"", content_type="application/json")
        case Trouble.EMPTY_PAGE:
            return web.json_response({"items": [], "next": None, "cursors": None, "limit": 50, "href": ""})
        case Trouble.REDIRECT:
            return web.Response(status=302, headers={"Location": fault.location})
        case Trouble.BODY:
            return web.json_response(fault.body)
        case _:
            return None


async def spoil(fault: Fault, request: web.Request, right: web.Response) -> web.StreamResponse:
    """The right answer with something done to it."""
    body = bytes(right.body) if isinstance(right.body, bytes | bytearray) else b""
    match fault.trouble:
        case Trouble.SLOW:
            await asyncio.sleep(fault.seconds)
            return right
        case Trouble.MALFORMED:
            return web.Response(body=body[: len(body) // 2], content_type="application/json")
        case Trouble.ITEMS:
            page = json.loads(body)
            extra = fault.body if isinstance(fault.body, list) else []
            return web.json_response({**page, "items": [*extra, *page["items"]]})
        case Trouble.DRIP:
            return await _drip(request, body, fault.seconds)
        case _:
            return await _break_off(request, body if fault.trouble is Trouble.RESET else b"")


async def _drip(request: web.Request, body: bytes, seconds: float) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    for byte in body:
        await response.write(bytes([byte]))
        await asyncio.sleep(seconds)
    return response


async def _break_off(request: web.Request, body: bytes) -> web.StreamResponse:
    """Promise the whole, send half, hang up."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    if body:
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.abort()
    return response
