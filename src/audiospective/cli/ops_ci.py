"""`ops ci`: start a workflow where the source lives, and wait for one."""

from __future__ import annotations

import asyncio
import getpass
import sys
from pathlib import Path
from typing import TypedDict

from cyclopts import App

from audiospective.bootstrap import Parts
from audiospective.cli.endings import Exit
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Invalid, Unavailable
from audiospective.operations import ledger
from audiospective.operations.ledger import Entry
from audiospective.operations.probes import code
from audiospective.operations.providers.chosen import SETS_UP
from audiospective.operations.providers.ports import Ci, Run
from audiospective.operations.surroundings import WORKFLOW

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
        async with parts.db.transaction() as conn:
            await ledger.append(conn, [Entry(getpass.getuser(), "ci.started", name, {"ref": ref})], parts.clock.now())

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

    async def work(parts: Parts) -> RunAnswer:
        ci, until = _ci(parts), parts.clock.monotonic() + minutes * 60
        while True:
            found = await ci.run_of(workflow, wanted)
            if found is not None and found.conclusion:
                return _answer(found, await ci.jobs(found.id))
            if parts.clock.monotonic() >= until:
                said = found.status if found else "not begun"
                raise Unavailable(f"{workflow} at {wanted[:8]} is {said} after {minutes:g} minutes; run this again to go on waiting.")
            print(f"{workflow} at {wanted[:8]}: {found.status if found else 'not begun'} …", file=sys.stderr, flush=True)
            await asyncio.sleep(every)

    found = with_parts(work)
    answer(found, as_json=as_json, text=_text)
    return Exit.DONE if found["conclusion"] == "success" else Exit.NO


def _ci(parts: Parts) -> Ci:
    found = parts.providers(is_cloud=True).ci
    if found is None:
        raise Unavailable(f"{SETS_UP['ci']} isn't set, so no workflow can be asked about.")
    return found


def _answer(run: Run, jobs: dict[str, str]) -> RunAnswer:
    return RunAnswer(id=run.id, status=run.status, conclusion=run.conclusion, url=run.url, jobs=jobs)


def _text(told: RunAnswer) -> str:
    return "\n".join([f"{told['conclusion']}: {told['url']}", *(f"  {name:<24}{said}" for name, said in told["jobs"].items())])
