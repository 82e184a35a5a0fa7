"""Vercel's API: a project with deployments that build as they are looked at, aliases that move by jobs, and its traps."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.simulators.played import Played, on_a_port

_COMMIT = "c0ffee" * 6 + "c0ff"


@dataclass(slots=True)
class FakeVercel(Played):
    """One project. `builds` is what a deployment goes through, one step each time it is looked at."""

    rejected: tuple[int, Any] = (403, {"error": {"code": "forbidden", "message": "Not authorized"}})
    project: str = "prj_1"
    deployments: list[dict[str, Any]] = field(default_factory=list)
    serving: str = ""
    branch: str = "main"
    builds: list[str] = field(default_factory=lambda: ["INITIALIZING", "BUILDING", "READY"])
    wrong_commit: str = ""
    alias_error: str = ""
    job_ends: str = "succeeded"
    jobs_last: int = 1
    """So many looks does an alias job stay in progress."""
    stale_looks: int = 0
    """So many looks at the project show what was served before."""
    only_the_one_before: bool = False
    page: int = 20
    domains: list[dict[str, Any]] = field(default_factory=lambda: [{"name": "music.example.org", "verified": True, "redirect": None}])
    misconfigured: bool = False
    log: list[str] = field(default_factory=lambda: ["Installing", "Building", "Done"])
    runtime: list[dict[str, Any]] = field(default_factory=list)
    job: dict[str, Any] | None = None
    variables: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Type and value by name; the list gives ciphertext, as it may."""
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _looked: dict[str, int] = field(default_factory=dict)
    _before: str = ""

    def built(self, commit: str = _COMMIT, /, *, serves: bool = True, candidate: bool = True, **more: Any) -> str:
        """A deployment that is there already; its id."""
        number = next(self._numbers)
        found = {
            "uid": f"dpl_{number}",
            "name": "audiospective",
            "url": f"audiospective-{number}.vercel.app",
            "created": 1_750_000_000_000 + number,
        }
        found |= {
            "readyState": "READY",
            "state": "READY",
            "meta": {"githubCommitSha": commit},
            "isRollbackCandidate": candidate,
            "target": "production",
        }
        self.deployments.insert(0, found | more)
        if serves:
            self.serving = f"dpl_{number}"
        return f"dpl_{number}"

    async def get_project(self, request: web.Request) -> web.Response:
        """GET /v9/projects/{id}; an alias job goes on each time somebody looks."""
        if request.match_info["id"] != self.project:
            return _error(404, "not_found")
        if self.job and self.job["jobStatus"] == "in-progress":
            self._go_on()
        shown = self.serving
        if self.stale_looks and self._before:
            self.stale_looks -= 1
            shown = self._before
        link = {"type": "github", "repo": "audiospective", "org": "mara", "repoId": 7, "productionBranch": self.branch, "deployHooks": []}
        told = {"id": self.project, "name": "audiospective", "accountId": "team_1", "link": link, "lastAliasRequest": self.job}
        return web.json_response(told | {"targets": {"production": {"id": shown, "readyState": "READY"} if shown else None}})

    async def get_domains(self, _: web.Request) -> web.Response:
        """GET /v9/projects/{id}/domains."""
        return web.json_response({"domains": self.domains, "pagination": {"count": len(self.domains), "next": None, "prev": None}})

    async def get_config(self, _: web.Request) -> web.Response:
        """GET /v6/domains/{name}/config."""
        return web.json_response({"misconfigured": self.misconfigured})

    async def get_deployments(self, request: web.Request) -> web.Response:
        """GET /v6/deployments, in pages by `until`."""
        until = float(request.query.get("until", "inf"))
        older = [one for one in self.deployments if one["created"] < until]
        page, rest = older[: self.page], older[self.page :]
        paging = {"count": len(page), "next": page[-1]["created"] if rest else None, "prev": None}
        return web.json_response({"deployments": page, "pagination": paging})

    async def get_deployment(self, request: web.Request) -> web.Response:
        """GET /v13/deployments/{id}; a build goes one step further."""
        found = self._find(request.match_info["id"])
        if found is None:
            return _error(404, "not_found")
        if found["readyState"] not in {"READY", "ERROR", "CANCELED", "BLOCKED"}:
            step = self._looked.get(found["uid"], 0)
            self._looked[found["uid"]] = step + 1
            found["readyState"] = found["state"] = self.builds[min(step, len(self.builds) - 1)]
            if found["readyState"] == "ERROR":
                found |= {"errorCode": "BUILD_FAILED", "errorMessage": "Command exited with 1"}
        error = {"code": "alias", "message": self.alias_error} if self.alias_error else None
        return web.json_response({**found, "id": found["uid"], "alias": [], "aliasError": error})

    async def create(self, request: web.Request) -> web.Response:
        """POST /v13/deployments."""
        body = await request.json()
        self.bodies.append(body)
        commit = self.wrong_commit or body["gitSource"]["sha"]
        number = self.built(commit, serves=False, readyState="QUEUED", state="QUEUED", createdAt=1)
        return web.json_response({**self._find(number), "id": number, "inspectorUrl": "https://vercel.com/x"})  # type: ignore[dict-item]

    async def point(self, request: web.Request) -> web.Response:
        """POST …/promote/{id} and …/rollback/{id}: 201, and a job that takes a while."""
        to, is_rollback = request.match_info["to"], "/rollback/" in request.path
        if self._find(to) is None:
            return _error(404, "not_found")
        if to == self.serving:
            return _error(409, "conflict")
        kind = "rollback" if is_rollback else "promote"
        self.job = {"jobStatus": "in-progress", "type": kind, "fromDeploymentId": self.serving, "toDeploymentId": to}
        self.job["requestedAt"] = next(self._numbers)
        self._left = self.jobs_last
        return web.json_response({}, status=201)

    async def failed_aliases(self, _: web.Request) -> web.Response:
        """GET …/aliases?failedOnly=true."""
        return web.json_response({"aliases": [{"alias": "music.example.org", "status": "failed"}]})

    async def events(self, _: web.Request) -> web.Response:
        """GET /v3/deployments/{id}/events, the newest first."""
        return web.json_response([{"type": "stdout", "created": 1, "payload": {"text": line}} for line in reversed(self.log)])

    async def runtime_logs(self, _: web.Request) -> web.Response:
        """GET …/runtime-logs: a JSON object a line."""
        return web.Response(text="\n".join(json.dumps(row) for row in self.runtime) + "\n", content_type="application/stream+json")

    async def get_envs(self, _: web.Request) -> web.Response:
        """GET /v10/projects/{id}/env."""
        told = [
            {"id": key, "key": key, "type": kind, "target": ["production"], "value": "eyJ2"} for key, (kind, _) in self.variables.items()
        ]
        return web.json_response({"envs": told})

    async def get_env(self, request: web.Request) -> web.Response:
        """GET /v1/projects/{id}/env/{env}."""
        key = request.match_info["env"]
        kind, value = self.variables[key]
        told = {"id": key, "key": key, "type": kind, "target": ["production"], "value": value, "decrypted": kind == "encrypted"}
        return web.json_response(told)

    _left: int = 0

    def _go_on(self) -> None:
        assert self.job is not None
        self._left -= 1
        if self._left < 0 and self.job_ends != "in-progress":
            self.job["jobStatus"] = self.job_ends
            if self.job_ends == "succeeded":
                self._before, self.serving = self.serving, self.job["toDeploymentId"]

    def _find(self, number: str) -> dict[str, Any] | None:
        return next((one for one in self.deployments if one["uid"] == number), None)


