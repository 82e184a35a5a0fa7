"""What went wrong, how bad, what was said and when; and the post-mortem that comes of it (runbook, "Incident Response")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from audiospective.errors import Conflict, Invalid, NotAllowed, NotFound
from audiospective.infra.database import Connection, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements
from audiospective.operations import boxes, ledger
from audiospective.operations.ledger import Entry

sql = statements(__name__)

#: By severity: how soon somebody must answer, and how often people are told how it goes (None: not at all).
ANSWER_WITHIN: Final = {1: timedelta(0), 2: timedelta(minutes=15), 3: timedelta(hours=1), 4: timedelta(days=14)}
TELL_EVERY: Final = {1: timedelta(minutes=15), 2: timedelta(minutes=30), 3: None, 4: None}
#: Told to the deployment lead when it isn't resolved by then.
ESCALATE_AFTER: Final = timedelta(minutes=15)

#: For these a commander answers four questions before anything is mended.
_GRAVE: Final = 2

#: Who opens what opens by itself.
BY_ITSELF: Final = "audiospective"

#: What the ledger remembers of an incident beside its history.
OPENED: Final = "incident.opened"
ACKNOWLEDGED: Final = "incident.acknowledged"
ASSESSED: Final = "incident.assessed"
LEARNT: Final = "incident.learnt"

_LONGEST = 2000
_PAST = timedelta(days=90)


class Stage(StrEnum):
    """How far it is; a note is for operators alone."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident; `resolved_at` None while it is open."""

    id: int
    severity: int
    title: str
    opened_at: datetime
    opened_by: str
    resolved_at: datetime | None


class Update(msgspec.Struct, frozen=True):
    """What was said of it."""

    incident_id: int
    at: datetime
    actor: str
    stage: str
    said: str


class Action(msgspec.Struct, frozen=True):
    """What shall be done, by whom, until when."""

    said: str
    owner: str
    due: date


class Cause(msgspec.Struct, frozen=True):
    """What an incident opens by itself of, and the line of the ledger that speaks of it."""

    name: str
    line: int


async def begin(conn: Connection, *, severity: int, title: str, said: str, actor: str, now: datetime) -> int:
    """Open an incident with its first words; its number. Raises Invalid."""
    if severity not in ANSWER_WITHIN:
        raise Invalid(f"{severity} is no severity; 1 is an outage for all, 4 a blemish.", field="--severity")
    opened = await fetch_one(conn, sql["open"], int, severity=severity, title=_text(title, "--title"), now=now, actor=actor) or 0
    await _written(conn, opened, severity, actor=actor, now=now)
    await tell(conn, opened, stage=Stage.INVESTIGATING, said=said, actor=actor, now=now)
    return opened


async def begin_by_itself(conn: Connection, cause: Cause, *, severity: int, title: str, said: str, now: datetime) -> int | None:
    """Open an incident that nobody but operators hears of yet; None when one of that cause is open, or that line was answered before."""
    params = {"severity": severity, "title": title, "now": now, "actor": BY_ITSELF, "cause": cause.name, "line": cause.line}
    opened = await fetch_one(conn, sql["open_by_itself"], int, **params)
    if opened is not None:
        await _written(conn, opened, severity, actor=BY_ITSELF, now=now, cause=cause.name, line=cause.line)
        await tell(conn, opened, stage=Stage.NOTE, said=said, actor=BY_ITSELF, now=now)
    return opened


async def _written(conn: Connection, opened: int, severity: int, *, actor: str, now: datetime, **why: str | int) -> None:
    """Whoever opens one: the ledger knows of it, and which checklist was in force; what is promised of that is proven against it."""
    told = {"severity": severity, "checklist": boxes.digest(), **why}
    await ledger.append(conn, [Entry(actor, OPENED, f"incident {opened}", told)], now)


async def hear(conn: Connection, cause: Cause, *, said: str, now: datetime) -> int | None:
    """Note what became of a cause whose incident is open; None when none is, or it has heard of that line."""
    still = await fetch_one(conn, sql["hear"], int, cause=cause.name, line=cause.line)
    if still is not None:
        await tell(conn, still, stage=Stage.NOTE, said=said, actor=BY_ITSELF, now=now)
    return still


async def tell(conn: Connection, incident: int, *, stage: Stage, said: str, actor: str, now: datetime) -> None:
    """Say how it goes; raises NotFound, Invalid, Conflict when it is over and that would say that it goes on, or NotAllowed when a grave
    incident is mended before it was assessed.
    """
    if stage not in {Stage.NOTE, Stage.RESOLVED} and (await find(conn, incident)).resolved_at:
        raise Conflict(f"Incident {incident} is resolved; add a note (--stage note), or open another if it is back.")
    await _assessed_first(conn, incident, stage)
    if not await execute(conn, sql["say"], id=incident, now=now, actor=actor, stage=stage.value, said=_text(said, "--say")):
        raise NotFound(f"There is no incident {incident}.")


