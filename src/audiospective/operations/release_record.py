"""What the ledger holds of releases: caught up from the file beside them, and read for the runbook's boxes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from audiospective.infra.database import Connection, Database
from audiospective.infra.migrate import applied
from audiospective.operations import launches, ledger, release_state, rollback
from audiospective.operations.judge import Reading
from audiospective.operations.ledger import Entry, Line
from audiospective.operations.release_state import BUILT, DEPLOYED, ROLLED_BACK

TESTED: Final = "tests.run"
DRILLED: Final = "rollback.drilled"

_DEPLOY: Final = ("started", "build", "switch", "checks", "laid_out_s", "ready_s", "address_answers")
_ROLLBACK: Final = ("healthy_answers", "serves_target")
_DRILL: Final = ("rolled_back", "slowest_s")
#: Whoever rehearsed longer ago has forgotten how.
_DRILLED_FOR: Final = timedelta(days=90)


async def catch_up(conn: Connection, home: Path, now: datetime) -> int:
    """Add to the ledger what happened and isn't in it yet; how many lines."""
    facts = release_state.read(home).facts
    there = await ledger.newest(conn, *{fact.event for fact in facts})
    new = [fact for fact in facts if fact.mark not in there]
    await ledger.append(conn, [Entry(fact.by, fact.event, fact.mark, {"at": fact.at.isoformat(), **fact.body}) for fact in new], now)
    return len(new)


async def look(db: Database, home: Path, commit: str, now: datetime) -> dict[str, Reading]:
    """Every reading of deployments, rollbacks, drills, builds and tests: of the newest of each; the first two must be of this launch, a
    drill of the last ninety days, and the last two of `commit`.
    """
    async with db.reading() as conn:
        newest = {event: _last(await ledger.newest(conn, event)) for event in (DEPLOYED, ROLLED_BACK, DRILLED, BUILT, TESTED)}
        opened = await launches.current(conn)
    begins, drilled = opened.seq if opened else 0, newest[DRILLED]
    deployed = newest[DEPLOYED] if (line := newest[DEPLOYED]) and line.seq >= begins else None
    lately = drilled if drilled and now - drilled.at <= _DRILLED_FOR else None
    undone = "nothing was deployed in this launch yet: audiospective ops deploy"
    undrilled = "no rollback was rehearsed lately: audiospective ops drill rollback"
    return (
        {f"deploy.{name}": _read(deployed, name, undone) for name in _DEPLOY}
        | {f"rollback.{name}": _of_rollback(newest[ROLLED_BACK], name, begins) for name in _ROLLBACK}
        | {f"drill.{name}": _read(lately, name, undrilled) for name in _DRILL}
        | {"build.succeeded": _of_commit(newest[BUILT], "succeeded", commit, "audiospective ops build")}
        | {"tests.percent": _of_commit(newest[TESTED], "percent", commit, "audiospective ops test")}
        | await _way_back(db, home)
    )


async def _way_back(db: Database, home: Path) -> dict[str, Reading]:
    """The release that a rollback would go to; there is none before the first one that was deployed."""
    async with db.reading() as conn:
        found = rollback.candidates(home, await rollback.serving(home), await applied(conn))
    if not release_state.read(home).before:
        nothing = Reading(source="releases", inapplicable="nothing was deployed yet, so there is nothing to go back to")
        return {"releases.last_good": nothing, "releases.rollback_ready": nothing}
    good = next((one for one in found if not one.why_not), None)
    if good is None:
        problem = Reading(source="releases", problem="; ".join(f"{one.id}: {one.why_not}" for one in found))
        return {"releases.last_good": problem, "releases.rollback_ready": Reading("no", "releases", problem.problem)}
    return {
        "releases.last_good": Reading(good.id, "releases", f"version {good.version}, schema {good.schema[:4]}"),
        "releases.rollback_ready": Reading("yes", "releases", f"audiospective ops rollback --to {good.id}"),
    }


def _of_rollback(line: Line | None, name: str, begins: int) -> Reading:
    """Of the one in this launch, if there had to be one."""
    if line is None or line.seq < begins:
        return Reading(source="ledger", inapplicable="nothing was rolled back in this launch")
    return _read(line, name, "")


def _of_commit(line: Line | None, name: str, commit: str, command: str) -> Reading:
    if line is None:
        return Reading(source="ledger", problem=f"not done yet: {command}")
    of = str(line.told().get("commit"))
    if commit and of != commit:
        return Reading(source="ledger", problem=f"done for {of[:8]}, and this is {commit[:8]}: {command}")
    return _read(line, name, "")


def _last(lines: Mapping[str, Line]) -> Line | None:
    return max(lines.values(), key=lambda line: line.seq, default=None)


def _read(line: Line | None, name: str, nothing: str) -> Reading:
    if line is None:
        return Reading(source="ledger", problem=nothing)
    value = line.told().get(name)
    if not isinstance(value, str | float | int):
        return Reading(source="ledger", problem=f"line {line.seq} says nothing of it")
    return Reading(("yes" if value else "no") if isinstance(value, bool) else value, "ledger", f"line {line.seq}")
