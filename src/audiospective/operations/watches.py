"""Watch windows after a launch: a quarter of an hour up to a week, looked at by the worker each minute.

A window begins, goes on over restarts, and is judged when it is over. Minutes in which nobody looked are gaps; on a window with gaps, or on
one that isn't over, nothing is passed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import aiohttp
import msgspec

from audiospective.errors import Conflict, Invalid, NotFound, Unavailable
from audiospective.infra.database import Connection, Database, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements
from audiospective.operations import faults, launch, ledger, machine, measures, visits
from audiospective.operations.boxes import Box, boxes
from audiospective.operations.judge import Reading
from audiospective.operations.ledger import Entry
from audiospective.operations.windows import NAMES, Counts, Gathered, values

sql = statements(__name__)

PHASES: Final = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "2h": timedelta(hours=2),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}
#: Those that a release must pass; a day and a week outlast it.
_OF_A_RELEASE: Final = frozenset({"15m", "1h", "2h"})
STARTED: Final = "watch.started"
#: So much of a window may be missing in all; a gap of more than three minutes may not stand in one of hours.
_MISSING: Final = 0.05
_SHORT_GAP: Final = 3
#: Servers write their counts every few seconds, the worker looks once a minute.
_PAGES: Final = ("/", "/help", "/privacy")
SETTLED: Final = timedelta(minutes=2)


class Watch(msgspec.Struct, frozen=True):
    """A window; `stopped_at` when somebody ended it, `judged_at` when its boxes went into the ledger."""

    id: int
    phase: str
    started_at: datetime
    ends_at: datetime
    started_by: str
    stopped_at: datetime | None
    judged_at: datetime | None

    def is_running(self, now: datetime) -> bool:
        """Whether it is still looked at."""
        return self.stopped_at is None and now < self.ends_at + SETTLED


def phase_of(given: str) -> str:
    """A phase by its name; raises Invalid."""
    if given not in PHASES:
        raise Invalid(f"“{given[:20]}” is no phase; use {', '.join(PHASES)}.", field="--phase")
    return given


async def start(conn: Connection, phase: str, *, by: str, now: datetime, at: datetime | None = None) -> Watch:
    """Begin a window, now or at a cut-over that was; raises Conflict while one of that phase runs."""
    begun = at or now
    if begun > now or now - begun > PHASES[phase_of(phase)]:
        raise Invalid("A watch begins now, or at a moment within its own length.", field="--at")
    before = (await newest(conn)).get(phase)
    if before is not None and before.is_running(now):
        raise Conflict(f"The {phase} watch of {before.started_at:%H:%M} UTC still runs; stop it first.")
    params = {"phase": phase, "started_at": begun, "ends_at": begun + PHASES[phase], "by": by}
    made = await fetch_all(conn, sql["start"], Watch, **params)
    await ledger.append(conn, [Entry(by, STARTED, f"watch {phase}", {"started_at": begun.isoformat()})], now)
    return made[0]


async def stop(conn: Connection, phase: str, *, by: str, now: datetime) -> None:
    """End a window before its time; nothing is passed on it. Raises NotFound when none runs."""
    if not await execute(conn, sql["stop"], phase=phase_of(phase), now=now):
        raise NotFound(f"No {phase} watch runs.")
    await ledger.append(conn, [Entry(by, "watch.stopped", f"watch {phase}", {})], now)


async def under_way(conn: Connection, phase: str, *, since: datetime | None, by: str, now: datetime) -> Watch:
    """The phase's window that began since then, and under the release that serves. Where there is none it begins now, as do those of the
    phases behind it; one of before that still runs is stopped.
    """
    found, old = await newest(conn), await _of_another(conn)
    for one in list(PHASES)[list(PHASES).index(phase) :]:
        before = found.get(one)
        if before and one not in old and (since is None or before.started_at >= since):
            continue
        if before and before.is_running(now):
            await stop(conn, one, by=by, now=now)
        found[one] = await start(conn, one, by=by, now=now)
    return found[phase]


async def newest(conn: Connection) -> dict[str, Watch]:
    """The newest window of each phase."""
    return {one.phase: one for one in await fetch_all(conn, sql["newest"], Watch)}


async def gathered(conn: Connection, watch: Watch, now: datetime) -> Gathered:
    """All that was seen in a window so far."""
    since, until = watch.started_at, min(now, watch.ends_at, watch.stopped_at or now)
    whole = since.replace(second=0, microsecond=0)
    counts = await fetch_one(conn, sql["counts"], Counts, since=since, until=until, stale=now - timedelta(minutes=90))
    probes = await fetch_all(conn, sql["probes"], bool, since=since, until=until)
    return Gathered(
        since=since,
        until=until,
        looks=await machine.looks(conn, whole, until),
        cells=await measures.between(conn, whole, until, now),
        errors=await faults.happened(conn, since, until),
        visits=await visits.count(conn, since, until),
        counts=counts or Counts(),
        probes=probes,
    )


def believed(watch: Watch, seen: Gathered, now: datetime) -> dict[str, Reading]:
    """What may be said of a window: nothing is known of one that isn't over, was stopped, or has gaps. Pure."""
    doubt = doubted(watch, seen, now)
    found = values(seen)
    if not doubt:
        return found
    return {name: Reading(source="watch", problem=f"{doubt}{_so_far(one)}") for name, one in found.items()}


