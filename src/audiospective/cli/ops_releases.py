"""`ops releases`, `deploy`, `freeze`: releases side by side, and the way out of the door for a new one."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, TypedDict
from urllib.parse import urlsplit

import aiohttp
from cyclopts import App, Parameter

from audiospective.bootstrap import Parts
from audiospective.cli import ops_ci, ops_hosted
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit, say
from audiospective.cli.environment import environment, read_settings
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Conflict, Invalid, Refused, Unavailable
from audiospective.infra.clock import clock_of
from audiospective.infra.embedded import address_of
from audiospective.infra.migrate import applied
from audiospective.infra.schema import Applied
from audiospective.operations import boxes, building, decide, deploy, launch, release_record, release_state, rollback, supervision
from audiospective.operations import releases as store
from audiospective.operations.decide import Gate
from audiospective.operations.deploy import Errand
from audiospective.operations.measure import Profile
from audiospective.operations.probes import code
from audiospective.operations.probes.site import Target
from audiospective.operations.releases import Release
from audiospective.operations.rollback import Candidate
from audiospective.operations.supervision import Stage
from audiospective.settings import Settings

freezing = App(name="freeze", help="Nobody deploys until it is lifted.")

By = Annotated[str, Parameter(name="--by")]
Which = Annotated[Profile, Parameter(name="--profile")]
#: The four states in which a release can be.
_STATES = {"serving": "●", "last good": "✓", "good": " ", "not": "✗"}


class ReleaseAnswer(TypedDict):
    """A release; `state` is serving, last good, good or not, and `why_not` says why no rollback goes there."""

    id: str
    version: str
    commit: str
    schema: str
    state: str
    served_at: datetime | None
    proved_at: datetime | None
    why_not: str


class DeployAnswer(TypedDict):
    """What was deployed; seconds from the command's beginning; `address` answers with it."""

    release: str
    version: str
    before: str
    address: str
    started_s: float
    laid_out_s: float
    ready_s: float
    healthy_s: float
    wrong: list[str]


def releases(*, as_json: AsJson = False) -> None:
    """List the releases: which serves, which one a rollback goes to, and why the others aren't.

    Example: `audiospective ops releases`
    """
    home = read_settings().home
    serving = asyncio.run(rollback.serving(home))
    found = rollback.candidates(home, serving, schema(home))
    good = next((one.id for one in found if not one.why_not), "")
    rows = [_row(one, serving, good) for one in found]
    frozen = release_state.read(home).freeze
    more = [f"Deploys are frozen by {frozen.by}: {frozen.reason}."] if frozen else []
    answer(rows, as_json=as_json, text=lambda rows: "\n".join([*map(_line, rows), *more]))


def deploy_release(
    *,
    via: Literal["local", "api", "ci"] = "local",
    profile: Which = Profile.SELF_HOSTED,
    version: str = "",
    wheel: Path | None = None,
    commit: str = "HEAD",
    watch: float = 30.0,
    minutes: float = 20.0,
    every: float = 10.0,
    by: By = "",
    reason: str = "",
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    as_json: AsJson = False,
) -> int:
    """Let a new release serve: laid out, schema brought up, proved beside the one that serves, switched, watched. Nobody is turned away.

    Ends with 1 when it never served, or serves and isn't well, 5 when a gate is closed, 6 when a host isn't done in time, 7 when the new
    release wasn't well and the one before serves again, 8 when another operator is at it. Run it again after any interruption: it finds out
    what was done.

    Example: `audiospective ops deploy --wheel audiospective-1.1.0-py3-none-any.whl --commit 1a2b3c4d`

    Parameters
    ----------
    via
        local: on this machine, beside the release that serves; api: the host builds and serves it; ci: the workflow deploy-production
        does, started unless it runs for this commit already.
    profile
        self-hosted, or cloud, which is by the api.
    version
        One that is laid out already, or the version of a tag of this checkout.
    wheel
        The wheel to deploy; built from the commit of this checkout unless named.
    commit
        What the wheel was built from.
    watch
        Seconds for which the new release is watched before it counts as proved.
    minutes
        With `--via ci`: how long it is waited for.
    every
        With `--via ci`: seconds between looks.
    by
        Your name; the account that you are signed in with unless named.
    reason
        Why it may go out although a gate is closed; written down.
    dry_run
        Say what would be done, and do nothing.
    """
    settings, who = read_settings(), by or acting()
    errand = Errand(settings.home, who, clock_of(settings), say, environment())
    deploy.refuse_frozen(settings.home)
    is_hosted = via == "api" or profile is Profile.CLOUD
    if dry_run and via == "ci":
        print(f"start deploy-production.yml on {version or 'main'} unless it runs for {commit}, and wait for it", flush=True)
        return Exit.DONE
    if dry_run and not is_hosted:
        print("\n".join(_plan(settings, version, wheel, commit)), flush=True)
        return Exit.DONE
    if not dry_run:
        _refuse_red(settings, reason)
    if via == "ci":
        full = building.commit_of(Path.cwd(), commit)
        with release_state.locked(settings.home, who, "deploying", errand.clock.now()):
            ops_ci.begin_deploy(commit=full, ref=version or "main")
        return ops_ci.wait_deploy(commit=full, minutes=minutes, every=every, as_json=as_json)  # the workflow itself takes the lock
    with release_state.locked(settings.home, who, "deploying", errand.clock.now()):
        if is_hosted:
            return ops_hosted.deploy(commit=commit, version=version, by=who, dry_run=dry_run, as_json=as_json)
        asyncio.run(supervision.standing(settings.home))
        began = errand.clock.monotonic()
        release = _laid_out(errand, version, wheel, commit)
        deploy.refuse_outrun(release)
        try:
            told = asyncio.run(_deployed(errand, settings, release, began, watch))
        except Conflict as error:
            _failed(errand, release, error.message, via)
            caught_up(settings.home)
            raise
        _noted(errand, told, via)
    caught_up(settings.home)
    answer(told, as_json=as_json, text=deployed_text)
    return deployed_exit(told)


