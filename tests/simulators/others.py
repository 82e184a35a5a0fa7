"""The smaller ones: UptimeRobot, chats' webhooks, GitHub, Neon and status pages, each with the shapes and traps of its API."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.simulators.played import Played, on_a_port


@dataclass(slots=True)
class FakeUptimeRobot(Played):
    """v2: 200 whatever happens, also to a wrong key."""

    header: str = ""
    page: int = 50
    monitors: list[dict[str, Any]] = field(default_factory=list)

    def watches(self, url: str, status: int = 2, latest: float = 120, average: str = "140.5", ratio: str = "100.000-99.970-99.900") -> None:
        """A monitor of that address."""
        told = {"id": len(self.monitors) + 1, "friendly_name": "x", "url": url, "type": 2, "status": status, "interval": 60}
        looks = [{"datetime": 2, "value": latest}, {"datetime": 1, "value": 9_999}]
        self.monitors.append(told | {"average_response_time": average, "custom_uptime_ratio": ratio, "response_times": looks, "logs": []})

    async def get_monitors(self, request: web.Request) -> web.Response:
        """POST /getMonitors."""
        form = await request.post()
        if form["api_key"] != self.credential:
            fault = {"type": "invalid_parameter", "parameter_name": "api_key", "message": "api_key is invalid."}
            return web.json_response({"stat": "fail", "error": fault})
        begin = int(str(form.get("offset", "0")))
        paging = {"offset": begin, "limit": self.page, "total": len(self.monitors)}
        return web.json_response({"stat": "ok", "pagination": paging, "monitors": self.monitors[begin : begin + self.page]})


@dataclass(slots=True)
class FakeChat(Played):
    """A channel of Slack's at /services/T/B/x, of Discord's at /api/webhooks/1/x."""

    header: str = ""
    texts: list[str] = field(default_factory=list)
    says: str = "ok"

    async def slack(self, request: web.Request) -> web.Response:
        """200 and `ok` as plain text."""
        self.texts.append((await request.json())["text"])
        return web.Response(text=self.says)

    async def discord(self, request: web.Request) -> web.Response:
        """204 and nothing."""
        body = await request.json()
        assert body["allowed_mentions"] == {"parse": []}
        self.texts.append(body["content"])
        return web.Response(status=204)


@dataclass(slots=True)
class FakeGithub(Played):
    """mara/audiospective."""

    rejected: tuple[int, Any] = (401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com"})
    private: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    annotated: bool = True
    runs: list[dict[str, Any]] = field(default_factory=list)
    told_jobs: dict[str, str] = field(default_factory=lambda: {"build": "success", "deploy": "success", "verify": "success"})
    page: int = 100
    dispatched: list[str] = field(default_factory=list)
    on_jobs: Callable[[], None] | None = None
    """What happens when jobs are asked about, as a job on the machine that serves."""

    def run(
        self, commit: str, *, status: str = "completed", conclusion: str | None = "success", created: str = "2026-11-24T10:00:00Z"
    ) -> None:
        """A run of that commit."""
        told = {"id": len(self.runs) + 1, "status": status, "conclusion": conclusion, "head_sha": commit, "created_at": created}
        self.runs.insert(0, told | {"html_url": "https://github.com/x"})

    async def repository(self, _: web.Request) -> web.Response:
        """GET /repos/mara/audiospective."""
        return web.json_response({"private": self.private, "visibility": "private" if self.private else "public"})

    async def ref(self, request: web.Request) -> web.Response:
        """GET …/git/ref/tags/{tag}."""
        commit = self.tags.get(request.match_info["tag"])
        if commit is None:
            return web.json_response({"message": "Not Found"}, status=404)
        found = {"type": "tag", "sha": "7a6"} if self.annotated else {"type": "commit", "sha": commit}
        return web.json_response({"ref": "refs/tags/x", "object": found})

    async def tag(self, _: web.Request) -> web.Response:
        """GET …/git/tags/{sha}."""
        return web.json_response({"tag": "x", "object": {"type": "commit", "sha": next(iter(self.tags.values()))}})

    async def get_runs(self, request: web.Request) -> web.Response:
        """GET …/actions/workflows/{name}/runs."""
        found = [one for one in self.runs if one["head_sha"] == request.query["head_sha"]]
        return web.json_response({"total_count": len(found), "workflow_runs": found[:1]})

    async def get_jobs(self, request: web.Request) -> web.Response:
        """GET …/actions/runs/{id}/jobs."""
        if self.on_jobs is not None:
            self.on_jobs()
        begin = (int(request.query["page"]) - 1) * self.page
        jobs = [{"name": name, "status": "completed", "conclusion": said, "steps": []} for name, said in self.told_jobs.items()]
        return web.json_response({"total_count": len(jobs), "jobs": jobs[begin : begin + self.page]})

    async def dispatch(self, request: web.Request) -> web.Response:
        """POST …/dispatches: 204."""
        self.dispatched.append(f"{request.match_info['name']}@{(await request.json())['ref']}")
        return web.Response(status=204)


@dataclass(slots=True)
class FakeNeon(Played):
    """Project small-tide-1; operations finish after some looks."""

    project: str = "small-tide-1"
    size: int | None = 16_000_000
    limit: int = 536_870_912
    branches: list[dict[str, Any]] = field(
        default_factory=lambda: [{"id": "br-main", "name": "main", "default": True, "current_state": "ready"}]
    )
    operation_ends: str = "finished"
    history_s: int | None = 21_600
    address: str = ""
    """Of every copy's own compute."""
    comes_back: Callable[[], Awaitable[None]] | None = None
    """What a restore does to the data."""
    _looks: int = 0
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def get_project(self, _: web.Request) -> web.Response:
        """GET /projects/{id}."""
        told = {"id": self.project, "name": "audiospective", "pg_version": 18, "branch_logical_size_limit_bytes": self.limit}
        told |= {"history_retention_seconds": self.history_s} if self.history_s is not None else {}
        return web.json_response({"project": told | ({"synthetic_storage_size": self.size} if self.size is not None else {})})

    async def get_branches(self, _: web.Request) -> web.Response:
        """GET …/branches."""
        return web.json_response({"branches": self.branches})

    async def branch(self, request: web.Request) -> web.Response:
        """POST …/branches."""
        body = await request.json()
        self.bodies.append(body)
        made = {"id": f"br-{next(self._numbers)}", "name": body["branch"]["name"], "default": False, "current_state": "init"}
        self.branches.append(made)
        uris = [{"connection_uri": self.address, "connection_parameters": {}}] if body.get("endpoints") and self.address else []
        told = {"branch": made, "endpoints": body.get("endpoints", []), "operations": [{"id": "op-1", "status": "scheduling"}]}
        return web.json_response(told | {"connection_uris": uris}, status=201)

    async def remove(self, request: web.Request) -> web.Response:
        """DELETE …/branches/{id}: never the default one."""
        gone = next(one for one in self.branches if one["id"] == request.match_info["id"])
        assert not gone["default"]
        self.branches.remove(gone)
        return web.json_response({"branch": gone, "operations": [{"id": "op-1", "status": "running"}]})

    async def restore(self, request: web.Request) -> web.Response:
        """POST …/branches/{id}/restore: without a name for what was there before it isn't taken here."""
        body = await request.json()
        self.bodies.append(body)
        if "preserve_under_name" not in body:
            return web.json_response({"request_id": "1", "code": "", "message": "preserve_under_name is required"}, status=400)
        kept = {"id": f"br-{next(self._numbers)}", "name": body["preserve_under_name"], "default": False, "current_state": "ready"}
        self.branches.append(kept)
        if self.comes_back is not None:
            await self.comes_back()
        return web.json_response({"branch": self.branches[0], "operations": [{"id": "op-1", "status": "running"}]})

    async def operation(self, _: web.Request) -> web.Response:
        """GET …/operations/{id}."""
        self._looks += 1
        status = "running" if self._looks % 2 else self.operation_ends
        return web.json_response({"operation": {"id": "op-1", "status": status}})