async def _assessed_first(conn: Connection, incident: int, stage: Stage) -> None:
    """Before a grave incident is mended, four questions are answered (runbook, "Incident Commander")."""
    if stage not in {Stage.IDENTIFIED, Stage.MONITORING} or (await find(conn, incident)).severity > _GRAVE:
        return
    if f"incident {incident}" not in await ledger.newest(conn, ASSESSED):
        raise NotAllowed(f"First the commander’s four questions: audiospective ops incident assess {incident} --broken … --affected …")


async def resolve(conn: Connection, incident: int, *, said: str, actor: str, now: datetime) -> None:
    """It is over; raises NotFound, or Conflict when it was before."""
    await find(conn, incident)
    if not await execute(conn, sql["resolve"], id=incident, now=now):
        raise Conflict(f"Incident {incident} is resolved already.")
    await tell(conn, incident, stage=Stage.RESOLVED, said=said, actor=actor, now=now)


async def act(conn: Connection, incident: int, *, said: str, owner: str, due: date) -> None:
    """An action item with owner and date; raises NotFound, Invalid."""
    if not await execute(conn, sql["act"], id=incident, said=_text(said, "--say"), owner=_text(owner, "--owner"), due=due):
        raise NotFound(f"There is no incident {incident}.")


async def find(conn: Connection, incident: int) -> Incident:
    """One incident; raises NotFound."""
    found = await fetch_one(conn, sql["one"], Incident, id=incident)
    if found is None:
        raise NotFound(f"There is no incident {incident}.")
    return found


async def listed(conn: Connection, now: datetime) -> list[Incident]:
    """Those that are open and those of the last ninety days, the newest first."""
    return await fetch_all(conn, sql["all"], Incident, since=now - _PAST)


async def history(conn: Connection, incidents: Sequence[Incident]) -> dict[int, list[Update]]:
    """What was said of each, oldest first."""
    said: dict[int, list[Update]] = {one.id: [] for one in incidents}
    for update in await fetch_all(conn, sql["updates"], Update, ids=[one.id for one in incidents]):
        said[update.incident_id].append(update)
    return said


def overdue(incident: Incident, updates: Sequence[Update], now: datetime) -> list[str]:
    """What should have happened by now and hasn't, in sentences. Pure."""
    if incident.resolved_at is not None:
        return []
    found = []
    answered = [update for update in updates[1:] if update.actor]
    if not answered and now - incident.opened_at > max(ANSWER_WITHIN[incident.severity], timedelta(minutes=5)):
        found.append(f"nobody has answered for {_minutes(now - incident.opened_at)} minutes")
    public = [update for update in updates if update.stage != Stage.NOTE]
    every = TELL_EVERY[incident.severity]
    if every is not None and public and now - public[-1].at > every:
        found.append(f"people were told {_minutes(now - public[-1].at)} minutes ago; every {_minutes(every)} is due")
    if incident.severity <= 2 and now - incident.opened_at > ESCALATE_AFTER:
        found.append("it is open for more than 15 minutes: tell the deployment lead")
    return found


def postmortem(incident: Incident, updates: Sequence[Update], actions: Sequence[Action], *, cause: str, summary: str) -> str:
    """The report as Markdown. Raises Invalid that names what is still missing: nothing is published with a blank."""
    missing = [name for name, text in (("--summary", summary), ("--cause", cause)) if not text.strip()]
    missing += [] if incident.resolved_at else ["its end: ops incident resolve"]
    missing += [] if actions else ["an action with owner and date: ops incident act"]
    if missing or incident.resolved_at is None:
        raise Invalid(f"The report still lacks {', '.join(missing)}.", field=missing[0])
    lines = [
        f"# Post-mortem: {incident.title}",
        "",
        f"- Date: {incident.opened_at:%Y-%m-%d}",
        f"- Duration: {_minutes(incident.resolved_at - incident.opened_at)} minutes",
        f"- Severity: SEV-{incident.severity}",
        "",
        "## Summary",
        summary.strip(),
        "",
        "## Timeline (UTC)",
        *(f"- {update.at:%H:%M} {update.actor}, {update.stage}: {update.said}" for update in updates),
        "",
        "## Root cause",
        cause.strip(),
        "",
        "## Action items",
        *(f"- [ ] {action.said} (Owner: {action.owner}, Due: {action.due})" for action in actions),
        "",
    ]
    return "\n".join(lines)


async def actions(conn: Connection, incident: int) -> list[Action]:
    """What was promised."""
    return await fetch_all(conn, sql["actions"], Action, id=incident)


def _text(given: str, field: str) -> str:
    text = given.strip()
    if not 1 <= len(text) <= _LONGEST:
        raise Invalid(f"{field} needs 1 to {_LONGEST} characters.", field=field)
    return text


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)
