"""What went wrong in the program: errors grouped by where they happened, counted, bounded, about nobody."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from audiospective.errors import DatabaseUnavailable, Invalid, Unavailable
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements
from audiospective.infra.tracking import Caught, Event
from audiospective.operations.judge import Reading

sql = statements(__name__)

KEPT: Final = timedelta(days=36)
MOST_EVENTS: Final = 5_000
MOST_KINDS: Final = 500

#: The name of the error that is raised on purpose.
ON_PURPOSE: Final = "TestOfErrors"
#: Frames of a fingerprint; the innermost say what went wrong, the outermost only who asked.
_FRAMES = 5
#: A trace as it is shown.
_LINES = 40
#: Where plays, permissions, deletions and secrets are touched an error may cost data.
_CRITICAL = ("archive.ingest", "archive.removal", "archive.register", "privacy.", "accounts.grants", "infra.sealing", "operations.backups")
_HIGH = ("accounts.", "collect.", "web.pages.auth", "jobs.")
_MEDIUM = ("web.", "reports.", "insights.", "export.")

#: A test of the tracker is believed for so long; readings of the last quarter of an hour are of now.
_TEST_BELIEVED = timedelta(hours=1)
#: So long one is waited for, and what it tells.
_PATIENCE_S: Final = 30
_TESTS: Final = ("errors.seen_s", "errors.own_frames", "errors.environment")
_NOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Fault:
    """One error, as it is stored."""

    event_id: str
    fingerprint: str
    title: str
    place: str
    weight: str
    is_test: bool
    at: datetime
    environment: str
    release: str
    trace: str


class FaultKind(msgspec.Struct, frozen=True):
    """Errors of one fingerprint."""

    fingerprint: str
    title: str
    place: str
    weight: str
    is_test: bool
    first_at: datetime
    last_at: datetime
    count: int
    trace: str


class Happened(msgspec.Struct, frozen=True):
    """An error in a stretch of time; `is_new`: its kind was never seen before that stretch."""

    fingerprint: str
    at: datetime
    weight: str
    is_new: bool
    has_trace: bool


class Tested(msgspec.Struct, frozen=True):
    """The newest error on purpose."""

    at: datetime
    stored_at: datetime
    environment: str
    release: str
    trace: str


def read(event: Event) -> Fault:
    """An event as Sentry's library makes it. Pure; the fingerprint leaves out lines, so that a new version doesn't make all errors new."""
    values = event["exception"]["values"]
    last: Mapping[str, Any] = values[-1]
    frames: list[Mapping[str, Any]] = (last.get("stacktrace") or {}).get("frames") or []
    kind, place = str(last.get("type") or "Error"), str((event.get("tags") or {}).get("where") or "")
    ours = [frame for frame in frames if str(frame.get("module") or "").startswith("audiospective.")]
    passed = [f"{frame.get('module')}:{frame.get('function')}" for frame in (ours or frames)[-_FRAMES:]]
    return Fault(
        event_id=str(event.get("event_id") or "")[:64],
        fingerprint=hashlib.blake2s("\n".join([kind, *passed]).encode(), digest_size=6).hexdigest(),
        title=f"{kind}: {last.get('value') or ''}".removesuffix(": ")[:400],
        place=place[:100],
        weight=weight(ours),
        is_test=kind == ON_PURPOSE,
        at=_moment(event.get("timestamp")),
        environment=str(event.get("environment") or "")[:60],
        release=str(event.get("release") or "")[:60],
        trace=trace(frames),
    )


def trace(frames: Sequence[Mapping[str, Any]]) -> str:
    """The way that the error came, innermost last: file, line, function, and the line of code; no values."""
    return "\n".join(_line(frame).rstrip()[:240] for frame in frames[-_LINES:])


def _line(frame: Mapping[str, Any]) -> str:
    code = str(frame.get("context_line") or "").strip()
    return f"{frame.get('module') or frame.get('filename')}:{frame.get('lineno')} {frame.get('function')}  {code}"


def weight(frames: Sequence[Mapping[str, Any]]) -> str:
    """How bad an error that passed these functions of ours may be: critical, high, medium or low. Pure."""
    passed = [str(frame.get("module") or "").removeprefix("audiospective.") for frame in frames]
    for name, rooms in (("critical", _CRITICAL), ("high", _HIGH), ("medium", _MEDIUM)):
        if any(module.startswith(rooms) for module in passed):
            return name
    return "low"


async def flush(db: Database, caught: Caught, now: datetime) -> None:
    """Store what was caught; when the database is away it goes on waiting."""
    events = caught.taken()
    if not events:
        return
    try:
        async with db.transaction() as conn:
            for event in events:
                await keep(conn, read(event), now)
    except DatabaseUnavailable:
        for event in events:
            caught.take(event)


async def keep(conn: Connection, fault: Fault, now: datetime) -> None:
    """Store one error; told twice it is counted once."""
    columns = {name: getattr(fault, name) for name in Fault.__slots__}
    await execute(conn, sql["keep_kind"], **columns)
    if await execute(conn, sql["keep_event"], now=now, has_trace=bool(fault.trace), **columns):
        await execute(conn, sql["count"], fingerprint=fault.fingerprint, at=fault.at, trace=fault.trace)


async def forget(conn: Connection, now: datetime) -> None:
    """What is old, and the oldest of too much."""
    await execute(conn, sql["forget_events"], before=now - KEPT, most=MOST_EVENTS)
    await execute(conn, sql["forget_kinds"], before=now - KEPT, most=MOST_KINDS)


async def kinds(conn: Connection, since: datetime) -> list[FaultKind]:
    """What happened since then, the newest first."""
    return await fetch_all(conn, sql["kinds"], FaultKind, since=since)


async def find(conn: Connection, fingerprint: str) -> FaultKind:
    """One kind, by its fingerprint or the beginning of it; raises Invalid."""
    found = await fetch_all(conn, sql["find"], FaultKind, start=fingerprint.strip().replace("%", "").replace("_", ""))
    if len(found) != 1:
        raise Invalid(f"“{fingerprint[:20]}” names {len(found) or 'no'} errors; ops errors list shows them.", field="ERROR")
    return found[0]


async def happened(conn: Connection, since: datetime, until: datetime) -> list[Happened]:
    """Every error of that stretch but those on purpose, oldest first."""
    return await fetch_all(conn, sql["happened"], Happened, since=since, until=until)


async def tested(conn: Connection, since: datetime) -> Tested | None:
    """The newest error on purpose since then."""
    return await fetch_one(conn, sql["tested"], Tested, since=since)


#: Boxes that somebody answers for by having looked at errors, and how far back.
REVIEWED: Final = {"R190": timedelta(days=1), "R199": timedelta(days=31)}


async def attest(conn: Connection, box: str, now: datetime) -> str:
    """What stands beside a signature of a review; "" for boxes that aren't one."""
    if box not in REVIEWED:
        return ""
    found = await happened(conn, now - REVIEWED[box], now)
    critical = sum(one.weight == "critical" for one in found)
    return f"{len(found)} errors of {len({one.fingerprint for one in found})} kinds, {critical} critical"


