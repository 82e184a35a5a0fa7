"""Sentry's API: a project, its keys, envelopes that are taken in after a while, issues in pages by the Link header."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.simulators.played import Played, on_a_port


@dataclass(slots=True)
class FakeSentry(Played):
    """One project, quill/archive; `takes_looks` looks pass before an event is there."""

    rejected: tuple[int, Any] = (401, {"detail": "Invalid token"})
    slug: str = "archive"
    key: str = "k1"
    is_active: bool = True
    takes_looks: int = 1
    keeps: bool = True
    page: int = 100
    issues: list[dict[str, Any]] = field(default_factory=list)
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    _looked: dict[str, int] = field(default_factory=dict)

    @property
    def dsn(self) -> str:
        """Where errors are sent."""
        return f"{self.url.replace('://', f'://{self.key}@')}/42"

    async def before(self, request: web.Request) -> web.StreamResponse | None:
        """Errors come without a token: their key is in the envelope's own header."""
        if not request.path.endswith("/envelope/"):
            return await Played.before(self, request)
        self.asked.append(f"{request.method} {request.path}")
        is_known = self.is_active and f"sentry_key={self.key}," in request.headers.get("X-Sentry-Auth", "")
        return None if is_known else web.json_response({"detail": "bad sentry DSN public key"}, status=403)

    async def get_project(self, request: web.Request) -> web.Response:
        """GET /api/0/projects/{org}/{project}/."""
        if request.match_info["project"] != self.slug:
            return web.json_response({"detail": "The requested resource does not exist"}, status=404)
        return web.json_response({"id": "42", "slug": self.slug, "status": "active", "platform": "python", "firstEvent": None})

    async def get_keys(self, _: web.Request) -> web.Response:
        """GET …/keys/."""
        return web.json_response(
            [{"id": "a", "public": self.key, "isActive": self.is_active, "dsn": {"public": self.dsn}, "rateLimit": None}]
        )

    async def envelope(self, request: web.Request) -> web.Response:
        """POST /api/42/envelope/."""
        head, _, event = (json.loads(line) for line in (await request.text()).split("\n")[:3])
        if self.keeps:
            self.events[head["event_id"]] = event
        return web.json_response({"id": head["event_id"]})

    async def get_event(self, request: web.Request) -> web.Response:
        """GET …/events/{id}/: 404 until it was taken in."""
        number = request.match_info["event"]
        self._looked[number] = self._looked.get(number, 0) + 1
        if number not in self.events or self._looked[number] <= self.takes_looks:
            return web.json_response({"detail": "Event not found"}, status=404)
        event = self.events[number]
        tags = [{"key": name, "value": event[name]} for name in ("environment", "release")]
        entries = [{"type": "exception", "data": _as_told(event["exception"])}]
        return web.json_response(
            {"eventID": number, "groupID": "1", "tags": tags, "entries": entries, "dateReceived": "2026-11-26T10:00:00Z"}
        )

    async def get_issues(self, request: web.Request) -> web.Response:
        """GET /api/0/organizations/{org}/issues/."""
        begin = int(request.query.get("cursor", "0:0:0").split(":")[1])
        is_more = str(bool(self.issues[begin + self.page :])).lower()
        link = f'<http://x/?cursor=0:{begin + self.page}:0>; rel="next"; results="{is_more}"; cursor="0:{begin + self.page}:0"'
        return web.json_response(self.issues[begin : begin + self.page], headers={"Link": link})


def _as_told(exception: dict[str, Any]) -> dict[str, Any]:
    """As the API tells what came in an envelope."""
    names = {"in_app": "inApp", "lineno": "lineNo", "filename": "filename", "module": "module", "function": "function"}
    stacks = [
        [{names[key]: value for key, value in frame.items() if key in names} for frame in _frames(one)] for one in exception["values"]
    ]
    return {"values": [one | {"stacktrace": {"frames": frames}} for one, frames in zip(exception["values"], stacks, strict=True)]}


def _frames(value: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (value.get("stacktrace") or {}).get("frames") or []
    return found


def raised(number: str, release: str = "1.0.0") -> dict[str, Any]:
    """An error of the program's own, as its library sends it."""
    frame = {
        "function": "test_sentry",
        "module": "audiospective.web.api.operators",
        "filename": "operators.py",
        "lineno": 42,
        "in_app": True,
    }
    error = {"type": "TestOfErrors", "value": "An operator asked", "stacktrace": {"frames": [frame]}}
    told = {"environment": "production", "release": release}
    return {"event_id": number, "exception": {"values": [error]}} | told


def issue(title: str, *, level: str = "error", count: str = "3") -> dict[str, Any]:
    """One, as the API tells it."""
    return {"id": "1", "shortId": "ARCHIVE-1", "title": title, "level": level, "status": "unresolved", "count": count, "userCount": 1}


@contextlib.asynccontextmanager
async def playing(sentry: FakeSentry) -> AsyncIterator[FakeSentry]:
    """It, on a free port."""
    project = "/api/0/projects/{org}/{project}/"
    routes = {
        f"GET {project}": sentry.get_project,
        f"GET {project}keys/": sentry.get_keys,
        f"GET {project}events/{{event}}/": sentry.get_event,
        "GET /api/0/organizations/{org}/issues/": sentry.get_issues,
        "POST /api/42/envelope/": sentry.envelope,
    }
    async with on_a_port(sentry, routes):
        yield sentry
