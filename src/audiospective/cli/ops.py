"""`ops`: the runbook that runs. Checks, sign-offs, the launch record and its ledger; backups and keys are in ops_data.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit
from audiospective.cli.environment import environment
from audiospective.cli.ops_around import scene, target_of
from audiospective.cli.ops_board import BoxAnswer, board, ended, on_record, standings
from audiospective.cli.ops_walk import walk_all
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Invalid
from audiospective.operations import boxes, launch, launches, paper, record
from audiospective.operations import lint as lint_of
from audiospective.operations.boxes import Box
from audiospective.operations.judge import GOOD
from audiospective.operations.lint import Finding
from audiospective.operations.measure import Profile, readings
from audiospective.operations.probes import environment as names_of
from audiospective.operations.probes import site

app = App(name="ops", help="The runbook that runs: checks, sign-offs, backups, keys, and a ledger of all of it.")
runbook = App(name="runbook", help="The 219 boxes: list, run, show, and compare with an edited text.")
app.command(runbook)
app.command("audiospective.cli.ops_ledger:app", name="ledger")
app.command("audiospective.cli.ops_incident:app", name="incident")
app.command("audiospective.cli.ops_smoke:walk", name="smoke")
app.command("audiospective.cli.ops_decide:decide_gate", name="decide")
app.command("audiospective.cli.ops_decide:matrix", name="matrix")
app.command("audiospective.cli.ops_launch:app", name="launch")
app.command("audiospective.cli.ops_hotfix:app", name="hotfix")
app.command("audiospective.cli.ops_launch:traffic_by_hour", name="traffic")
for _name in ("ack", "sign", "ready", "trained", "waive"):
    app.command(f"audiospective.cli.ops_people:{_name}", name=_name)
for _name in ("init", "contacts", "escalate", "providers", "window", "quickref"):
    app.command(f"audiospective.cli.ops_launch:{_name}", name=_name)
for _name in ("watch", "daily", "weekly", "monthly", "rounds"):
    app.command(f"audiospective.cli.ops_watch:{_name}", name=_name)
app.command("audiospective.cli.ops_incident:status", name="status")
app.command("audiospective.cli.ops_announce:app", name="announce")
app.command("audiospective.cli.ops_announce:support", name="support")
app.command("audiospective.cli.ops_alerts:app", name="alerts")
for _name in ("cron", "ci", "env"):
    app.command(f"audiospective.cli.ops_{_name}:app", name=_name)
app.command("audiospective.cli.ops_errors:app", name="errors")
for _name in ("publish", "probe"):
    app.command(f"audiospective.cli.ops_notices:{_name}", name=_name)
app.command("audiospective.cli.ops_logs:logs", name="logs")
app.command("audiospective.cli.ops_dashboards:dashboards", name="dashboards")
app.command("audiospective.cli.ops_feedback:app", name="feedback")
app.command("audiospective.cli.ops_drill:app", name="drill")
app.command("audiospective.cli.ops_releases:releases", name="releases")
app.command("audiospective.cli.ops_releases:deploy_release", name="deploy")
app.command("audiospective.cli.ops_releases:freezing", name="freeze")
app.command("audiospective.cli.ops_rollback:app", name="rollback")
app.command("audiospective.cli.ops_code:tagging", name="tag")
app.command("audiospective.cli.ops_code:build", name="build")
for _name in ("db", "services"):
    app.command(f"audiospective.cli.ops_audit:{_name}", name=_name)
app.command("audiospective.cli.ops_audit:deps_audit", name="deps-audit")
app.command("audiospective.cli.ops_code:run_tests", name="test")
app.command("audiospective.cli.ops_code:history", name="leaks")
for _name in ("backup", "backups", "verify-backup", "restore", "resume", "rotate-keys", "keys"):
    app.command(f"audiospective.cli.ops_data:{_name.replace('-', '_')}", name=_name)


#: Options that many commands have.
Which = Annotated[Profile, Parameter(name="--profile")]
At = Annotated[str, Parameter(name="--url")]


@runbook.command(name="list")
def list_boxes(chapter: str = "all", /, *, as_json: AsJson = False) -> None:
    """List the boxes with the command that settles each, and how they stand.

    Example: `audiospective ops runbook list --json`

    Parameters
    ----------
    chapter
        all, pre-deployment, deployment, verification, monitoring, rollback or incidents.
    """
    wanted = boxes.of_chapter(chapter)
    answer(with_parts(lambda parts: standings(parts, wanted)), as_json=as_json, text=board)


@runbook.command
def show(*, printable: bool = False, as_json: AsJson = False) -> None:
    """Print the launch record: every box that was checked or signed.

    Example: `audiospective ops runbook show --printable`

    Parameters
    ----------
    printable
        The runbook's checklist of thirty, as far as it is filled.
    """
    if printable:
        print(with_parts(_on_paper), flush=True)
        return

    answer(with_parts(on_record), as_json=as_json, text=lambda rows: board(rows) if rows else "Nothing is on record yet.")


@runbook.command(name="run")
def run_chapter(
    chapter: str,
    /,
    *,
    yes: bool = False,
    start: Annotated[str, Parameter(name="--from")] = "",
    user: str = "",
    now: str = "",
    profile: Which = Profile.SELF_HOSTED,
    url: At = "",
    as_json: AsJson = False,
) -> int:
    """Run a chapter: everything that can be measured is, and written down. `all --yes` walks the whole launch and acts.

    Ends with 0 when all is green, 1 when something failed, 3 when something is unknown, 4 when somebody must act, 5 at a shut gate.

    Example: `audiospective ops runbook run all --yes`

    Parameters
    ----------
    chapter
        all, or one of the chapters that `ops runbook list` names.
    yes
        With `all`: run what settles each box too, stage after stage; stopped, it goes on from there the next time.
    start
        A box of the stage to begin with, passed or not.
    user
        The listener who lends their archive to the smoke tests.
    now
        A rehearsal's moment, as in 2026-12-01T09:30Z; never in production.
    profile
        self-hosted or cloud.
    url
        Where the instance answers; APP_URL unless named.
    """
    if yes and chapter == "all":
        return walk_all(start=start, user=user, now=now, as_json=as_json)
    return run_boxes(boxes.of_chapter(chapter), profile, url, as_json)


@runbook.command
def lint(file: Path, /, *, as_json: AsJson = False) -> int:
    """Compare a runbook's text with the boxes: what does nothing here cover?

    Example: `audiospective ops runbook lint RUNBOOK.md`

    Parameters
    ----------
    file
        A Markdown file with boxes.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} can't be read; name a Markdown file.", field="FILE") from error
    found = lint_of.lint(text)
    answer(found, as_json=as_json, text=_findings)
    return Exit.NO if found else Exit.DONE


