"""`ops runbook run all --yes`: walk a whole launch; stop where a person must act, go on from there the next time."""

from __future__ import annotations

import contextlib
import getpass
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from audiospective.bootstrap import Parts
from audiospective.cli.endings import Exit, say
from audiospective.cli.ops_board import secrets_of
from audiospective.cli.output import answer
from audiospective.cli.session import with_parts
from audiospective.errors import Invalid, NotAllowed
from audiospective.infra.clock import RehearsalClock
from audiospective.operations import decide, launch, launches, ledger, walk
from audiospective.operations.decide import Gate
from audiospective.operations.judge import GOOD
from audiospective.operations.launch import Standing
from audiospective.operations.ledger import Entry
from audiospective.operations.walk import Next, Stage

#: How often a stage's commands are run before people are asked: some boxes wait for others of their stage.
_ROUNDS = 2


class WalkAnswer(TypedDict):
    """How far it came: stages passed, the one that it stopped at ("": none), and what somebody must do there."""

    passed: list[str]
    stopped_at: str
    gate: str
    next: list[Next]


def walk_all(*, start: str, user: str, now: str, as_json: bool) -> int:
    """Walk the stages; the exit code says why it stopped: 4 a person must act, 5 something is red, 1 roll back."""
    if now:
        with_parts(lambda parts: _move(parts, now))
    version, passed = with_parts(_so_far)
    for stage in walk.stages_from(start):
        if stage.name in passed and not start:
            continue
        say(f"── {stage.name}: {stage.first} to {stage.last}")
        left = _settle(stage, {"VERSION": version, "USER": user})
        gate = with_parts(lambda parts, stage=stage: _gate(parts, stage))  # type: ignore[misc]  # bound here on purpose
        if left or gate is not Gate.GO:
            return _stopped(WalkAnswer(passed=passed, stopped_at=stage.name, gate=gate.value, next=walk.waiting(left)), left, as_json)
        passed.append(stage.name)
    answer(WalkAnswer(passed=passed, stopped_at="", gate="go", next=[]), as_json=as_json, text=lambda _: "Every stage is passed.")
    return Exit.DONE


def _settle(stage: Stage, facts: dict[str, str]) -> list[Standing]:
    """Run what a program can; what is open afterwards."""
    from audiospective.cli.main import main  # noqa: PLC0415 (the command line is made of this)

    for _ in range(_ROUNDS):
        todo = walk.commands(with_parts(lambda parts: _standings(parts, stage)), facts)
        for words in todo:
            say(f"   {' '.join(words)}")
            with contextlib.redirect_stdout(sys.stderr):
                main(words)
        if not todo:
            break
    return [one for one in with_parts(lambda parts: _standings(parts, stage)) if one.status not in GOOD]


async def _standings(parts: Parts, stage: Stage) -> list[Standing]:
    async with parts.db.reading() as conn:
        return await launch.standings(conn, stage.boxes, parts.clock.now())


async def _gate(parts: Parts, stage: Stage) -> Gate:
    """Decide, where the runbook does; and write down that the stage is passed."""
    now, actor = parts.clock.now(), getpass.getuser()
    async with parts.db.transaction() as conn:
        stands = await launch.standings(conn, stage.boxes, now)
        is_green = all(one.status in GOOD for one in stands)
        found = Gate.GO if is_green else Gate.HOLD
        if stage.decision:
            at = decide.phase(stage.decision)
            decided = decide.decide(at, await launch.standings(conn, at.boxes, now))
            told = {"gate": decided.gate.value, "reasons": list(decided.reasons), "waits": list(decided.waits)}
            await ledger.append(conn, [Entry(actor, "gate.decided", at.name, told)], now, secrets=secrets_of(parts))
            found = decided.gate if decided.gate is not Gate.GO or is_green else found
        if found is Gate.GO:
            await ledger.append(conn, [Entry(actor, walk.PASSED, stage.name, {})], now)
    return found


async def _so_far(parts: Parts) -> tuple[str, list[str]]:
    """The version of the launch, and the stages that it passed. Raises Invalid without a launch."""
    async with parts.db.reading() as conn:
        found = await launches.current(conn)
        if found is None or found.closed_at is not None:
            raise Invalid("No launch is open: audiospective ops launch new VERSION", field="CHAPTER")
        lines = await ledger.since(conn, found.opened_at, walk.PASSED)
    return found.version, [line.subject for line in lines if line.seq > found.seq]


async def _move(parts: Parts, now: str) -> None:
    """Set a rehearsal's clock; never in production, where there is none."""
    if not isinstance(parts.clock, RehearsalClock):
        raise NotAllowed("--now is for rehearsals: the file rehearsal-clock must lie in the data folder, and it must not be production.")
    try:
        wanted = datetime.fromisoformat(now)
        parts.clock.move((wanted - parts.clock.now()).total_seconds())
    except (ValueError, TypeError) as error:
        raise Invalid(f"“{now[:40]}” is no moment; write it as in 2026-12-01T09:30Z.", field="--now") from error


def _stopped(found: WalkAnswer, left: Sequence[Standing], as_json: bool) -> int:
    lines = [
        f"Stopped at {found['stopped_at']} ({found['gate']}).",
        *(f"  {one.box}  {one.why}\n        {one.command}" for one in found["next"]),
    ]
    answer(found, as_json=as_json, text=lambda _: "\n".join(lines))
    if found["gate"] == Gate.ROLL_BACK:
        return Exit.NO
    return Exit.REFUSED if walk.is_red(left) else Exit.WAITS
