"""`ops ci`: start a workflow where the source lives, and wait for one."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import Final, TypedDict

from cyclopts import App

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Invalid, Unavailable, Unfinished
from audiospective.operations import ledger
from audiospective.operations.ledger import Entry
from audiospective.operations.probes import code
from audiospective.operations.providers.asking import ProviderError, Silent
from audiospective.operations.providers.chosen import SETS_UP
from audiospective.operations.providers.ports import Ci, Run
from audiospective.operations.surroundings import WORKFLOW

STARTED: Final = "ci.started"
_REFUSED: Final = "ci.refused"
#: GitHub lists a run that was asked for within seconds.
_LISTED_WITHIN: Final = timedelta(minutes=2)

app = App(name="ci", help="Workflows where the source lives: run, wait.")


class RunAnswer(TypedDict):
    """A workflow's run; `conclusion` is "" while it goes on."""

    id: str
    status: str
    conclusion: str
    url: str
    jobs: dict[str, str]


@app.command
def run(workflow: str, /, *, ref: str = "main") -> None:
    """Start a workflow.

    Example: `audiospective ops ci run pr-checks.yml --ref main`

    Parameters
    ----------
    workflow
        Its file, as in pr-checks.yml.
    ref
        Branch or tag.
    """
    name = workflow if workflow.endswith((".yml", ".yaml")) else f"{workflow}.yml"

    async def work(parts: Parts) -> None:
        await _ci(parts).dispatch(name, ref)
        await _noted(parts, STARTED, name, ref)

    with_parts(work)
    print(f"Started {name} on {ref}.", flush=True)


@app.command
def wait(workflow: str = WORKFLOW, /, *, commit: str = "", minutes: float = 15.0, every: float = 10.0, as_json: AsJson = False) -> int:
    """Wait for a workflow's run; ends with 1 when it didn't succeed, 3 when it wasn't over in time.

    Example: `audiospective ops ci wait deploy-production.yml`

    Parameters
    ----------
    workflow
        Its file.
    commit
        Which commit it is for; that of the working directory unless named.
    minutes
        How long at most.
    every
        Seconds between looks.
    """
    if not 0 < minutes <= 120 or not 0 < every <= 300:
        raise Invalid("--minutes is up to 120 and --every up to 300 seconds.", field="--minutes")
    wanted = commit or code.head(Path.cwd())
    if not wanted:
        raise Invalid("This isn't a checkout with git; name the commit: --commit SHA.", field="--commit")

    found, said = with_parts(lambda parts: _waited(parts, workflow, wanted, minutes, every))
    if found is None:
        raise Unavailable(f"{workflow} at {wanted[:8]} is {said} after {minutes:g} minutes; run this again to go on waiting.")
    answer(found, as_json=as_json, text=_text)
    return Exit.DONE if found["conclusion"] == "success" else Exit.NO


def begin_deploy(*, commit: str, ref: str) -> None:
    """Let the workflow deploy a commit, unless it does already, or a run before this one has just asked for it."""

    async def begin(parts: Parts) -> None:
        ci, subject = _ci(parts), f"{WORKFLOW} {commit}"
        if await ci.run_of(WORKFLOW, commit) is not None or await _has_just_asked(parts, subject):
            return
        await _noted(parts, STARTED, subject, ref)  # before, so that whoever is killed in between doesn't start a second one
        try:
            await ci.dispatch(WORKFLOW, ref)
        except Silent as error:
            print(f"{error.message} Whether it was started shows in its runs.", file=sys.stderr, flush=True)
        except ProviderError:
            await _noted(parts, _REFUSED, subject, ref)
            raise

    with_parts(begin)


def wait_deploy(*, commit: str, minutes: float, every: float, as_json: bool) -> int:
    """Wait for the workflow that deploys a commit. Raises Unfinished when it isn't over in time."""
    found, said = with_parts(lambda parts: _waited(parts, WORKFLOW, commit, minutes, every))
    if found is None:
        raise Unfinished(f"{WORKFLOW} at {commit[:8]} is {said} after {minutes:g} minutes. Run the same command again: it goes on waiting.")
    answer(found, as_json=as_json, text=_text)
    return Exit.DONE if found["conclusion"] == "success" else Exit.NO


async def _has_just_asked(parts: Parts, subject: str) -> bool:
    """Whether it was asked for so lately that its run may not be listed yet."""
    async with parts.db.reading() as conn:
        line = (await ledger.newest(conn, STARTED, _REFUSED)).get(subject)
    return line is not None and line.event == STARTED and parts.clock.now() - line.at < _LISTED_WITHIN


async def _noted(parts: Parts, event: str, subject: str, ref: str) -> None:
    async with parts.db.transaction() as conn:
        await ledger.append(conn, [Entry(acting(), event, subject, {"ref": ref})], parts.clock.now())


async def _waited(parts: Parts, workflow: str, commit: str, minutes: float, every: float) -> tuple[RunAnswer | None, str]:
    """The run when it is over; None, and how it stands, when that takes too long."""
    ci, until = _ci(parts), parts.clock.monotonic() + minutes * 60
    while True:
        found = await ci.run_of(workflow, commit)
        if found is not None and found.conclusion:
            return _answer(found, await ci.jobs(found.id)), ""
        said = found.status if found else "not begun"
        if parts.clock.monotonic() >= until:
            return None, said
        print(f"{workflow} at {commit[:8]}: {said} …", file=sys.stderr, flush=True)
        await asyncio.sleep(every)


def _ci(parts: Parts) -> Ci:
    found = parts.providers(is_cloud=True).ci
    if found is None:
        raise Unavailable(f"{SETS_UP['ci']} isn't set, so no workflow can be asked about.")
    return found


def _answer(run: Run, jobs: dict[str, str]) -> RunAnswer:
    return RunAnswer(id=run.id, status=run.status, conclusion=run.conclusion, url=run.url, jobs=jobs)


def _text(told: RunAnswer) -> str:
    return "\n".join([f"{told['conclusion']}: {told['url']}", *(f"  {name:<24}{said}" for name, said in told["jobs"].items())])
