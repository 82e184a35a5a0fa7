"""`ops watch`, `ops daily|weekly|monthly`, `ops cadence`: windows that the worker looks through, and what comes again."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, TypedDict

from cyclopts import Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit
from audiospective.cli.ops_around import scene
from audiospective.cli.ops_board import BoxAnswer, ended, standings
from audiospective.cli.output import AsJson, HowMany, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Invalid
from audiospective.operations import cadence, launch, watches, windows
from audiospective.operations.boxes import Box, boxes
from audiospective.operations.cadence import Round, Run
from audiospective.operations.judge import Verdict, judge
from audiospective.operations.measure import Profile, readings

Url = Annotated[str, Parameter(name="--url")]


class Do(StrEnum):
    """What is done with a window."""

    LOOK = "look"
    START = "start"
    STATUS = "status"
    STOP = "stop"


class WatchAnswer(TypedDict):
    """A window: `doubt` says why nothing is to be believed of it yet; `boxes` how they would stand by what was seen so far."""

    phase: str
    started: datetime
    ends: datetime
    running: bool
    doubt: str
    boxes: list[dict[str, str]]


def watch(
    do: Do = Do.LOOK,
    /,
    *,
    phase: str = "15m",
    at: datetime | None = None,
    minutes: float = 15.0,
    every: float = 60.0,
    url: Url = "",
    as_json: AsJson = False,
) -> int:
    """Watch a window after a launch: start it, see how it stands, stop it. The worker looks each minute and judges it when it is over.

    Without a word it looks from here, for some minutes, and writes each look into the ledger.

    Example: `audiospective ops watch start --phase 2h`

    Parameters
    ----------
    do
        start, status, stop; or look from here.
    phase
        15m, 1h, 2h, day or week.
    at
        When the new version was let in, if that was before now.
    minutes
        For a look from here: how long.
    every
        For a look from here: seconds between looks.
    url
        Where the instance answers; APP_URL unless named.
    """
    watches.phase_of(phase)
    if do is Do.LOOK:
        return _from_here(minutes, every, url, as_json)
    if do is Do.STATUS:
        return _status(phase, as_json)
    return _change(do, phase, at)


def _change(do: Do, phase: str, at: datetime | None) -> int:
    async def work(parts: Parts) -> None:
        now, by = parts.clock.now(), acting()
        async with parts.db.transaction() as conn:
            if do is Do.START:
                await watches.start(conn, phase, by=by, now=now, at=at)
            else:
                await watches.stop(conn, phase, by=by, now=now)

    with_parts(work)
    print(f"The {phase} watch {'runs; the worker looks each minute' if do is Do.START else 'is stopped'}.", flush=True)
    return Exit.DONE


def _status(phase: str, as_json: bool) -> int:
    """0 all is well and over, 1 something failed, 3 unknown, 4 it still runs."""

    async def work(parts: Parts) -> WatchAnswer | None:
        now = parts.clock.now()
        await watches.settle(parts.db, now)
        async with parts.db.reading() as conn:
            found = (await watches.newest(conn)).get(phase)
            if found is None:
                return None
            seen = await watches.gathered(conn, found, now)
        by_name = {f"w{phase}.{name}": one for name, one in windows.values(seen).items()}
        verdicts = [judge(box, by_name.get(box.reading)) for box in watches.boxes_of(phase)]
        doubt = watches.doubted(found, seen, now)
        return WatchAnswer(
            phase=phase,
            started=found.started_at,
            ends=found.ends_at,
            running=found.is_running(now),
            doubt=doubt,
            boxes=[_row(one) for one in verdicts],
        )

    told = with_parts(work)
    if told is None:
        raise Invalid(f"No {phase} watch was ever started: audiospective ops watch start --phase {phase}", field="--phase")
    answer(told, as_json=as_json, text=_text)
    if told["running"]:
        return Exit.WAITS
    if told["doubt"] or any(one["state"] == "unknown" for one in told["boxes"]):
        return Exit.UNREACHABLE
    return Exit.NO if any(one["state"] == "fail" for one in told["boxes"]) else Exit.DONE


def _row(one: Verdict) -> dict[str, str]:
    return {"id": one.box, "state": one.status.value, "reason": one.reason}


def _text(told: WatchAnswer) -> str:
    head = f"{told['phase']} watch, {told['started']:%Y-%m-%d %H:%M} to {told['ends']:%Y-%m-%d %H:%M} UTC"
    doubt = [f"  {told['doubt']}"] if told["doubt"] else []
    return "\n".join([head, *doubt, *(f"  {one['id']} {one['state']:<15} {one['reason']}" for one in told["boxes"])])


def _from_here(minutes: float, every: float, url: str, as_json: bool) -> int:
    if not 0 < minutes <= 1440 or not 1 <= every <= 3600:
        raise Invalid("--minutes is up to 1440 and --every 1 to 3600 seconds.", field="--minutes")
    wanted = [box for box in boxes() if box.chapter == "verification"]

    async def work(parts: Parts) -> list[BoxAnswer]:
        for place in range(max(int(minutes * 60 // every), 1)):
            await asyncio.sleep(every if place else 0)
            await _measured(parts, wanted, url)
        return await standings(parts, wanted)

    return ended(with_parts(work), as_json)


def daily(part: str = "", /, *, url: Url = "", as_json: AsJson = False) -> int:
    """What is to be done every day of the first week: morning, afternoon and evening.

    Example: `audiospective ops daily evening`

    Parameters
    ----------
    part
        morning, afternoon or evening; all three unless named.
    url
        Where the instance answers; APP_URL unless named.
    """
    parts_of_day = (Round.MORNING, Round.AFTERNOON, Round.EVENING)
    if part and part not in parts_of_day:
        raise Invalid(f"“{part[:20]}” is no part of the day; use morning, afternoon or evening.", field="PART")
    return _round([Round(part)] if part else list(parts_of_day), url, as_json)


def weekly(*, url: Url = "", as_json: AsJson = False) -> int:
    """What is to be done every Friday.

    Example: `audiospective ops weekly`

    Parameters
    ----------
    url
        Where the instance answers; APP_URL unless named.
    """
    return _round([Round.WEEKLY], url, as_json)


def monthly(*, url: Url = "", as_json: AsJson = False) -> int:
    """What is to be done every month.

    Example: `audiospective ops monthly`

    Parameters
    ----------
    url
        Where the instance answers; APP_URL unless named.
    """
    return _round([Round.MONTHLY], url, as_json)


def rounds(*, days: HowMany = 31, as_json: AsJson = False) -> int:
    """List the rounds that were made, by the worker or by somebody; ends with 1 when one of the last day was missed.

    Example: `audiospective ops rounds --days 7`

    Parameters
    ----------
    days
        How far back.
    """

    async def work(parts: Parts) -> tuple[list[Run], int]:
        now = parts.clock.now()
        async with parts.db.reading() as conn:
            return await cadence.runs(conn, now - timedelta(days=days)), await cadence.missed(conn, now)

    found, missed = with_parts(work)
    answer(found, as_json=as_json, text=lambda rows: "\n".join([*map(_run_line, rows), f"{missed} missed in the last day."]))
    return Exit.NO if missed else Exit.DONE


def _run_line(one: Run) -> str:
    counts = f"{one.passed} hold, {one.failed} failed, {one.unknown} unknown, {one.waiting} wait"
    return f"{one.due_at:%Y-%m-%d %H:%M}  {one.round:<10} {counts}  ({one.ran_by})"


def _round(wanted: list[Round], url: str, as_json: bool) -> int:
    """Everything that can be read from here, which is more than the worker reads."""

    async def work(parts: Parts) -> list[BoxAnswer]:
        every = [box for one in wanted for box in cadence.boxes_of(one)]
        found = await readings(await scene(parts, Profile.SELF_HOSTED, url, every), Profile.SELF_HOSTED)
        for one in wanted:
            async with parts.db.transaction() as conn:
                await cadence.keep(conn, one, found, by=acting(), now=parts.clock.now())
        return await standings(parts, every)

    return ended(with_parts(work), as_json)


async def _measured(parts: Parts, wanted: list[Box], url: str) -> None:
    found = await readings(await scene(parts, Profile.SELF_HOSTED, url, wanted), Profile.SELF_HOSTED)
    async with parts.db.transaction() as conn:
        await launch.record(conn, wanted, found, actor=acting(), now=parts.clock.now())
