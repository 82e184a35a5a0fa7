"""A release goes out: laid out from its wheel, the schema brought up, then the switch, watched; killed anywhere, the next run goes on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aiohttp
import msgspec

from audiospective.errors import Conflict, Locked, Refused, TakenBack, Unavailable, Unfinished
from audiospective.infra.clock import Clock
from audiospective.infra.schema import Applied
from audiospective.operations import installer, release_state, releases, supervision
from audiospective.operations.probes import site
from audiospective.operations.probes.site import Target
from audiospective.operations.releases import Release
from audiospective.operations.supervision import Question, Stage, Told

if TYPE_CHECKING:
    from packaging.requirements import Requirement

Tell = Callable[[str], None]

_WORDS: Final = {
    Stage.STARTING: "starts beside the one that serves",
    Stage.READY: "answers three times at its private address",
    Stage.SWITCHED: "has the door",
    Stage.HEALTHY: "answers three times at the door; it is watched now",
    Stage.SERVES: "serves already",
    Stage.PROVED: "is proved",
}


class Switched(msgspec.Struct, frozen=True):
    """A switch that went well: when each stage was reached, in seconds from its beginning; empty when it served already."""

    release: Release
    stages: Mapping[Stage, float]


class Errand(msgspec.Struct, frozen=True):
    """What an operator wants done, where, and whom to tell how far it is."""

    home: Path
    by: str
    clock: Clock
    tell: Tell
    environ: Mapping[str, str] = {}
    """For the programs that get what a release lacks; who lays none out needs none."""


def lay_out(errand: Errand, wheel: Path, commit: str) -> Release:
    """Lay a wheel out as a release and seal it; raises Refused when what it needs isn't there."""
    return keep_seal(errand, releases.lay_out(errand.home, wheel, commit, errand.clock.now(), partial(supply, environ=errand.environ)))


def supply(site: Path, needs: Sequence[str], environ: Mapping[str, str]) -> None:
    """Put what a wheel needs and the installation lacks into the release itself; raises Refused when it can't be had."""
    lacking = unmet(needs, site)
    if not lacking:
        return
    uv = installer.uv()
    if uv is None and find_spec("pip") is None:
        raise Refused(f"The wheel needs {', '.join(lacking)}, and neither uv nor pip is here to get it: install uv.")
    program = [uv, "pip", "install", "--python", sys.executable] if uv else [sys.executable, "-m", "pip", "install"]
    told = installer.as_pip_is_told(environ)
    done = subprocess.run([*program, "--quiet", "--target", site, *lacking], env=told, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"{', '.join(lacking)} can't be had: {done.stderr.strip()[-400:]}. Nothing was laid out.")


def keep_seal(errand: Errand, found: Release) -> Release:
    """Remember the seal of a release that was laid out; one that has a seal keeps it, and must still fit it."""
    with release_state.changed(errand.home) as state:
        known = state.known(found.id)
        if not known.sealed:
            known.sealed = releases.seal(errand.home, found.id)
            state.note("release.laid_out", errand.clock.now(), errand.by, release=found.id, version=found.version)
    releases.verify(found, known.sealed)
    return found


def sound(home: Path, release_id: str) -> Release:
    """The release of that id, checked file by file and for what it needs; raises Tampered or Refused."""
    found = releases.find(home, release_id)
    releases.verify(found, release_state.read(home).known(found.id).sealed)
    if found.site and (lacking := unmet(releases.manifest(home, release_id).needs, found.site)):
        raise Refused(f"{release_id} needs what isn't installed here: {', '.join(lacking)}. Install it where “audiospective up” runs from.")
    return found


def unmet(needs: Sequence[str], site: Path) -> list[str]:
    """Which of a wheel's requirements neither the release itself nor this installation meets."""
    from packaging.requirements import Requirement  # noqa: PLC0415 (a parser, which only a deploy needs)

    own = {one.name.lower().replace("_", "-"): one.version for one in distributions(path=[str(site)])}
    return [str(need) for need in map(Requirement, needs) if not _is_met(need, own)]


