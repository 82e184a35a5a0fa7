"""`ops runbook run all --yes`: walk a whole launch; stop where a person must act, go on from there the next time."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Final, TypedDict

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit, say
from audiospective.cli.output import answer
from audiospective.cli.session import with_parts
from audiospective.collect import sweep
from audiospective.errors import Invalid, NotAllowed
from audiospective.infra.clock import RehearsalClock
from audiospective.operations import decide, launch, launches, ledger, walk, watches, watching
from audiospective.operations.decide import Gate
from audiospective.operations.health import Observer
from audiospective.operations.judge import GOOD
from audiospective.operations.launch import Standing
from audiospective.operations.ledger import Entry
from audiospective.operations.walk import Next, Stage
from audiospective.operations.watching import Eyes

#: How often a stage's commands are run before people are asked: some boxes wait for others of their stage.
_ROUNDS = 2
#: What a rehearsal leaves at once: a release that nobody uses, and a rollback that was timed once.
_BRIEFLY: Final = {"ops deploy": ("--watch", "2"), "ops drill rollback": ("--rounds", "1")}
#: So often it is looked whether a worker has said again that it lives, and so many seconds lie between.
_TURNS, _TURN_S = 50, 0.2


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
    launched, passed = with_parts(_so_far)
    for stage in walk.stages_from(start):
        if stage.name in passed and not start:
            continue
        say(f"── {stage.name}: {stage.first} to {stage.last}")
        if stage.watch and (waits := with_parts(lambda parts, stage=stage: _through(parts, stage.watch))):  # type: ignore[misc]  # as below
            there = Next(stage.first, f"audiospective ops watch status --phase {stage.watch}", waits)
            return _stopped(WalkAnswer(passed=passed, stopped_at=stage.name, gate="hold", next=[there]), [], as_json)
        _settle(stage, {"VERSION": launched, "USER": user})
        left, gate = with_parts(lambda parts, stage=stage: _gate(parts, stage))  # type: ignore[misc]  # bound here on purpose
        if left or gate is not Gate.GO:
            return _stopped(WalkAnswer(passed=passed, stopped_at=stage.name, gate=gate.value, next=walk.waiting(left)), left, as_json)
        passed.append(stage.name)
    answer(WalkAnswer(passed=passed, stopped_at="", gate="go", next=[]), as_json=as_json, text=lambda _: "Every stage is passed.")
    return Exit.DONE


def _settle(stage: Stage, facts: dict[str, str]) -> None:
    """Run what a program can."""
    from audiospective.cli.main import main  # noqa: PLC0415 (the command line is made of this)

    for _ in range(_ROUNDS):
        todo = with_parts(lambda parts: _todo(parts, stage, facts))
        for words in todo:
            say(f"   {' '.join(words)}")
            with contextlib.redirect_stdout(sys.stderr):
                main(words)
        if not todo:
            break


async def _todo(parts: Parts, stage: Stage, facts: dict[str, str]) -> list[list[str]]:
    """What a program can do about what is open."""
    async with parts.db.reading() as conn:
        todo = walk.commands(await launch.standings(conn, stage.boxes, parts.clock.now()), facts)
    if isinstance(parts.clock, RehearsalClock):  # minutes in which nobody looks are gaps, and nobody waits by a real clock
        return [[*words, *_BRIEFLY.get(" ".join(words), ())] for words in todo if "--every" not in words]
    return todo


async def _through(parts: Parts, phase: str) -> str:
    """See to it that the window is watched; in a rehearsal, live through it. Why it isn't over yet; "" when it is."""
    async with parts.db.transaction() as conn:
        opened = await launches.current(conn)
        since = opened.opened_at if opened else None
        found = await watches.under_way(conn, phase, since=since, by=acting(), now=parts.clock.now())
    if isinstance(parts.clock, RehearsalClock):
        await _live_through(parts, found.ends_at + watches.SETTLED)
    await watches.settle(parts.db, parts.clock.now())
    return f"the {phase} watch runs until {found.ends_at:%H:%M} UTC; run this again then" if found.is_running(parts.clock.now()) else ""


async def _live_through(parts: Parts, until: datetime) -> None:
    """A worker's minutes, one after the other; the worker beside us looks every few seconds, which is half an hour here."""
    observer = Observer(parts.db, parts.spotify, parts.clock, parts.store)
    known = parts.settings
    eyes = Eyes(observer, known.home / "backups", known.app_url, version("audiospective"), quota_bytes=known.database_quota_bytes)
    while parts.clock.now() < until:
        await parts.clock.sleep(60)
        await sweep.sweep_due(parts.db, parts.spotify, parts.sealer, parts.clock)
        await watching.watch(parts.db, eyes, parts.clock)
        await watches.knock(parts.db, parts.spotify.http, parts.settings.app_url, parts.clock.now())
    await _others_turn(parts)


async def _others_turn(parts: Parts) -> None:
    """A worker says by the real clock that it lives, and servers write down what they counted: what was lived through waits for them."""
    scheduler = parts.providers(is_cloud=False).scheduler
    for _ in range(_TURNS):
        if scheduler is None or await scheduler.schedules():
            return
        await asyncio.sleep(_TURN_S)


async def _gate(parts: Parts, stage: Stage) -> tuple[list[Standing], Gate]:
    """What is open; the decision, where the runbook takes one; and, written down, that the stage is passed."""
    now, actor = parts.clock.now(), acting()
    async with parts.db.transaction() as conn:
        stands = await launch.standings(conn, stage.boxes, now)
        left = [one for one in stands if one.status not in GOOD]
        found = Gate.HOLD if left else Gate.GO
        if stage.decision:
            at = decide.phase(stage.decision)
            decided = decide.decide(at, await launch.standings(conn, at.boxes, now))
            told = {"gate": decided.gate.value, "reasons": list(decided.reasons), "waits": list(decided.waits)}
            await ledger.append(conn, [Entry(actor, "gate.decided", at.name, told)], now)
            found = decided.gate if decided.gate is not Gate.GO or not left else found
        if found is Gate.GO:
            await ledger.append(conn, [Entry(actor, walk.PASSED, stage.name, {})], now)
    return left, found


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