def doubted(watch: Watch, seen: Gathered, now: datetime) -> str:
    """Why nothing is to be believed; "" when all was seen."""
    total = int((watch.ends_at - watch.started_at).total_seconds() // 60)
    gone = int((seen.until - watch.started_at).total_seconds() // 60)
    if watch.stopped_at is not None:
        return f"somebody stopped the {watch.phase} watch after {gone} of {total} minutes"
    if now < watch.ends_at + SETTLED:
        return f"the {watch.phase} watch has seen {gone} of {total} minutes"
    gaps = machine.missing(list(seen.looks), watch.started_at, watch.ends_at)
    lost = sum(run for _, run in gaps)
    longest = max(gaps, key=lambda one: one[1], default=None)
    if longest and (lost > total * _MISSING or (longest[1] > _SHORT_GAP and total <= 120)):
        return f"nobody looked for {longest[1]} minutes from {longest[0]:%H:%M} UTC ({lost} of {total} are missing); watch anew"
    return ""


async def readings(db: Database, now: datetime) -> dict[str, Reading]:
    """Of every phase's newest window, by names such as `w15m.error_ratio`; unknown, with the reason, where none is believed."""
    try:
        async with db.reading() as conn:
            found = await newest(conn)
            seen = {phase: await gathered(conn, watch, now) for phase, watch in found.items()}
            old = await _of_another(conn)
    except Unavailable as error:
        return {f"w{phase}.{name}": Reading(source="watch", problem=error.message) for phase in PHASES for name in NAMES}
    said: dict[str, Reading] = {}
    for phase in PHASES:
        if phase in old:
            another = f"another release serves since the {phase} watch began: audiospective ops watch start --phase {phase}"
            of_phase: Mapping[str, Reading] = dict.fromkeys(NAMES, Reading(source="watch", problem=another))
        elif phase in found:
            of_phase = believed(found[phase], seen[phase], now)
        else:
            never = Reading(source="watch", problem=f"no such window was watched yet: audiospective ops watch start --phase {phase}")
            of_phase = dict.fromkeys(NAMES, never)
        said |= {f"w{phase}.{name}": one for name, one in of_phase.items()}
    return said


async def _of_another(conn: Connection) -> frozenset[str]:
    """The phases whose newest window began under another release than the one that serves."""
    cut, begun = await launch.cut_over(conn), await ledger.newest(conn, STARTED)
    return frozenset(phase for phase in _OF_A_RELEASE if (line := begun.get(f"watch {phase}")) and line.seq < cut)


async def settle(db: Database, now: datetime) -> list[str]:
    """Judge each window that is over and wasn't judged yet; their phases."""
    async with db.reading() as conn:
        over = [one for one in (await newest(conn)).values() if one.judged_at is None and not one.is_running(now)]
    if not over:
        return []
    found = await readings(db, now)
    for watch in over:
        async with db.transaction() as conn:
            if await execute(conn, sql["judged"], id=watch.id, now=now):
                await launch.record(conn, boxes_of(watch.phase), found, actor="watch", now=now)
    return [watch.phase for watch in over]


async def knock(db: Database, http: aiohttp.ClientSession, url: str, now: datetime) -> None:
    """While somebody watches, look at some pages as a stranger would, so that an empty minute says something too."""
    async with db.reading() as conn:
        if not await is_any_running(conn, now):
            return
    for path in _PAGES:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with http.get(url + path, timeout=aiohttp.ClientTimeout(total=5)) as response:
                await response.read()


async def is_any_running(conn: Connection, now: datetime) -> bool:
    """Whether somebody waits for figures."""
    return any(one.is_running(now) for one in (await newest(conn)).values())


def boxes_of(phase: str) -> Sequence[Box]:
    """The boxes that a window settles."""
    return [box for box in boxes() if box.reading.startswith(f"w{phase}.")]


def _so_far(one: Reading) -> str:
    return f"; so far {one.value:.4g}" if isinstance(one.value, int | float) else f"; so far {one.value}" if one.value else ""
