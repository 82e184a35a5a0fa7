"""GitHub: keeps the source, builds and tests it (https://docs.github.com/rest)."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import quote

import aiohttp
import msgspec

from audiospective.operations.providers.asking import Api, Patience, Question, ask, decoded, read
from audiospective.operations.providers.ports import Run
from audiospective.outside import GithubSettings

_PAGES: Final = 10


class _Repository(msgspec.Struct):
    private: bool
    visibility: str = ""


class _Object(msgspec.Struct):
    type: str
    sha: str


class _Ref(msgspec.Struct):
    object: _Object


class _Run(msgspec.Struct):
    id: int
    status: str
    head_sha: str
    created_at: datetime
    conclusion: str | None = None
    html_url: str = ""


class _Runs(msgspec.Struct):
    workflow_runs: list[_Run]


class _Job(msgspec.Struct):
    name: str
    status: str
    conclusion: str | None = None


class _Jobs(msgspec.Struct):
    total_count: int
    jobs: list[_Job]


class Github:
    """The repository that the settings name."""

    def __init__(self, http: aiohttp.ClientSession, settings: GithubSettings, *, patience: Patience | None = None) -> None:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if settings.token:
            headers["Authorization"] = f"Bearer {settings.token.reveal()}"
        self._api = Api(http, "GitHub", f"{settings.url}/repos/{settings.repository}", "GITHUB_TOKEN", headers, {}, patience or Patience())

    async def is_public(self) -> bool:
        """By both of its words for it."""
        found = await read(self._api, Question("the repository", "GET", ""), _Repository)
        return not found.private and found.visibility in {"", "public"}

    async def tag(self, name: str) -> str | None:
        """The commit behind it, also where the tag is an object of its own."""
        question = Question(f"tag {name}", "GET", f"/git/ref/tags/{quote(name, safe='')}")
        told = await ask(self._api, question, good=(200, 404))
        if told.status == 404:
            return None
        found = decoded(self._api, question, told.body, _Ref).object
        if found.type == "tag":
            found = (await read(self._api, Question(f"tag {name}", "GET", f"/git/tags/{found.sha}"), _Ref)).object
        return found.sha

    async def run_of(self, workflow: str, commit: str) -> Run | None:
        """The newest of that commit; an answer about another commit isn't one."""
        query = {"head_sha": commit, "per_page": "1"}
        question = Question(f"the runs of {workflow}", "GET", f"/actions/workflows/{workflow}/runs", query)
        found = [one for one in (await read(self._api, question, _Runs)).workflow_runs if one.head_sha == commit]
        if not found:
            return None
        one = found[0]
        return Run(str(one.id), one.status, one.conclusion or "", one.html_url, one.created_at)

    async def jobs(self, run: str) -> dict[str, str]:
        """By name; all pages."""
        found: dict[str, str] = {}
        for page in range(1, _PAGES + 1):
            question = Question(f"the jobs of run {run}", "GET", f"/actions/runs/{run}/jobs", {"per_page": "100", "page": str(page)})
            told = await read(self._api, question, _Jobs)
            found |= {one.name: one.conclusion or one.status for one in told.jobs}
            if not told.jobs or len(found) >= told.total_count:
                break
        return found

    async def dispatch(self, workflow: str, ref: str) -> None:
        """Start it on a branch or tag; not tried twice, since each would be a run."""
        question = Question(f"a run of {workflow}", "POST", f"/actions/workflows/{workflow}/dispatches", json={"ref": ref})
        await ask(self._api, question, good=(204,))