@app.command(name="verify-env")
def verify_env(*, profile: Which = Profile.SELF_HOSTED, as_json: AsJson = False) -> int:
    """Check the fifteen variables; values are never shown.

    Example: `audiospective ops verify-env`

    Parameters
    ----------
    profile
        self-hosted or cloud.
    """
    found = names_of.variables(environment(), on_one_machine=profile is Profile.SELF_HOSTED)
    answer(found, as_json=as_json, text=lambda rows: "\n".join([*map(_variable, rows), _verified(rows)]))
    return Exit.DONE if all(one.is_set or one.instead for one in found) else Exit.NO


@app.command
def preflight(
    *,
    is_open: Annotated[bool, Parameter(name="--open", negative=())] = False,
    profile: Which = Profile.SELF_HOSTED,
    url: At = "",
    as_json: AsJson = False,
) -> int:
    """Run everything before a deployment: the first chapter.

    Example: `audiospective ops preflight --json`

    Parameters
    ----------
    is_open
        Leave out what is green and not too old: no second message in the chat.
    profile
        self-hosted or cloud.
    url
        Where the instance answers; APP_URL unless named.
    """
    return run_boxes(boxes.of_chapter("pre-deployment"), profile, url, as_json, is_open=is_open)


@app.command
def health(*, count: int = 1, every: float = 120.0, url: At = "", as_json: AsJson = False) -> int:
    """Look at /api/health, several times if wanted, and settle its boxes.

    Example: `audiospective ops health --count 5 --every 120`

    Parameters
    ----------
    count
        How many looks.
    every
        Seconds between them; the box of five looks wants 120.
    url
        Where the instance answers; APP_URL unless named.
    """
    if not 1 <= count <= 100 or not 0 <= every <= 3600:
        raise Invalid("--count is 1 to 100 and --every 0 to 3600 seconds.", field="--count")

    async def work(parts: Parts) -> list[BoxAnswer]:
        target = await target_of(parts, url)
        found = await site.health(parts.spotify.http, target, calls=site.CALLS)
        if count > 1:
            found |= await site.rounds(parts.spotify.http, target, clock=parts.clock, count=count, every_s=every)
        wanted = [box for box in boxes.boxes() if box.reading in found]
        async with parts.db.transaction() as conn:
            await launch.record(conn, wanted, found, actor=_actor(), now=parts.clock.now())
        return await standings(parts, wanted)

    return ended(with_parts(work), as_json)


