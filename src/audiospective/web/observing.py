"""What is kept of a request: its kind, how it ended, how long it took, a line in the log of our own; nothing of whom."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Final

import msgspec
from litestar import Litestar
from litestar.types import HTTPScope

from audiospective.bootstrap import Parts
from audiospective.operations import faults
from audiospective.operations.measures import ASKED, PROBE, TEST
from audiospective.operations.visits import is_robot
from audiospective.web.measures import Measures, kind_of

#: What is counted in memory is written so often.
FLUSH_S: Final = 5.0

#: Our own programs say who they are.
_OURS = "Audiospective/"

_PATHS: Final = (
    ("/api/test-sentry", TEST),
    ("/api/health", "health"),
    ("/api/vitals", "beacon"),
    ("/api/cron/", "scheduler"),
    ("/api/queue/", "scheduler"),
    ("/api/export", "export"),
    ("/api/auth/", "sign-in"),
    ("/auth/", "sign-in"),
    ("/metrics", "metrics"),
    ("/ops", "ops"),
)
_NONCE: Final = re.compile(rb"[0-9a-f]{16,64}")
_VIEWED = frozenset({"page", "dashboard", "share"})


class Answers(msgspec.Struct):
    """How many requests of people this process has answered, and how many of them with a fault of ours."""

    asked: int = 0
    failed: int = 0

    def note(self, kind: str, status: int) -> None:
        """One more, if it is of people; that something else is away (503) is no fault of a release's."""
        if kind in ASKED:
            self.asked += 1
            self.failed += status >= 500 and status != HTTPStatus.SERVICE_UNAVAILABLE


class Observed:
    """Hears of every request after its answer."""

    def __init__(self, parts: Parts, measures: Measures, answers: Answers) -> None:
        self._parts = parts
        self._measures = measures
        self._answers = answers

    def __call__(self, scope: HTTPScope, status: int, seconds: float) -> None:
        """A request has been answered."""
        now, headers = self._parts.clock.now(), dict(scope["headers"])
        agent = headers.get(b"user-agent", b"").decode("latin-1")
        kind = kind_for(scope["path"], agent)
        self._answers.note(kind, status)
        self._measures.observe(scope["path"], status, seconds)
        self._parts.recorder.note(now, kind, f"{status // 100}xx", seconds * 1000)
        self._parts.log_file.write(access_line(now, scope, status, seconds) + probe_mark(headers.get(b"x-audiospective-probe", b"")))
        is_seen = headers.get(b"sec-fetch-dest", b"document") == b"document"
        if scope["method"] == "GET" and status == 200 and kind in _VIEWED and is_seen and not is_robot(agent):
            address = (scope.get("client") or ("", 0))[0]
            self._parts.visitors.saw(now, address, agent, headers.get(b"accept-language", b"").decode("latin-1"))


def kind_for(path: str, agent: str) -> str:
    """What sort of request it is; few enough to be counted apart."""
    if agent.startswith(_OURS) and not path.startswith("/api/test-sentry"):
        return PROBE
    if path == "/dashboard":
        return "dashboard"
    return next((kind for start, kind in _PATHS if path.startswith(start)), None) or kind_of(path)


def access_line(now: datetime, scope: HTTPScope, status: int, seconds: float) -> str:
    """In the runbook's shape: `[11:00:01] POST /api/cron/archive 200 (2.3s)`. Of a path that holds an id, its pattern alone."""
    path = scope.get("path_template") or "(no such address)"
    method = scope["method"] if scope["method"].isalpha() else "?"
    return f"[{now:%H:%M:%S}] {method[:10]} {path} {status} ({seconds:.2g}s)"


def probe_mark(given: bytes) -> str:
    """What a probe of the log looks for; nothing but hexadecimal digits gets there."""
    return f" probe={given.decode()}" if _NONCE.fullmatch(given) else ""


@asynccontextmanager
async def flushing(app: Litestar) -> AsyncIterator[None]:
    """The application's life: what is counted is written every few seconds, and once more at the end."""
    parts: Parts = app.state.parts
    task = asyncio.create_task(_forever(parts))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await flush(parts)


async def flush(parts: Parts) -> None:
    """Write what this process has counted and caught."""
    await parts.recorder.flush(parts.db)
    await parts.visitors.flush(parts.db)
    await faults.flush(parts.db, parts.caught, parts.clock.now())


async def _forever(parts: Parts) -> None:
    while True:
        await asyncio.sleep(FLUSH_S)
        try:
            await flush(parts)
        except Exception as error:
            parts.log.error("measures.unwritten", kind=type(error).__name__, exc_info=error)
