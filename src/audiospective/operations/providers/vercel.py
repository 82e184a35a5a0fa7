"""Vercel: builds and serves releases (https://vercel.com/docs/rest-api; paths and fields in docs/runbook/cloud.md).

What it calls READY serves nobody until the production address points there, and a rollback is done when its alias job says so, not
when it is accepted. Both are waited for by the clock; what isn't over by then is Undecided: asking again goes on with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import aiohttp
import msgspec

from audiospective.environ import Secret
from audiospective.errors import Unfinished
from audiospective.infra.clock import Clock
from audiospective.operations.providers.asking import Api, Odd, Patience, ProviderError, Question, Refused, ask, decoded, read
from audiospective.operations.providers.ports import Domain, LogLine, Project, Release, Stage, Variable
from audiospective.outside import GithubSettings, VercelSettings

#: The names that Vercel gives to how far a deployment is.
_STAGES: Final = {
    "QUEUED": Stage.QUEUED,
    "INITIALIZING": Stage.QUEUED,
    "BUILDING": Stage.BUILDING,
    "READY": Stage.READY,
    "ERROR": Stage.FAILED,
    "CANCELED": Stage.CANCELED,
    "DELETED": Stage.CANCELED,
    "BLOCKED": Stage.BLOCKED,
}
_PAGES: Final = 20
_OVER: Final = frozenset({"succeeded", "failed", "skipped"})


class Undecided(ProviderError, Unfinished):
    """It was begun and isn't over; it may still happen."""


class Failed(ProviderError):
    """It was begun and didn't succeed."""


class Waiting(msgspec.Struct, frozen=True):
    """How often to look, and how long at most."""

    every_s: float = 2.0
    build_s: float = 300.0
    alias_s: float = 180.0


class _Link(msgspec.Struct, rename="camel"):
    type: str = ""
    org: str = ""
    repo: str = ""
    repo_id: int | str | None = None
    production_branch: str = ""


class _AliasRequest(msgspec.Struct, rename="camel"):
    job_status: str = ""
    type: str = ""
    to_deployment_id: str = ""
    requested_at: float = 0


class _Target(msgspec.Struct, rename="camel"):
    id: str = ""


class _Project(msgspec.Struct, rename="camel"):
    id: str
    name: str
    link: _Link | None = None
    targets: dict[str, _Target | None] = {}
    last_alias_request: _AliasRequest | None = None


class _Domain(msgspec.Struct):
    name: str
    verified: bool = False
    redirect: str | None = None


class _Domains(msgspec.Struct):
    domains: list[_Domain]


class _DomainConfig(msgspec.Struct):
    misconfigured: bool


class _GitSource(msgspec.Struct):
    sha: str = ""


class _Deployment(msgspec.Struct, rename="camel"):
    url: str = ""
    uid: str = ""
    id: str = ""
    created: float = 0
    created_at: float = 0
    building_at: float | None = None
    ready: float | None = None
    state: str = ""
    ready_state: str = ""
    meta: dict[str, str] = {}
    git_source: _GitSource | None = None
    is_rollback_candidate: bool | None = None
    alias: list[str] = []
    alias_error: dict[str, str] | None = None
    error_code: str | None = None
    error_message: str | None = None


class _Pagination(msgspec.Struct):
    next: float | None = None


class _Deployments(msgspec.Struct):
    deployments: list[_Deployment]
    pagination: _Pagination = msgspec.field(default_factory=_Pagination)


class _BuildEvent(msgspec.Struct):
    type: str = ""
    payload: dict[str, object] = {}


class _LogRow(msgspec.Struct, rename="camel"):
    level: str = ""
    message: str = ""
    timestamp_in_ms: float = 0
    source: str = ""
    response_status_code: int = 0


class _Env(msgspec.Struct):
    id: str
    key: str
    type: str
    target: list[str] | str = []
    value: str | None = None
    decrypted: bool | None = None


class _Envs(msgspec.Struct):
    envs: list[_Env]


class _FailedAlias(msgspec.Struct):
    alias: str = ""


class _FailedAliases(msgspec.Struct):
    aliases: list[_FailedAlias] = []


