"""Redis, where one is set up: counters that all processes share, over its own protocol or over HTTPS (Upstash).

It is never the only copy of anything. Whatever it does wrong (away, slow, full, flushed, another's value under our key) becomes
StoreUnavailable, and the caller goes on without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

import aiohttp
import msgspec

from audiospective.errors import Unavailable
from audiospective.outside import RedisSettings

#: One question may take this long: a page must not wait for a counter.
PATIENCE_S: Final = 0.25
_ANSWER_BYTES = 64 * 1024


class StoreUnavailable(Unavailable):
    """The shared store doesn't answer, or not as it should."""


class Count(msgspec.Struct, frozen=True):
    """How often a key was used in its window, this time included, and how long the window lasts."""

    used: int
    left_ms: int


class Store(Protocol):
    """Two questions; each raises StoreUnavailable."""

    async def ping(self) -> None:
        """Ask whether it is there."""

    async def count(self, key: str, seconds: int) -> Count:
        """Count a use of `key`; the first one begins a window of so many seconds."""

    async def close(self) -> None:
        """Let go of it."""


def open_store(settings: RedisSettings, http: aiohttp.ClientSession) -> Store | None:
    """The store that is set up; None without one. Nothing is asked of it yet."""
    if settings.rest_url:
        return RestStore(http, settings.rest_url, settings.rest_token.reveal())
    return RedisStore(settings.url.reveal()) if settings.url else None


class RedisStore:
    """A Redis by its own protocol."""

    def __init__(self, url: str, *, patience_s: float = PATIENCE_S) -> None:
        from redis.asyncio import Redis  # noqa: PLC0415 (only who has one pays for it)

        self._patience_s = patience_s
        self._redis = Redis.from_url(
            url,
            protocol=2,  # older servers know no other
            decode_responses=True,
            socket_timeout=patience_s,
            socket_connect_timeout=patience_s,
            max_connections=50,
            retry=None,
        )

    async def ping(self) -> None:
        """PING, and nothing but a pong is good."""
        await self._ask([["PING"]])

    async def count(self, key: str, seconds: int) -> Count:
        """All three commands as one transaction."""
        return _count(await self._ask(_counting(key, seconds)))

    async def close(self) -> None:
        """Close its connections."""
        await self._redis.aclose()

    async def _ask(self, commands: Sequence[Sequence[str]]) -> list[object]:
        from redis.exceptions import RedisError  # noqa: PLC0415

        try:
            async with asyncio.timeout(self._patience_s):
                async with self._redis.pipeline(transaction=len(commands) > 1) as pipeline:
                    for command in commands:
                        pipeline.execute_command(*command)
                    return list(await pipeline.execute())
        except (RedisError, OSError, TimeoutError) as error:
            raise StoreUnavailable(f"Redis doesn't answer as it should ({type(error).__name__}).") from error


class RestStore:
    """A Redis over HTTPS, as Upstash serves it: a JSON list for a command, a list of those for a transaction."""

    def __init__(self, http: aiohttp.ClientSession, url: str, token: str, *, patience_s: float = PATIENCE_S) -> None:
        self._http = http
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout = aiohttp.ClientTimeout(total=patience_s)

    async def ping(self) -> None:
        """PING, and nothing but PONG is good."""
        if await self._ask("/", ["PING"]) != {"result": "PONG"}:
            raise StoreUnavailable("Redis answers something else than PONG.")

    async def count(self, key: str, seconds: int) -> Count:
        """All three commands as one transaction."""
        told = await self._ask("/multi-exec", _counting(key, seconds))
        if not isinstance(told, list) or not all(isinstance(one, dict) and "result" in one for one in told):
            raise StoreUnavailable("Redis refuses to count.")  # it says so with status 200
        return _count([one["result"] for one in told])

    async def close(self) -> None:
        """The HTTP session is somebody else's."""

    async def _ask(self, path: str, command: object) -> object:
        try:
            async with self._http.post(
                self._url + path, json=command, headers=self._headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                status, body = response.status, await response.content.read(_ANSWER_BYTES)
            told: object = msgspec.json.decode(body)
        except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError) as error:
            raise StoreUnavailable(f"Redis doesn't answer as it should ({type(error).__name__}).") from error
        if status != 200:
            raise StoreUnavailable(f"Redis answers with status {status}.")
        return told


def _counting(key: str, seconds: int) -> list[list[str]]:
    """The window begins with the first use, and is never longer for later ones."""
    return [["SET", key, "0", "PX", str(seconds * 1000), "NX"], ["INCR", key], ["PTTL", key]]


def _count(told: Sequence[object]) -> Count:
    match told:
        case [_, int(used), int(left_ms)] if left_ms >= 0:
            return Count(used, left_ms)
        case _:  # a key without an end is none of ours, and would lock its owner out for ever
            raise StoreUnavailable("Redis counts in a way that isn't ours.")
