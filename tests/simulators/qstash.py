"""QStash's API: schedules with upsert by id, pauses, publishing, logs and dead letters in pages."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.simulators.played import Played, on_a_port


@dataclass(slots=True)
class FakeQstash(Played):
    """One account; after a change so many lists (`stale_after`) show what was there before."""

    shown: dict[str, dict[str, Any]] = field(default_factory=dict)
    logs: list[dict[str, Any]] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    stale_after: int = 0
    page: int = 100
    older_word: bool = False
    next_time: float = 0.0
    _before: dict[str, dict[str, Any]] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _stale: int = 0

    def schedule(self, destination: str, number: str = "hourly-archive-production", /, **more: Any) -> None:
        """A schedule that is there."""
        told = {"scheduleId": number, "cron": "0 * * * *", "destination": destination, "method": "POST", "isPaused": False, "createdAt": 1}
        self.shown[number] = told | {"nextScheduleTime": self.next_time} | more

    async def get_all(self, _: web.Request) -> web.Response:
        """GET /v2/schedules."""
        if self._stale:
            self._stale -= 1
            return web.json_response(list(self._before.values()))
        return web.json_response(list(self.shown.values()))

    async def upsert(self, request: web.Request) -> web.Response:
        """POST /v2/schedules/{destination}; the same id is changed in place."""
        self._changing()
        number = request.headers.get("Upstash-Schedule-Id") or f"scd_{next(self._numbers)}"
        paused = self.shown.get(number, {}).get("isPaused", False)
        more = {"cron": request.headers["Upstash-Cron"], "method": request.headers.get("Upstash-Method", "POST"), "isPaused": paused}
        self.schedule(request.match_info["destination"], number, **more)
        return web.json_response({"scheduleId": number})

    async def pause(self, request: web.Request) -> web.Response:
        """POST /v2/schedules/{id}/pause and …/resume."""
        self._changing()
        number, is_pause = request.match_info["id"], request.path.endswith("/pause")
        if number not in self.shown:
            return web.json_response({"error": f"schedule {number} not found"}, status=404)
        self.shown[number]["isPaused"] = is_pause
        return web.Response()

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE /v2/schedules/{id}."""
        self._changing()
        return web.Response(status=200 if self.shown.pop(request.match_info["id"], None) else 404)

    async def publish(self, request: web.Request) -> web.Response:
        """POST /v2/publish/{destination}."""
        self.published.append(request.match_info["destination"])
        return web.json_response({"messageId": f"msg_{next(self._numbers)}"}, status=201)

    async def get_logs(self, request: web.Request) -> web.Response:
        """GET /v2/logs, a cursor to the next page."""
        begin = int(request.query.get("cursor", "0"))
        rest = self.logs[begin + self.page :]
        key = "events" if self.older_word else "logs"
        return web.json_response({"cursor": str(begin + self.page) if rest else "", key: self.logs[begin : begin + self.page]})

    async def get_letters(self, _: web.Request) -> web.Response:
        """GET /v2/dlq."""
        return web.json_response({"messages": self.letters})

    def _changing(self) -> None:
        self._before = {number: dict(one) for number, one in self.shown.items()}
        self._stale = self.stale_after


@contextlib.asynccontextmanager
async def playing(qstash: FakeQstash) -> AsyncIterator[FakeQstash]:
    """It, on a free port."""
    routes = {
        "GET /v2/schedules": qstash.get_all,
        "POST /v2/schedules/{id}/pause": qstash.pause,
        "POST /v2/schedules/{id}/resume": qstash.pause,
        "POST /v2/schedules/{destination:.+}": qstash.upsert,
        "DELETE /v2/schedules/{id}": qstash.delete,
        "POST /v2/publish/{destination:.+}": qstash.publish,
        "GET /v2/logs": qstash.get_logs,
        "GET /v2/dlq": qstash.get_letters,
    }
    async with on_a_port(qstash, routes):
        yield qstash