async def look(db: Database, now: datetime, deployed: str) -> dict[str, Reading]:
    """What is to be said of the built-in store: the newest error on purpose, which must be of the `deployed` version, and what nobody
    expected.
    """
    try:
        async with db.reading() as conn:
            found, test = await happened(conn, now - _NOW, now), await tested(conn, now - _TEST_BELIEVED)
            late = await fetch_one(conn, sql["without_trace"], int) or 0
    except Unavailable as error:
        return dict.fromkeys(("errors.unexpected", "errors.without_trace", *_TESTS), Reading(source="errors", problem=error.message))
    said = {
        "errors.unexpected": Reading(len(found), "errors", "in 15 minutes"),
        "errors.without_trace": Reading(late, "errors"),
    }
    return said | _test_readings(test, deployed)


async def arrives(db: Database, since: datetime, clock: Clock, deployed: str, *, pace_s: float = 0.25) -> dict[str, Reading]:
    """What is to be said of the error that was raised on purpose just now, once it is there; one that isn't there in time is lost,
    whatever came of those before it.
    """
    for _ in range(round(_PATIENCE_S / 0.25)):
        async with db.reading() as conn:
            if await tested(conn, since) is not None:
                return await look(db, clock.now(), deployed)
        await asyncio.sleep(pace_s)
    lost = Reading(source="errors", problem=f"the error on purpose isn't there after {_PATIENCE_S} s")
    late = Reading(_PATIENCE_S + 1, "errors", lost.problem)
    return await look(db, clock.now(), deployed) | dict.fromkeys(_TESTS, lost) | {"errors.seen_s": late}


def _test_readings(test: Tested | None, deployed: str) -> dict[str, Reading]:
    if test is None:
        nothing = Reading(source="errors", problem="no error was raised on purpose in the last hour: audiospective ops errors test")
        return dict.fromkeys(_TESTS, nothing)
    ours = [line for line in test.trace.splitlines() if line.startswith("audiospective.")]
    return {
        "errors.seen_s": Reading(round((test.stored_at - test.at).total_seconds(), 1), "errors"),
        "errors.own_frames": Reading(len(ours), "errors", ours[-1][:120] if ours else ""),
        "errors.environment": environment_of(test.environment, test.release, deployed, "errors"),
    }


def environment_of(environment: str, release: str, deployed: str, source: str) -> Reading:
    """Under which name an error was told, which is right only of the release that is deployed."""
    if not deployed:
        return Reading(source=source, problem="which release is deployed can't be read")
    said = environment if release == deployed else f"{environment}, of release {release or 'unknown'}"
    return Reading(said, source, f"{deployed} is deployed")


def _moment(told: object) -> datetime:
    """As Sentry's clients write it; what makes no sense is of no time, and is forgotten first."""
    try:
        if isinstance(told, int | float):
            return datetime.fromtimestamp(told, UTC)
        at = datetime.fromisoformat(str(told)) if not isinstance(told, datetime) else told
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return datetime(1970, 1, 1, tzinfo=UTC)
