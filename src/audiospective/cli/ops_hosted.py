"""Deploying and rolling back with `--profile cloud`: the host builds and serves, we wait until people get it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.metadata import version as installed
from pathlib import Path
from typing import TypedDict

from audiospective.bootstrap import Parts
from audiospective.cli.endings import Exit, say
from audiospective.cli.output import answer
from audiospective.cli.session import with_parts
from audiospective.errors import Invalid, Unavailable
from audiospective.operations import hosted
from audiospective.operations.hosted import Errand, Served
from audiospective.operations.probes import code
from audiospective.operations.probes.site import Target
from audiospective.operations.providers.chosen import SETS_UP


class ServedAnswer(TypedDict):
    """What people get now."""

    release: str
    url: str
    commit: str
    left: str
    seconds: float
    wrong: list[str]


def deploy(*, commit: str, version: str, by: str, dry_run: bool, as_json: bool) -> int:
    """Build and serve a commit at the host; 0 when it is served and well, 1 when it isn't well."""
    wanted = code.head(Path.cwd()) if commit in {"", "HEAD"} else commit
    if len(wanted) != 40:
        raise Invalid("Name the whole commit, 40 digits: --commit SHA.", field="--commit")
    named = version or installed("audiospective")
    if dry_run:
        print(
            f"1. build {wanted[:8]} as {named} at the host\n2. promote it, and wait until people get it\n3. ask for health three times",
            flush=True,
        )
        return Exit.DONE
    return _run(lambda errand: hosted.deploy(errand, wanted, named), by, as_json, "Production")


def roll_back(*, to: str, by: str, dry_run: bool, as_json: bool) -> int:
    """Serve an earlier release again; 0 when it is served and well."""
    if not dry_run:
        return _run(lambda errand: hosted.roll_back(errand, to), by, as_json, "Rolled back to")

    async def work(parts: Parts) -> str:
        return (await hosted.choose(_errand(parts, by).hosting, to)).id

    print(f"audiospective ops rollback --profile cloud --to {with_parts(work)}", flush=True)
    return Exit.DONE


def _run(act: Callable[[Errand], Awaitable[Served]], by: str, as_json: bool, what: str) -> int:
    async def work(parts: Parts) -> Served:
        return await act(_errand(parts, by))

    done = with_parts(work)
    told = ServedAnswer(
        release=done.release.id, url=done.release.url, commit=done.release.commit, left=done.left, seconds=done.seconds, wrong=done.wrong
    )
    well = f"✅  {what}: {told['url']} ({told['release']}, after {told['seconds']:.0f} s)."
    ill = f"{told['release']} is served, but: {'; '.join(told['wrong'])}."
    answer(told, as_json=as_json, text=lambda one: ill if one["wrong"] else well)
    return Exit.NO if done.wrong else Exit.DONE


def _errand(parts: Parts, by: str) -> Errand:
    who = parts.providers(is_cloud=True)
    if who.hosting is None:
        raise Unavailable(f"{SETS_UP['hosting']} aren't set, so nothing can be deployed there.")
    settings = parts.settings
    target = Target(settings.app_url, settings.spotify.accounts_url, installed("audiospective"))
    return Errand(parts.db, parts.spotify.http, who.hosting, who.scheduler, target, parts.clock, by, say)
