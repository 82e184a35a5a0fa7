"""Is it well again after an incident or a rollback, and was what was promised done? Where there was none, nothing is asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from audiospective.errors import Conflict, Invalid
from audiospective.infra.database import Connection
from audiospective.operations import boxes, feedback, incidents, launch, launches, ledger, machine, measures
from audiospective.operations.incidents import Action, Incident
from audiospective.operations.judge import Reading
from audiospective.operations.ledger import Entry, Line
from audiospective.operations.team import ROLES

PROMISED: Final = "incident.promised"
CLOSED: Final = "incident.action_closed"

#: What the runbook promises after every incident.
KINDS: Final = ("test", "checklist", "parity", "training")

_NAMES: Final = ("error_ratio", "stable_minutes", "reports", *(f"action_{kind}" for kind in KINDS))
_RECOVERY: Final = timedelta(minutes=30)
_AROUND: Final = timedelta(minutes=5)
_GAP: Final = timedelta(minutes=3)


async def readings(conn: Connection, now: datetime) -> dict[str, Reading]:
    """Of the newest incident and the newest rollback of this launch."""
    opened = await launches.current(conn)
    since = opened.opened_at if opened else now - timedelta(days=7)
    found = next((one for one in await incidents.listed(conn, now) if one.opened_at >= since), None)
    return await _incident(conn, found, now) | {"rollback.errors_fell": await _fell(conn, since, now)}


async def promise(conn: Connection, incident: int, kind: str, *, action: Action, actor: str, now: datetime) -> None:
    """Somebody will do something until a day; `kind` is what the runbook wants after every incident, or "". Raises NotFound, Invalid."""
    await incidents.act(conn, incident, said=action.said, owner=action.owner, due=action.due)
    if not kind:
        return
    _check(kind)
    told: dict[str, object] = {"owner": action.owner.strip(), "due": f"{action.due}"}
    await ledger.append(conn, [Entry(actor, PROMISED, f"incident {incident} {kind}", told)], now)


async def refuse_unpromised(conn: Connection, incident: int, kind: str) -> Incident:
    """The incident; raises NotFound, Invalid, Conflict when nobody had promised this."""
    _check(kind)
    found = await incidents.find(conn, incident)
    if f"incident {found.id} {kind}" not in await ledger.newest(conn, PROMISED):
        how = f"audiospective ops incident act {found.id} --for {kind} --say … --owner … --due …"
        raise Conflict(f"Nobody promised it with a name and a day; first: {how}")
    return found


async def close(conn: Connection, incident: int, kind: str, *, proof: str, actor: str, now: datetime) -> None:
    """Write down that a promise was kept; the caller has seen the proof. Raises NotFound, Invalid, Conflict when nobody had promised it."""
    found = await refuse_unpromised(conn, incident, kind)
    await ledger.append(conn, [Entry(actor, CLOSED, f"incident {found.id} {kind}", {"proof": proof})], now)


async def missing_proof(conn: Connection, incident: int, kind: str) -> str:
    """Why the ledger doesn't prove it yet; "" when it does. Of what the ledger can prove: that the checklist changed, that all trained."""
    found = await incidents.find(conn, incident)
    if kind == "checklist":
        line = (await ledger.newest(conn, incidents.OPENED)).get(f"incident {found.id}")
        before = str(line.told().get("checklist", "")) if line else ""
        return "" if before and before != boxes.digest() else "the boxes are the same as when it happened"
    lines = await ledger.since(conn, found.opened_at, launch.TRAINED)
    lacking = sorted(ROLES.keys() - {line.subject for line in lines})
    return f"since it happened these didn't train: {', '.join(lacking)}" if lacking else ""


def _check(kind: str) -> None:
    if kind not in KINDS:
        raise Invalid(f"“{kind[:20]}” is none of the runbook's promises; use {', '.join(KINDS)}.", field="KIND")


async def _incident(conn: Connection, found: Incident | None, now: datetime) -> dict[str, Reading]:
    if found is None:
        nothing = Reading(source="incidents", inapplicable="there was no incident in this launch")
        return {f"incident.{name}": nothing for name in _NAMES}
    promised, kept = await ledger.newest(conn, PROMISED), await ledger.newest(conn, CLOSED)
    subjects = {kind: f"incident {found.id} {kind}" for kind in KINDS}
    return {
        "incident.error_ratio": await _ratio(conn, now - _RECOVERY, now),
        "incident.stable_minutes": await _stable(conn, now),
        "incident.reports": await _reports(conn, found, now),
        **{f"incident.action_{kind}": _promise(promised.get(one), kept.get(one)) for kind, one in subjects.items()},
    }


def _promise(promised: Line | None, kept: Line | None) -> Reading:
    if promised is None:
        return Reading("nobody's", "ledger", "promise it with a name and a day: ops incident act --for")
    told = promised.told()
    if kept is None:
        return Reading("open", "ledger", f"{told['owner']}, until {told['due']}; ops incident done")
    return Reading("kept", "ledger", f"{told['owner']}: {str(kept.told()['proof'])[:200]}")


async def _reports(conn: Connection, found: Incident, now: datetime) -> Reading:
    """People who report it still; that nobody does is the support lead's to say."""
    since = max(now - _RECOVERY, found.opened_at)
    heard = await feedback.of_incident(conn, found.id, since)
    if heard:
        return Reading("go on", "feedback", f"{heard} of this incident since {since:%H:%M} UTC")
    return Reading(source="feedback", problem="the support lead says whether reports have stopped: ops sign R214")


async def _ratio(conn: Connection, since: datetime, until: datetime) -> Reading:
    asked = measures.asked(await measures.minutes(conn, since, until))
    count, failed = measures.requests(asked), measures.failures(asked)
    if not count:
        return Reading(source="requests", problem=f"nobody asked for anything since {since:%H:%M} UTC")
    return Reading(round(failed / count, 5), "requests", f"{failed} of {count}")


async def _stable(conn: Connection, now: datetime) -> Reading:
    """Minutes back from now in which every look found all well, without a gap."""
    reached, looks = now, await machine.looks(conn, now - 2 * _RECOVERY, now)
    if not looks or now - looks[-1].at > _GAP:
        return Reading(source="looks", problem="nobody looked in the last minutes; does a worker run?")
    for look in reversed(looks):
        if not look.is_well or reached - look.at > _GAP:
            break
        reached = look.at
    return Reading(int((now - reached).total_seconds() // 60), "looks")


async def _fell(conn: Connection, since: datetime, now: datetime) -> Reading:
    """Whether errors are rarer five minutes after a rollback than five minutes before it."""
    line = next(iter(reversed(await ledger.since(conn, since, "release.rolled_back"))), None)
    if line is None:
        return Reading(source="ledger", inapplicable="nothing was rolled back in this launch")
    at = datetime.fromisoformat(str(line.told().get("at", line.at.isoformat())))
    if now < at + _AROUND:
        return Reading(source="requests", problem="five minutes after the rollback aren't over yet")
    before, after = await _ratio(conn, at - _AROUND, at), await _ratio(conn, at, at + _AROUND)
    if not isinstance(before.value, float | int) or not isinstance(after.value, float | int):
        return Reading(source="requests", problem=before.problem or after.problem)
    return Reading(
        "yes" if after.value < before.value or not after.value else "no", "requests", f"{before.value:.3%} before, {after.value:.3%} after"
    )
