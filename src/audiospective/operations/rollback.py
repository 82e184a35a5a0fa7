"""Back to a release that was well: which one, who may say so, what is kept as evidence, and the switch itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from audiospective.errors import AudiospectiveError, Invalid, Refused, Unavailable
from audiospective.infra.schema import Applied
from audiospective.operations import deploy, release_state, releases, supervision
from audiospective.operations.deploy import Errand, Switched
from audiospective.operations.release_state import Freeze, State
from audiospective.operations.releases import Release

LAST_GOOD: Final = "last-good"
_EVIDENCE_S = 1.5


class Candidate(msgspec.Struct, frozen=True):
    """A release as somewhere to go back to; `why_not` is "" for a good one."""

    id: str
    version: str
    commit: str
    schema: str
    served_at: datetime | None
    proved_at: datetime | None
    why_not: str


async def serving(home: Path) -> str:
    """The release that serves; where nothing runs, the one that would."""
    try:
        return (await supervision.standing(home)).serving
    except Unavailable:
        return releases.current(home)


def candidates(home: Path, serving: str, applied: Sequence[Applied]) -> list[Candidate]:
    """Every release, the last good one first among those that are good; each other with the reason."""
    state = release_state.read(home)
    found = [_candidate(home, state, one, serving, applied) for one in (*releases.listed(home), releases.INSTALLED)]
    found.sort(key=lambda one: one.proved_at.timestamp() if one.proved_at else 0.0, reverse=True)
    return sorted(found, key=lambda one: bool(one.why_not))


def choose(found: Sequence[Candidate], wanted: str) -> Candidate:
    """The release to go back to; raises Refused, with the reason, before anything is touched."""
    if wanted == LAST_GOOD:
        good = next((one for one in found if not one.why_not), None)
        if good is None:
            raise Refused("There is no release to go back to: " + "; ".join(f"{one.id}: {one.why_not}" for one in found))
        return good
    one = next((one for one in found if one.id == wanted or one.version == wanted.removeprefix("v")), None)
    if one is None:
        raise Invalid(f"There is no release “{wanted[:60]}”; see audiospective ops releases.", field="--to")
    if one.why_not:
        raise Refused(f"{one.id} is no release to go back to: {one.why_not}.")
    return one


async def roll_back(errand: Errand, target: Candidate, address: str, *, reason: str) -> Switched:
    """Freeze deploys, keep evidence, switch, and write down how long it took to the third healthy answer; deploys stay frozen.

    Where nothing runs, the target starts with the next `up`. Raises as `deploy.switch` does.
    """
    began, left = errand.clock.monotonic(), await serving(errand.home)
    release = deploy.sound(errand.home, target.id)
    await _keep_evidence(errand, address)
    try:
        done = await deploy.switch(errand, release, watch_s=0, is_rollback=True)
    except Unavailable:
        if await _is_running(errand.home):
            raise
        releases.point(errand.home, release.id)
        done = Switched(release, {})
    seconds = round(errand.clock.monotonic() - began, 3)
    now, serves = errand.clock.now(), bool(done.stages) and await _serves(errand.home, release, address)
    with release_state.changed(errand.home) as state:
        state.freeze = Freeze(errand.by, now, f"rolled back from {left} to {release.id}")
        state.known(left).failed = reason or "no reason was given"
        state.note(
            *(release_state.ROLLED_BACK, now, errand.by),
            release=release.id,
            left=left,
            reason=reason,
            seconds=seconds,
            healthy_answers=3 if done.stages else 0,
            serves_target=serves,
        )
    return done


def freeze(home: Path, by: str, reason: str, now: datetime) -> None:
    """Nobody deploys from now on."""
    with release_state.changed(home) as state:
        state.freeze = Freeze(by, now, reason)
        state.note(release_state.FROZEN, now, by, reason=reason)


def lift(home: Path, by: str, now: datetime) -> bool:
    """Deploys may go on; whether they were frozen."""
    with release_state.changed(home) as state:
        was = state.freeze is not None
        if was:
            state.freeze = None
            state.note(release_state.THAWED, now, by)
    return was


def _candidate(home: Path, state: State, release_id: str, serving: str, applied: Sequence[Applied]) -> Candidate:
    known = state.releases.get(release_id) or release_state.Known()
    try:
        release = releases.find(home, release_id)
        commit = releases.manifest(home, release_id).commit if release.folder else ""
    except AudiospectiveError as error:
        return Candidate(release_id, "", "", "", known.served_at, known.proved_at, error.message)
    reason = (
        ("it serves now" if release_id == serving else "")
        or (f"it was taken back: {known.failed}" if known.failed else "")
        or ("" if known.proved_at else "it never served for long enough to be proved")
        or _unsound(home, release)
        or deploy.why_not(release, applied)
    )
    schema = release.last_migration
    return Candidate(release_id, release.version, commit, schema, known.served_at, known.proved_at, reason)


def _unsound(home: Path, release: Release) -> str:
    try:
        deploy.sound(home, release.id)
    except AudiospectiveError as error:
        return error.message
    return ""


async def _is_running(home: Path) -> bool:
    try:
        await supervision.standing(home)
    except Unavailable:
        return False
    return True


async def _serves(home: Path, release: Release, address: str) -> bool | None:
    """Whether people get this release: by the word of who supervises, and by what the public address answers; None: it doesn't."""
    if await serving(home) != release.id:
        return False
    try:
        version = str(msgspec.json.decode(await _health(address))["version"])
    except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError, KeyError, TypeError):
        return None
    return version == release.version


async def _health(address: str) -> bytes:
    timeout = aiohttp.ClientTimeout(total=_EVIDENCE_S)
    async with aiohttp.ClientSession(timeout=timeout) as http, http.get(f"{address}/api/health") as response:
        return await response.read()


async def _keep_evidence(errand: Errand, address: str) -> None:
    """What the instance said of itself before, for this account alone; a rollback doesn't wait for one that is silent."""
    try:
        said = (await _health(address)).decode(errors="replace")
    except (aiohttp.ClientError, TimeoutError) as error:
        said = f"no answer ({type(error).__name__})"
    folder = releases.folder_of(errand.home) / "evidence"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = {"at": errand.clock.now(), "by": errand.by, "health": said, "state": release_state.read(errand.home)}
    path = folder / f"{errand.clock.now():%Y%m%dT%H%M%SZ}.json"
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(kept))
