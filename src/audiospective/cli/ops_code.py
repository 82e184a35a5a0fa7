"""`ops build`, `tag`, `test`: from a commit to what goes out, written down with the commit."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypedDict

from cyclopts import App, Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit, say
from audiospective.cli.environment import environment, read_settings
from audiospective.cli.ops_releases import settle
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Conflict, Unavailable
from audiospective.infra.clock import SystemClock, clock_of
from audiospective.operations import building, launch, launches, ledger, release_record, release_state, suite
from audiospective.operations.boxes import boxes
from audiospective.operations.building import Built, Tag
from audiospective.operations.ledger import Entry
from audiospective.operations.probes import code, leaks
from audiospective.operations.suite import Totals

tagging = App(name="tag", help="A version's tag: annotated, pushed where there is a remote, never moved.")

Commit = Annotated[str, Parameter(name="--commit")]


class TestedAnswer(TypedDict):
    """What the tests of a commit gave."""

    commit: str
    total: int
    passed: int
    skipped: int
    percent: float
    seconds: float


def build(*, commit: Commit = "HEAD", out: Path = Path("dist"), as_json: AsJson = False) -> None:
    """Build the wheel of a commit, from what git holds of it and nothing else; the same commit gives the same bytes.

    Example: `audiospective ops build --commit v1.0.0`

    Parameters
    ----------
    commit
        A commit, tag or branch of this checkout.
    out
        The folder that gets the wheel, in a folder named for the commit.
    """
    try:
        found = building.build(Path.cwd(), commit, out, environment(), SystemClock())
    except Conflict as error:
        full = building.commit_of(Path.cwd(), commit)
        _written(Entry(acting(), release_state.BUILT, "build", {"commit": full, "succeeded": False, "reason": error.message}))
        raise
    said = {**asdict(found), "wheel": found.wheel.name, "succeeded": True}
    _written(Entry(acting(), release_state.BUILT, "build", said))
    answer({**asdict(found), "wheel": str(found.wheel)}, as_json=as_json, text=lambda _: _built(found))


@tagging.default
def tag(version: str, /, *, commit: Commit = "HEAD", message: str = "", as_json: AsJson = False) -> None:
    """Tag a commit with the version that it says it is, and push the tag where there is a remote; run again, it does what is left.

    Example: `audiospective ops tag v1.0.0`

    Parameters
    ----------
    version
        As in v1.0.0; the commit's own, from pyproject.toml.
    commit
        A commit or branch of this checkout.
    message
        What the tag says; the version and the day unless named.
    """
    says = message or f"Production release {version}, {clock_of(read_settings()).now():%B %-d, %Y}"
    found = building.tag(Path.cwd(), version, commit, says)
    _written(Entry(acting(), "release.tagged", found.name, {"commit": found.commit, "at_origin": found.at_origin}), is_tag=True)
    answer(found, as_json=as_json, text=_tagged)


@tagging.command(name="list")
def list_tags(*, as_json: AsJson = False) -> None:
    """List the versions' tags, the newest first.

    Example: `audiospective ops tag list`
    """
    answer(building.tags(Path.cwd()), as_json=as_json, text=lambda rows: "\n".join(f"{one.name}  {one.commit[:8]}" for one in rows))


def run_tests(*, junit: Path | None = None, as_json: AsJson = False) -> int:
    """Run every test of this checkout and write down how many passed; or read what a pipeline's run of this commit gave.

    Example: `audiospective ops test`

    Parameters
    ----------
    junit
        The report of a run that was made elsewhere, of this very commit.
    """
    commit, clock = building.commit_of(Path.cwd(), "HEAD"), SystemClock()
    began = clock.monotonic()
    found = suite.read(junit) if junit else _run()
    told = TestedAnswer(
        commit=commit,
        total=found.total,
        passed=found.passed,
        skipped=found.skipped,
        percent=found.percent,
        seconds=round(clock.monotonic() - began, 1),
    )
    _written(Entry(acting(), release_record.TESTED, "tests", told))
    answer(told, as_json=as_json, text=lambda one: f"{one['passed']:,} of {one['total']:,} tests passed ({one['percent']:g} %).")
    return Exit.DONE if found.passed == found.total and found.total else Exit.NO


def history(*, as_json: AsJson = False) -> int:
    """Search everything that was ever committed for secrets; where they stand is said, they themselves aren't. Ends with 1 if there are.

    Example: `audiospective ops leaks`
    """
    found = leaks.search(Path.cwd(), read_settings().secrets())
    nothing = "No secret in any commit."
    answer(found, as_json=as_json, text=lambda rows: "\n".join(one.place for one in rows) or nothing)
    return Exit.NO if found else Exit.DONE


def _run() -> Totals:
    with tempfile.TemporaryDirectory(prefix="audiospective-tests-") as folder:
        report = Path(folder) / "junit.xml"
        say("Running make test …")
        subprocess.run(["make", "test", f"ARGS=--junitxml={report}"], stdout=sys.stderr, check=False)  # noqa: S607 (as the person's shell finds it)
        return suite.read(report)


def _written(entry: Entry, *, is_tag: bool = False) -> None:
    """Into the ledger; a tag, which never moves, unless a run that came as far has written it there."""

    async def work(parts: Parts) -> None:
        async with parts.db.transaction() as conn:
            there = (await ledger.newest(conn, entry.event)).get(entry.subject) if is_tag else None
            if there is None or there.told() != entry.body:
                await ledger.append(conn, [entry], parts.clock.now())
        await settle(parts)
        if is_tag:
            await _settle_tags(parts)

    try:
        with_parts(work)
    except Unavailable as error:
        say(f"{error.message} This isn't written into the ledger.")


async def _settle_tags(parts: Parts) -> None:
    """Judge the boxes of a tag, here and at the remote."""
    async with parts.db.reading() as conn:
        pinned = await launches.pinned(conn)
    found = await asyncio.to_thread(code.look, Path.cwd(), pinned)
    wanted = [box for box in boxes() if box.reading in {"code.tag_here", "code.tag_at_origin"}]
    async with parts.db.transaction() as conn:
        await launch.record(conn, wanted, found, actor=acting(), now=parts.clock.now())


def _built(found: Built) -> str:
    return f"✓ Built {found.wheel} from {found.commit[:8]}, {found.bytes:,} bytes, sha256 {found.sha256}, in {found.seconds:.1f} s."


def _tagged(found: Tag) -> str:
    where = {None: "there is no remote to push to", True: "it is at origin", False: "origin doesn't have it"}[found.at_origin]
    return f"{found.name}  {'made' if found.is_new else 'was there'} on {found.commit[:8]}; {where}."