def why_not(release: Release, applied: Sequence[Applied]) -> str:
    """What a database has lost that the release needs; "" when it can live with it."""
    gone = [one.name for one in applied if not one.is_safe_for(release.last_migration)]
    return (
        f"the schema's {gone[0]} took away what it needs; only a backup from before brings it back, without what came since: "
        "audiospective ops restore FILE --yes-replace"
        if gone
        else ""
    )


def pending(release: Release, applied: Sequence[Applied]) -> list[str]:
    """The migrations that the release will bring."""
    there = {one.name for one in applied}
    return [step.name for step in release.migrations if step.name not in there]


def refuse_frozen(home: Path) -> None:
    """Raises Refused while nobody may deploy."""
    freeze = release_state.read(home).freeze
    if freeze:
        raise Refused(
            f"Deploys are frozen since {freeze.at:%Y-%m-%d %H:%M} UTC by {freeze.by}: {freeze.reason}. audiospective ops freeze lift"
        )


def refuse_outrun(release: Release) -> None:
    """Raises Refused when the release takes away what this installation, whose commands operators type, still needs."""
    ours = releases.installed()
    outrun = [step.name for step in release.migrations if step.name[:4] > ours.last_migration and step.safe_from > ours.last_migration]
    if outrun:
        raise Refused(
            f"{release.id} brings {outrun[0]}, which takes away what the installed version {ours.version} still needs: upgrade the "
            "installation first (docs/upgrading.md), then deploy."
        )


async def switch(errand: Errand, release: Release, *, watch_s: float, is_rollback: bool = False) -> Switched:
    """Let a release serve and see it proved.

    Raises Conflict when it never served, TakenBack when it did and had to go, Locked while another is being watched, Unfinished when the
    connection broke meanwhile.
    """
    stages: dict[Stage, float] = {}
    await supervision.standing(errand.home)  # nobody there is another trouble than somebody who falls silent
    question = Question(release.id, errand.by, watch_s, is_rollback)
    try:
        async for told in supervision.switch(errand.home, question):
            stages[told.stage] = told.seconds
            _judged(told, release)
            errand.tell(f"{told.seconds:6.2f} s  {release.id} {_WORDS[told.stage]}")
    except Unavailable as error:
        raise Unfinished(f"{error.message} Run the same command again: it finds out what was done.") from error
    return Switched(release, stages)


async def checks(http: aiohttp.ClientSession, target: Target) -> list[str]:
    """What is wrong at the public address after a switch: another version, an unhealthy service; empty when all is well."""
    found = await site.health(http, target)
    wrong = [reading.problem for reading in found.values() if reading.problem]
    if wrong:
        return wrong[:1]
    told = {name: found[f"health.{name}"].value for name in ("version", "status")}
    wrong = [] if told["version"] == "this version" else [f"{told['version']} answers instead of {target.version}"]
    return [*wrong, *(["the whole is unhealthy"] if told["status"] == "unhealthy" else [])]


def _judged(told: Told, release: Release) -> None:
    if told.stage is Stage.REFUSED:
        raise Conflict(f"Nothing was switched: {told.note}.")
    if told.stage is Stage.RETURNED:
        raise TakenBack(f"{release.id} served and wasn't well: {told.note}. The release before serves again.")
    if told.stage is Stage.BUSY:
        raise Locked(f"Nothing was switched: {told.note}.")
    if told.stage is Stage.OVERTAKEN:
        raise Conflict(f"{release.id} was overtaken before it was proved: {told.note}.")


def _is_met(need: Requirement, own: Mapping[str, str]) -> bool:
    if need.marker is not None and not need.marker.evaluate():
        return True
    try:
        there = own.get(need.name.lower().replace("_", "-")) or version(need.name)
    except PackageNotFoundError:
        return False
    return need.specifier.contains(there, prereleases=True)
