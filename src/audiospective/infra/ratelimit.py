"""How often may one key be used? Counted in this process, in windows that begin with a key's first use."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

#: Keys remembered at most; beyond it the oldest windows are forgotten, so that a flood of keys can't fill the memory.
_MOST_KEYS = 100_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many uses in so many seconds; limits of different names are counted apart."""

    name: str
    uses: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one use, in the terms of the X-RateLimit-* headers."""

    limit: int
    remaining: int
    reset_s: int
    """Seconds until the window ends, at least 1."""
    allowed: bool


@dataclass(slots=True)
class _Window:
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