@dataclass(slots=True)
class FakeStatusPage(Played):
    """A page in Statuspage's form."""

    header: str = ""
    indicator: str = "none"
    incidents: list[dict[str, Any]] = field(default_factory=list)

    def incident(self, name: str, status: str = "investigating", impact: str = "major") -> None:
        """One."""
        self.incidents.append({"id": "1", "name": name, "status": status, "impact": impact, "incident_updates": []})

    async def summary(self, _: web.Request) -> web.Response:
        """GET /api/v2/summary.json."""
        told = {"page": {"id": "x"}, "components": [], "incidents": self.incidents, "scheduled_maintenances": []}
        return web.json_response(told | {"status": {"indicator": self.indicator, "description": ""}})


@contextlib.asynccontextmanager
async def uptimerobot(fake: FakeUptimeRobot) -> AsyncIterator[FakeUptimeRobot]:
    """It, on a free port."""
    async with on_a_port(fake, {"POST /getMonitors": fake.get_monitors}):
        yield fake


@contextlib.asynccontextmanager
async def chat(fake: FakeChat) -> AsyncIterator[FakeChat]:
    """It, on a free port."""
    async with on_a_port(fake, {"POST /services/T/B/x": fake.slack, "POST /api/webhooks/1/x": fake.discord}):
        yield fake


@contextlib.asynccontextmanager
async def github(fake: FakeGithub) -> AsyncIterator[FakeGithub]:
    """It, on a free port."""
    here = "/repos/mara/audiospective"
    routes = {
        f"GET {here}": fake.repository,
        f"GET {here}/git/ref/tags/{{tag}}": fake.ref,
        f"GET {here}/git/tags/{{sha}}": fake.tag,
        f"GET {here}/actions/workflows/{{name}}/runs": fake.get_runs,
        f"GET {here}/actions/runs/{{id}}/jobs": fake.get_jobs,
        f"POST {here}/actions/workflows/{{name}}/dispatches": fake.dispatch,
    }
    async with on_a_port(fake, routes):
        yield fake


@contextlib.asynccontextmanager
async def neon(fake: FakeNeon) -> AsyncIterator[FakeNeon]:
    """It, on a free port."""
    here = "/projects/small-tide-1"
    routes = {
        f"GET {here}": fake.get_project,
        f"GET {here}/branches": fake.get_branches,
        f"POST {here}/branches": fake.branch,
        f"POST {here}/branches/{{id}}/restore": fake.restore,
        f"DELETE {here}/branches/{{id}}": fake.remove,
        f"GET {here}/operations/{{id}}": fake.operation,
    }
    async with on_a_port(fake, routes):
        yield fake


@contextlib.asynccontextmanager
async def status_page(fake: FakeStatusPage) -> AsyncIterator[FakeStatusPage]:
    """It, on a free port."""
    async with on_a_port(fake, {"GET /api/v2/summary.json": fake.summary}):
        yield fake
