"""`ops rollback`: back to a release that was well, by those who may."""

from __future__ import annotations

import asyncio
from typing import Annotated, TypedDict

from cyclopts import App, Parameter

from audiospective.bootstrap import Parts
from audiospective.cli import ops_hosted
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit, say
from audiospective.cli.environment import read_settings
from audiospective.cli.ops_releases import By, Which, caught_up, schema
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Invalid, Unavailable
from audiospective.infra.clock import clock_of
from audiospective.operations import authority, release_state, rollback, team
from audiospective.operations.authority import Asked
from audiospective.operations.deploy import Errand
from audiospective.operations.measure import Profile
from audiospective.operations.rollback import LAST_GOOD

app = App(name="rollback", help="Back to a release that was well; data stay as they are, but for `data` itself.")
app.command("audiospective.cli.ops_rewind:go_back", name="data")


class RequestAnswer(TypedDict):
    """The number of a request, and who approves it ("": nobody is on record)."""

    request: int
    lead: str


class RollbackAnswer(TypedDict):
    """Where it went, and how long from the command to the third healthy answer and its record."""

    release: str
    version: str
    left: str
    seconds: float
    is_running: bool


@app.default
def roll_back(
    *,
    to: str = LAST_GOOD,
    profile: Which = Profile.SELF_HOSTED,
    reason: str = "",
    by: By = "",
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    as_json: AsJson = False,
) -> int:
    """Let an earlier release serve again: checked first, then the switch, then three healthy answers. Deploys are frozen from then on.

    The deployment lead may at any time; others with the lead's approval. Ends with 5 when it may not be, 8 when another operator is at it.

    Example: `audiospective ops rollback --to last-good --reason "sign-in fails for everybody"`

    Parameters
    ----------
    to
        A release's id or version, or last-good: the newest that was proved and can live with the schema; at a host also its
        address or commit.
    profile
        self-hosted, or cloud: a release at the host.
    reason
        What is wrong; written down.
    by
        Your name; the account that you are signed in with unless named.
    dry_run
        Check the target and print the command, and do nothing.
    """
    settings, who = read_settings(), by or acting()
    errand = Errand(settings.home, who, clock_of(settings), say)
    if profile is Profile.CLOUD:
        if not dry_run:
            may(who)
        return ops_hosted.roll_back(to=to, by=who, dry_run=dry_run, as_json=as_json)
    began, left = errand.clock.monotonic(), asyncio.run(rollback.serving(settings.home))
    target = rollback.choose(rollback.candidates(settings.home, left, schema(settings.home)), to)
    if dry_run:
        print(f"audiospective ops rollback --to {target.id}    # from {left}; its files and the schema were checked", flush=True)
        return Exit.DONE
    may(who)
    with release_state.locked(settings.home, who, "rolling back", errand.clock.now()):
        done = asyncio.run(rollback.roll_back(errand, target, settings.app_url, reason=reason))
    seconds = round(errand.clock.monotonic() - began, 2)
    caught_up(settings.home)
    told = RollbackAnswer(release=target.id, version=target.version, left=left, seconds=seconds, is_running=bool(done.stages))
    answer(told, as_json=as_json, text=_text)
    return Exit.DONE


@app.command
def request(*, reason: str, by: By = "", critical: Annotated[bool, Parameter(negative=())] = False, as_json: AsJson = False) -> None:
    """Ask the deployment lead for a rollback.

    Example: `audiospective ops rollback request --by "Noor" --reason "one in ten requests fails"`

    Parameters
    ----------
    reason
        What is wrong.
    by
        Your name; the account that you are signed in with unless named.
    critical
        Data are lost, nobody gets in, or nothing loads: after five minutes the backup engineer may approve too.
    """
    if not reason.strip():
        raise Invalid("Say what is wrong: --reason “…”.", field="--reason")

    async def work(parts: Parts) -> RequestAnswer:
        async with parts.db.transaction() as conn:
            who = by or acting()
            number = await authority.request(conn, who, reason.strip(), parts.clock.now(), is_critical=critical)
            return RequestAnswer(request=number, lead=await team.holder(conn, "deployment-lead") or "")

    answer(with_parts(work), as_json=as_json, text=_requested)


@app.command
def approve(number: int, /, *, by: By = "", as_json: AsJson = False) -> None:
    """Approve a request: whoever asked may roll back within the hour.

    Example: `audiospective ops rollback approve 1 --by "Mara Quill"`

    Parameters
    ----------
    number
        The request's.
    by
        Your name; the account that you are signed in with unless named.
    """

    async def work(parts: Parts) -> Asked:
        async with parts.db.transaction() as conn:
            return await authority.approve(conn, number, by or acting(), parts.clock.now())

    found = with_parts(work)
    answer(
        found,
        as_json=as_json,
        text=lambda one: f'{one.by} may roll back within the hour: audiospective ops rollback --by "{one.by}" --reason "{one.reason}"',
    )


def may(who: str) -> None:
    """Who may is in the ledger; while the database is away, whoever is there acts, and it is written down."""

    async def work(parts: Parts) -> None:
        async with parts.db.reading() as conn:
            await authority.may(conn, who, parts.clock.now())

    try:
        with_parts(work)
    except Unavailable:
        say("The ledger can't be asked who leads; this is written down as done without asking.")


def _text(told: RollbackAnswer) -> str:
    if not told["is_running"]:
        return f"Nothing runs here; the next “audiospective up” starts {told['release']}."
    return (
        f"✓ Rolled back to {told['release']} in {told['seconds']:.1f} s.\n"
        "Deploys are frozen until: audiospective ops freeze lift\n"
        "Tell people: audiospective ops announce draft M10 (team), M11 (in public), M12 (status page)"
    )


def _requested(told: RequestAnswer) -> str:
    lead = told["lead"] or "NAME"
    return f'Request {told["request"]} is written down. {lead} approves: audiospective ops rollback approve {told["request"]} --by "{lead}"'