@freezing.default
def freeze(*, reason: str, by: By = "") -> None:
    """Keep everybody from deploying; rolling back stays possible.

    Example: `audiospective ops freeze --reason "the launch is on"`

    Parameters
    ----------
    reason
        What others read who want to deploy.
    by
        Your name; the account that you are signed in with unless named.
    """
    if not reason.strip():
        raise Invalid("Say why: --reason “…”.", field="--reason")
    settings = read_settings()
    rollback.freeze(settings.home, by or acting(), reason.strip(), clock_of(settings).now())
    caught_up(settings.home)
    print("Deploys are frozen. To go on: audiospective ops freeze lift", flush=True)


@freezing.command
def lift(*, by: By = "") -> None:
    """Let deploys go on.

    Example: `audiospective ops freeze lift`

    Parameters
    ----------
    by
        Your name; the account that you are signed in with unless named.
    """
    settings = read_settings()
    was = rollback.lift(settings.home, by or acting(), clock_of(settings).now())
    caught_up(settings.home)
    print("Deploys may go on." if was else "Deploys weren't frozen.", flush=True)


def schema(home: Path) -> list[Applied]:
    """What the database has had; of one that is away, what the releases that served brought."""
    try:
        return with_parts(_applied)
    except Unavailable:
        served = [one for one, known in release_state.read(home).releases.items() if known.served_at and one in store.listed(home)]
        steps = {step.name: step for one in served for step in store.manifest(home, one).migrations}
        return [Applied(step.name, "", step.safe_from) for _, step in sorted(steps.items())]


def caught_up(home: Path) -> None:
    """Write into the ledger what happened; while the database is away, the next command does."""

    async def work(parts: Parts) -> None:
        async with parts.db.transaction() as conn:
            await release_record.catch_up(conn, home, parts.clock.now())
        release_state.forget(home)
        await settle(parts)

    try:
        with_parts(work)
    except Unavailable as error:
        say(f"{error.message} The next ops command writes this into the ledger; until then it stands in releases/state.json.")


async def settle(parts: Parts) -> None:
    """Judge the boxes that the ledger of releases answers."""
    commit = await asyncio.to_thread(code.head, Path.cwd())
    found = await release_record.look(parts.db, parts.settings.home, commit, parts.clock.now())
    wanted = [box for box in boxes.boxes() if box.reading in found and not found[box.reading].problem]
    async with parts.db.transaction() as conn:
        await launch.record(conn, wanted, found, actor=acting(), now=parts.clock.now())


async def _applied(parts: Parts) -> list[Applied]:
    async with parts.db.reading() as conn:
        return await applied(conn)


def _refuse_red(settings: Settings, reason: str) -> None:
    """In production nothing goes out before the first chapter is green, unless somebody says why."""
    if not settings.is_production or reason:
        return

    async def work(parts: Parts) -> decide.Decision:
        async with parts.db.reading() as conn:
            at = decide.phase("t-5")
            return decide.decide(at, await launch.standings(conn, at.boxes, parts.clock.now()))

    found = with_parts(work)
    if found.gate is not Gate.GO:
        first = (*found.reasons, *(f"{box} waits for somebody" for box in found.waits))[0]
        raise Refused(f"The gate is closed: {first}. See audiospective ops decide t-5, or say why it may go out: --reason “…”.")


def _laid_out(errand: Errand, version: str, wheel: Path | None, commit: str) -> Release:
    if wheel is not None:
        if commit == "HEAD":
            raise Invalid("Say which commit the wheel was built from: --commit 1a2b3c4d.", field="--commit")
        return deploy.lay_out(errand, wheel, commit)
    if there := next(
        (one for one in store.listed(errand.home) if version and version.removeprefix("v") in {one, one.rpartition("-")[0]}), ""
    ):
        return deploy.sound(errand.home, there)
    tagged = f"v{version.removeprefix('v')}" if version else commit
    built = building.build(Path.cwd(), tagged, errand.home / "releases" / "wheels", environment(), errand.clock)
    errand.tell(f"{built.seconds:6.2f} s  built {built.wheel.name} from {built.commit[:8]}")
    return deploy.lay_out(errand, built.wheel, built.commit)