class Vercel:
    """The project that the settings name."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        settings: VercelSettings,
        github: GithubSettings,
        clock: Clock,
        *,
        patience: Patience | None = None,
        waiting: Waiting | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {settings.token.reveal()}"}
        team = {"teamId": settings.team} if settings.team else {}
        self._api = Api(http, "Vercel", settings.url, "VERCEL_TOKEN", headers, team, patience or Patience())
        self._id = settings.project
        self._github = github
        self._clock = clock
        self._waiting = waiting or Waiting()

    async def project(self) -> Project:
        """By its id; its branch is "" when nothing is deployed by itself."""
        found = await self._project()
        return Project(found.id, found.name, found.link.production_branch if found.link else "")

    async def domains(self) -> Sequence[Domain]:
        """Those that serve, each with what it lacks."""
        found = await read(self._api, Question("the project's domains", "GET", f"/v9/projects/{self._id}/domains"), _Domains)
        return [await self._domain(one) for one in found.domains if not one.redirect]

    async def releases(self) -> Sequence[Release]:
        """Of production, the newest first; all pages."""
        serving = await self._serving()
        found: list[_Deployment] = []
        query = {"projectId": self._id, "target": "production", "limit": "20"}
        for _ in range(_PAGES):
            page = await read(self._api, Question("the deployments", "GET", "/v6/deployments", query), _Deployments)
            found += page.deployments
            if page.pagination.next is None:
                break
            query = {**query, "until": f"{page.pagination.next:.0f}"}
        return [_release(one, serving) for one in found]

    async def build_log(self, release: str) -> Sequence[str]:
        """What the build said, oldest first."""
        query = {"builds": "1", "direction": "backward", "limit": "100", "follow": "0"}
        question = Question("the build's log", "GET", f"/v3/deployments/{release}/events", query)
        events = await read(self._api, question, list[_BuildEvent])
        said = [str(one.payload.get("text", "")).strip() for one in events if one.type in {"stdout", "stderr", "command"}]
        return [line for line in reversed(said) if line]

    async def logs(self, release: str) -> Sequence[LogLine]:
        """What it said lately; a line a row, the last of which may be cut."""
        path = f"/v1/projects/{self._id}/deployments/{release}/runtime-logs"
        question = Question("the release's log", "GET", path)
        told = await ask(self._api, question)
        rows = [decoded(self._api, question, line, _LogRow) for line in told.body.split(b"\n") if line.strip()]
        return [
            LogLine(_moment(row.timestamp_in_ms), row.level, row.message, row.response_status_code)
            for row in rows
            if row.source != "delimiter"
        ]

    async def variables(self) -> Sequence[Variable]:
        """Of production. Sensitive ones are write-only; the others are read one by one, since the list may give ciphertext."""
        listed = (await read(self._api, Question("the variables", "GET", f"/v10/projects/{self._id}/env"), _Envs)).envs
        return [await self._variable(one) for one in listed if "production" in one.target]

    async def _variable(self, one: _Env) -> Variable:
        if one.type == "sensitive":
            return Variable(one.key, None)
        found = await read(self._api, Question(f"variable {one.key}", "GET", f"/v1/projects/{self._id}/env/{one.id}"), _Env)
        is_plain = found.type == "plain" or found.decrypted is True
        return Variable(one.key, Secret(found.value) if is_plain and found.value is not None else None)

    async def deploy(self, commit: str, *, version: str) -> Release:
        """Build that commit, wait until it is served; raises Failed, or Undecided when it takes too long.

        A deployment of this version and commit that is under way or ready is gone on with, so that there is never a second.
        """
        begun = next((one for one in await self.releases() if one.commit == commit and _goes_on(one.stage)), None)
        release = begun or await self._create(commit, version)
        built = await self._built(release.id)
        if built.commit != commit:
            said = built.commit[:8] or "a commit that it doesn't name"
            raise Failed(f"Vercel built {said} where {commit[:8]} was asked for ({built.id}); nothing was promoted.")
        await self._point(built.id, f"/v10/projects/{self._id}/promote/{built.id}", "promote")
        return await self._served(built.id)

    async def rollback(self, to: str) -> Release:
        """Serve that release again; raises Refused where the plan doesn't let it, Failed, or Undecided."""
        if (await self._one(to)).is_rollback_candidate is False and (await self._serving()) != to:
            raise Refused(f"Vercel can't go back to {to}: this plan returns to the release before alone.", status=422, code="plan")
        await self._point(to, f"/v9/projects/{self._id}/rollback/{to}", "rollback")
        return await self._served(to)

    async def _create(self, commit: str, version: str) -> Release:
        owner, _, name = self._github.repository.partition("/")
        project = await self._project()
        source: dict[str, object] = {"type": "github", "ref": commit, "sha": commit}
        source |= {"repoId": project.link.repo_id} if project.link and project.link.repo_id else {"org": owner, "repo": name}
        body = {"name": project.name, "project": self._id, "target": "production", "gitSource": source, "meta": {"version": version}}
        question = Question("a new deployment", "POST", "/v13/deployments", {"forceNew": "1"}, json=body)
        return _release(await read(self._api, question, _Deployment, good=(200, 201)), "")

    async def _built(self, release: str) -> Release:
        until = self._clock.monotonic() + self._waiting.build_s
        while True:
            found = await self._one(release)
            now = _release(found, "")
            if now.stage is Stage.READY:
                if found.alias_error:
                    raise Failed(f"Vercel built {release}, but its address failed: {found.alias_error.get('message', 'no reason')}.")
                return now
            if now.stage in {Stage.FAILED, Stage.CANCELED, Stage.BLOCKED}:
                log = "\n".join(list(await self.build_log(release))[-20:])
                raise Failed(f"Vercel's build {release} is {now.stage}: {now.trouble or 'no reason'}.\n{log}".strip(), stage=now.stage)
            if self._clock.monotonic() >= until:
                raise Undecided(
                    f"Vercel's build {release} is still {now.stage} after {self._waiting.build_s:g} s; run this again to go on."
                )
            await asyncio.sleep(self._waiting.every_s)

    async def _point(self, release: str, path: str, what: str) -> None:
        """Let the production address point there, and wait until its job is over; the job before it tells nothing.

        It is asked for even where the address seems to point there already: that may be an answer from before.
        """
        before = (await self._project(rollbackInfo="true")).last_alias_request
        try:
            await ask(self._api, Question(f"the {what} to {release}", "POST", path, json={}, repeats=True), good=(200, 201, 202))
        except Refused as error:
            if error.status in {409, 422} and (await self._serving()) == release:
                return
            raise
        until = self._clock.monotonic() + self._waiting.alias_s
        while True:
            job = (await self._project(rollbackInfo="true")).last_alias_request
            if job is not None and job != before and job.to_deployment_id == release and job.job_status in _OVER:
                break
            if self._clock.monotonic() >= until:
                status = job.job_status if job and job.to_deployment_id == release else "not begun"
                raise Undecided(f"Vercel's {what} to {release} is still {status}; run this again to go on.")
            await asyncio.sleep(self._waiting.every_s)
        if job.job_status != "succeeded":
            raise Failed(f"Vercel's {what} to {release} {job.job_status}{await self._left_behind(what)}.")

    async def _left_behind(self, what: str) -> str:
        """Which addresses didn't move."""
        path = f"/v9/projects/{self._id}/rollback/aliases" if what == "rollback" else f"/v1/projects/{self._id}/promote/aliases"
        question = Question("the addresses that didn't move", "GET", path, {"failedOnly": "true", "limit": "20"})
        try:
            names = [one.alias for one in (await read(self._api, question, _FailedAliases)).aliases]
        except ProviderError:
            return "; which addresses didn't move can't be read"
        return f"; not moved: {', '.join(names)}" if names else ""

    async def _served(self, release: str) -> Release:
        """The release, once it is what people get; an answer from before is asked for again."""
        until = self._clock.monotonic() + self._waiting.alias_s
        while (serving := await self._serving()) != release:
            if self._clock.monotonic() >= until:
                raise Undecided(f"Vercel says that it is done, but still serves {serving or 'nothing'} instead of {release}.")
            await asyncio.sleep(self._waiting.every_s)
        found = _release(await self._one(release), serving)
        if found.trouble:
            raise Failed(f"Vercel serves {release}, but says: {found.trouble}.")
        return found

    async def _one(self, release: str) -> _Deployment:
        return await read(self._api, Question(f"deployment {release}", "GET", f"/v13/deployments/{release}"), _Deployment)

    async def _serving(self) -> str:
        target = (await self._project()).targets.get("production")
        return target.id if target else ""

    async def _project(self, **query: str) -> _Project:
        found = await read(self._api, Question("the project", "GET", f"/v9/projects/{self._id}", query), _Project)
        if self._id not in {found.id, found.name}:
            raise Odd(f"Vercel answers with project {found.name} where {self._id} was asked for.")
        return found

    async def _domain(self, one: _Domain) -> Domain:
        if not one.verified:
            return Domain(one.name, "not verified")
        found = await read(self._api, Question(f"the settings of {one.name}", "GET", f"/v6/domains/{one.name}/config"), _DomainConfig)
        return Domain(one.name, "misconfigured" if found.misconfigured else "")


def _release(one: _Deployment, serving: str) -> Release:
    number = one.uid or one.id
    stage = _STAGES.get(one.ready_state or one.state, Stage.UNKNOWN)
    trouble = (one.alias_error or {}).get("message", "") or one.error_message or one.error_code or ""
    return Release(
        id=number,
        url=f"https://{one.url}",
        commit=one.meta.get("githubCommitSha") or (one.git_source.sha if one.git_source else ""),
        stage=stage,
        serves=bool(number) and number == serving,
        can_return=bool(one.is_rollback_candidate) and stage is Stage.READY,
        created_at=_moment(one.created or one.created_at),
        trouble=trouble,
        building_at=_moment(one.building_at) if one.building_at else None,
        ready_at=_moment(one.ready) if one.ready else None,
    )


def _goes_on(stage: Stage) -> bool:
    return stage in {Stage.QUEUED, Stage.BUILDING, Stage.READY}


def _moment(ms: float) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