@app.command
def explain(box: str, /) -> None:
    """Say what a box asks, how it is settled, and how it stands.

    Example: `audiospective ops explain R018`

    Parameters
    ----------
    box
        Its id, R001 to R219.
    """
    wanted = boxes.box(box)
    (row,) = with_parts(lambda parts: standings(parts, [wanted]))
    minutes = int(wanted.fresh.total_seconds() // 60)
    lines = [
        f"{wanted.id}, {wanted.chapter}: {wanted.text}",
        f"It is a {wanted.kind}; settle it with: audiospective {wanted.command}",
        f"Wanted: {wanted.wants or 'a name in the ledger'}; believed for {minutes} minutes.",
        f"Now: {row['state']}. {row['reason']}",
    ]
    print("\n".join(lines), flush=True)


async def _on_paper(parts: Parts) -> str:
    async with parts.db.reading() as conn:
        found = await launches.current(conn)
        stands = await record.recorded(conn)
    return paper.printable(stands, f"v{found.version if found else version('audiospective')}")


def run_boxes(wanted: Sequence[Box], profile: Profile, url: str, as_json: bool, *, is_open: bool = False) -> int:
    """Measure these boxes, or those of them that aren't green, and write down what was found; the exit code says how all stand."""

    async def work(parts: Parts) -> list[BoxAnswer]:
        looked = await _open(parts, wanted) if is_open else wanted
        found = await readings(await scene(parts, profile, url, looked), profile)
        async with parts.db.transaction() as conn:
            await launch.record(conn, looked, found, actor=_actor(), now=parts.clock.now())
        return await standings(parts, wanted)

    return ended(with_parts(work), as_json)


async def _open(parts: Parts, wanted: Sequence[Box]) -> list[Box]:
    async with parts.db.reading() as conn:
        return [one.box for one in await launch.standings(conn, wanted, parts.clock.now()) if one.status not in GOOD]


def _actor() -> str:
    return acting()


def _findings(found: Sequence[Finding]) -> str:
    lines = [f"line {one.line}: {one.what}: {one.text}" if one.line else f"{one.what}: {one.text}" for one in found]
    kinds = Counter(one.kind for one in lint_of.covered())
    others = ", ".join(f"{kinds[kind]} {kind}s" for kind in ("command", "template", "threshold", "rule"))
    return "\n".join(lines) or f"Everything is covered: {len(boxes.boxes())} boxes, {others}."


def _variable(one: names_of.Variable) -> str:
    if one.is_set:
        return f"✅ {one.name} is set"
    return f"➖ {one.name} isn't set; instead: {one.instead}" if one.instead else f"❌ {one.name} is missing"


def _verified(found: Sequence[names_of.Variable]) -> str:
    missing = [one.name for one in found if not one.is_set and not one.instead]
    if missing:
        return f"❌ Missing: {', '.join(missing)}"
    replaced = sum(not one.is_set for one in found)
    return "✅ All required environment variables verified!" + (
        f" ({15 - replaced} of 15 set, rest replaced by built-in)" if replaced else ""
    )
