"""How often may one key be used? Counted in windows that begin with a key's first use: in this process, and where there is a shared
store, there too, so that many processes are one.

The process always counts for itself: what it refuses needs no question, and when the store is away its count is what holds.
"""

from __future__ import annotations

import hmac
import math
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from audiospective.infra.shared_store import Store, StoreUnavailable
from audiospective.infra.telemetry import get_logger

#: Keys remembered at most; beyond it the oldest windows are forgotten, so that a flood of keys can't fill the memory.
_MOST_KEYS = 100_000
#: A store that failed isn't asked again for so long.
_ALONE_S = 5.0


class Limit(msgspec.Struct, frozen=True):
    """So many uses in so many seconds; limits of different names are counted apart. `shared` ones by all processes together."""

    name: str
    uses: int
    seconds: int
    shared: bool = True


class Verdict(msgspec.Struct, frozen=True):
    """What became of one use, in the terms of the X-RateLimit-* headers."""

    limit: int
    remaining: int
    reset_s: int
    """Seconds until the window ends, at least 1."""
    allowed: bool


class _Window(msgspec.Struct):
    ends_at: float
    used: int = 0


class Limiter:
    """Counts uses by key; `monotonic` gives seconds that only grow."""

    def __init__(self, monotonic: Callable[[], float], *, most_keys: int = _MOST_KEYS) -> None:
        self._monotonic = monotonic
        self._most_keys = most_keys
        self._windows: OrderedDict[tuple[str, str], _Window] = OrderedDict()

    def __len__(self) -> int:
        """Keys that are remembered now."""
        return len(self._windows)

    def take(self, key: str, limit: Limit) -> Verdict:
        """Count one use of `key`; refused uses don't count, so whoever waits is let in again."""
        now = self._monotonic()
        window = self._window((limit.name, key), limit, now)
        allowed = window.used < limit.uses
        window.used += allowed
        return Verdict(limit.uses, limit.uses - window.used, max(math.ceil(window.ends_at - now), 1), allowed)

    def _window(self, key: tuple[str, str], limit: Limit, now: float) -> _Window:
        window = self._windows.get(key)
        if window is None or window.ends_at <= now:
            self._windows.pop(key, None)
            window = self._windows[key] = _Window(now + limit.seconds)
            self._forget(now)
        return window

    def _forget(self, now: float) -> None:
        """Drop what has ended, from the oldest on; and the oldest of all when there are too many."""
        while self._windows:
            key, oldest = next(iter(self._windows.items()))
            if oldest.ends_at > now and len(self._windows) <= self._most_keys:
                return
            del self._windows[key]


class SharedLimiter:
    """Counts in this process and in the store; the stricter of the two decides. `secret` hides whose key is whose from the store."""

    def __init__(self, monotonic: Callable[[], float], store: Store | None, secret: str) -> None:
        self._local = Limiter(monotonic)
        self._monotonic = monotonic
        self._store = store
        self._secret = secret.encode()
        self._alone_until = 0.0
        self._is_alone = False

    async def take(self, key: str, limit: Limit) -> Verdict:
        """Count one use of `key`; never raises, and never waits longer than the store's patience."""
        own = self._local.take(key, limit)
        if self._store is None or not limit.shared or not own.allowed or self._monotonic() < self._alone_until:
            return own
        try:
            counted = await self._store.count(self._hidden(key, limit), limit.seconds)
        except StoreUnavailable as error:
            self._alone_until = self._monotonic() + _ALONE_S
            self._told(alone=True, reason=error.message)
            return own
        self._told(alone=False)
        allowed = counted.used <= limit.uses
        remaining = min(own.remaining, max(limit.uses - counted.used, 0))
        return Verdict(limit.uses, remaining, max(math.ceil(counted.left_ms / 1000), 1), allowed)

    def _hidden(self, key: str, limit: Limit) -> str:
        return f"audiospective:limit:{limit.name}:{hmac.digest(self._secret, key.encode(), 'sha256').hex()[:32]}"

    def _told(self, *, alone: bool, reason: str = "") -> None:
        """Once when it begins and once when it ends."""
        if alone and not self._is_alone:
            get_logger().warning("limits.alone", reason=reason)
        if not alone and self._is_alone:
            get_logger().info("limits.shared")
        self._is_alone = alone