async def _deployed(errand: Errand, settings: Settings, release: Release, began: float, watch_s: float) -> DeployAnswer:
    clock, before = errand.clock, await rollback.serving(errand.home)
    laid_out_s = round(clock.monotonic() - began, 3)
    await store.migrate(release, environment(), address_of(settings))
    errand.tell(f"{clock.monotonic() - began:6.2f} s  {release.id} is laid out, and the schema is ready")
    since = round(clock.monotonic() - began, 3)
    with_end = await deploy.switch(errand, release, watch_s=watch_s)
    address = (await supervision.standing(errand.home)).address
    wrong = await _wrong(settings, address, release.version)
    return DeployAnswer(
        release=release.id,
        version=release.version,
        before=before,
        address=address,
        started_s=0.0,
        laid_out_s=laid_out_s,
        ready_s=since + with_end.stages.get(Stage.READY, 0.0),
        healthy_s=since + with_end.stages.get(Stage.HEALTHY, 0.0),
        wrong=wrong,
    )


def _noted(errand: Errand, told: DeployAnswer, via: str) -> None:
    if told["before"] == told["release"] and release_state.was_deployed(errand.home, told["release"]):
        return
    said: dict[str, str | float | bool | None] = {name: value for name, value in told.items() if isinstance(value, str | float | bool)}
    passed = {"started": True, "build": True, "switch": True, "checks": not told["wrong"], "address_answers": not told["wrong"]}
    with release_state.changed(errand.home) as state:
        state.note(release_state.DEPLOYED, errand.clock.now(), errand.by, **said, **passed, via=via)


def _failed(errand: Errand, release: Release, reason: str, via: str) -> None:
    passed = {"started": True, "build": True, "switch": False, "checks": False, "address_answers": False}
    with release_state.changed(errand.home) as state:
        said = {"release": release.id, "version": release.version, "reason": reason, "via": via}
        state.note(release_state.DEPLOYED, errand.clock.now(), errand.by, **said, **passed)


async def _wrong(settings: Settings, address: str, version: str) -> list[str]:
    host = urlsplit(settings.app_url).netloc  # at the door itself, whatever stands before it
    async with aiohttp.ClientSession(headers={"Host": host}) as http:
        return await deploy.checks(http, Target(address, settings.spotify.accounts_url, version))


def _plan(settings: Settings, version: str, wheel: Path | None, commit: str) -> list[str]:
    serving = asyncio.run(rollback.serving(settings.home))
    source = f"the wheel {wheel}" if wheel else f"version {version}" if version else f"a wheel built from {commit}"
    return [
        f"1. lay out {source} in {store.folder_of(settings.home)}",
        "2. bring the schema up to what it knows (audiospective migrate, by its own code)",
        f"3. start it beside {serving}, and ask it three times at a private address",
        f"4. give it the door of {settings.app_url}; {serving} finishes what it began and stands by for 15 minutes",
        "5. ask three times at the door, then watch; not well: give the door back",
    ]


def _row(one: Candidate, serving: str, good: str) -> ReleaseAnswer:
    state = "serving" if one.id == serving else "last good" if one.id == good else "not" if one.why_not else "good"
    return ReleaseAnswer(
        id=one.id,
        version=one.version,
        commit=one.commit,
        schema=one.schema,
        state=state,
        served_at=one.served_at,
        proved_at=one.proved_at,
        why_not=one.why_not,
    )


_WORDS = {"not": "unfit"}


def _line(row: ReleaseAnswer) -> str:
    proved = f"proved {row['proved_at']:%Y-%m-%d %H:%M}" if row["proved_at"] else "not proved"
    why = f"  ({row['why_not']})" if row["why_not"] and row["state"] != "serving" else ""
    return f"{_STATES[row['state']]} {row['id']:<24} {_WORDS.get(row['state'], row['state']):<9}  {row['schema'][:4]}  {proved}{why}"


def deployed_text(told: DeployAnswer) -> str:
    """What a person reads at the end, with what to do next."""
    if told["wrong"]:
        said, then = f"❌  {told['release']} serves, but: {'; '.join(told['wrong'])}.", "Look: audiospective ops health"
    else:
        said = f"✅  Production: {told['address']} ({told['release']}, answering after {told['healthy_s']:.1f} s)."
        then = "Next: audiospective ops smoke"
    return f"{said}\n{then}. Back: audiospective ops rollback"


def deployed_exit(told: DeployAnswer) -> Exit:
    """What a script is told: a release that serves and isn't well is no success."""
    return Exit.NO if told["wrong"] else Exit.DONE