@contextlib.asynccontextmanager
async def playing(vercel: FakeVercel) -> AsyncIterator[FakeVercel]:
    """It, on a free port."""
    project = "/v9/projects/{id}"
    routes = {
        f"GET {project}": vercel.get_project,
        f"GET {project}/domains": vercel.get_domains,
        "GET /v6/domains/{name}/config": vercel.get_config,
        "GET /v6/deployments": vercel.get_deployments,
        "GET /v13/deployments/{id}": vercel.get_deployment,
        "POST /v13/deployments": vercel.create,
        "GET /v3/deployments/{id}/events": vercel.events,
        "GET /v1/projects/{id}/deployments/{release}/runtime-logs": vercel.runtime_logs,
        "POST /v10/projects/{id}/promote/{to}": vercel.point,
        f"POST {project}/rollback/{{to}}": vercel.point,
        f"GET {project}/rollback/aliases": vercel.failed_aliases,
        "GET /v10/projects/{id}/env": vercel.get_envs,
        "GET /v1/projects/{id}/env/{env}": vercel.get_env,
        "GET /v1/projects/{id}/promote/aliases": vercel.failed_aliases,
    }
    async with on_a_port(vercel, routes):
        yield vercel


def _error(status: int, code: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": f"It is {code}."}}, status=status)
