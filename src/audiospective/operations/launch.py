"""The launch record: how each box stands, what was found, who answers for what. Everything is in the ledger; nothing is kept elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from audiospective.errors import Invalid, NotAllowed
from audiospective.infra.database import Connection
from audiospective.operations import faults, feedback, launches, ledger, release_state, team
from audiospective.operations.boxes import Box, Kind
from audiospective.operations.boxes import boxes as all_boxes
from audiospective.operations.judge import GOOD, Reading, Status, Verdict, judged
from audiospective.operations.ledger import Entry, Line
from audiospective.operations.team import ROLES

JUDGED: Final = "box.judged"
SIGNED: Final = "box.signed"

WAIVED: Final = "box.waived"
READY: Final = "role.ready"
TRAINED: Final = "role.trained"

#: Boxes of these chapters are a launch's own: what was found before it was opened doesn't count for it.
_OF_A_LAUNCH: Final = frozenset({"pre-deployment", "deployment", "verification"})
#: And these are a release's own: what was found before the newest cut-over, forward or back, was found of another.
_OF_A_RELEASE: Final = ("R060", "R177")
_CUT_OVERS: Final = (release_state.SERVED, release_state.RETURNED, release_state.DEPLOYED, release_state.ROLLED_BACK)
_WAIVED_FOR: Final = timedelta(days=1)
_READY_FOR: Final = timedelta(minutes=5)
_TRAINED_FOR: Final = timedelta(days=90)
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """A box now; `by` and `at` say who found or signed it, and when."""

    box: Box
    status: Status
    value: str
    reason: str
    by: str
    at: datetime | None


async def standings(conn: Connection, boxes: Sequence[Box], now: datetime | None, *, until: int | None = None) -> list[Standing]:
    """How each box stands; what is older than a box allows is pending again. None for `now`: as it was found, however long ago,
    or at line `until` of the ledger.
    """
    looked, signed, waived = [await ledger.newest(conn, event, until=until) for event in (JUDGED, SIGNED, WAIVED)]
    opened = await ledger.last_of(conn, launches.OPENED)
    begins = opened.seq if opened else 0
    cut = await cut_over(conn, until=until)
    found = []
    for box in boxes:
        look, name, waiver = (_of_launch(box, one.get(box.id), begins, cut) for one in (looked, signed, waived))
        found.append(_waived(waiver, _named(box, name, _standing(box, look, now), now), now))
    return found


async def cut_over(conn: Connection, *, until: int | None = None) -> int:
    """The newest line of the ledger by which another release serves, up to line `until`; 0 before the first."""
    return max((line.seq for line in (await ledger.newest(conn, *_CUT_OVERS, until=until)).values()), default=0)


def _of_launch(box: Box, line: Line | None, begins: int, cut: int) -> Line | None:
    """The line, if it is of this launch and of the release that serves."""
    first, last = _OF_A_RELEASE
    since = max(begins if box.chapter in _OF_A_LAUNCH else 0, cut if first <= box.id <= last else 0)
    return line if line and line.seq >= since else None


def _named(box: Box, name: Line | None, looked: Standing, now: datetime | None) -> Standing:
    """A signature counts unless a look since then found something; that nobody could look takes nothing from it."""
    if name is None or (looked.status in {Status.PASS, Status.FAIL, Status.NOT_APPLICABLE} and looked.at and looked.at >= name.at):
        return looked
    signed = _standing(box, name, now)
    return signed if signed.status is Status.SIGNED or looked.status is Status.PENDING else looked


def _waived(waiver: Line | None, found: Standing, now: datetime | None) -> Standing:
    """What the lead lets pass stays so for a day, however often it is looked at; what has become good is good."""
    if waiver is None or found.status in GOOD or (now and now - waiver.at > _WAIVED_FOR):
        return found
    told = waiver.told()
    return replace(found, status=Status.WAIVED, reason=f"{told['reason']} (was: {found.reason})", by=waiver.actor, at=waiver.at)


async def record(conn: Connection, boxes: Iterable[Box], readings: Mapping[str, Reading], *, actor: str, now: datetime) -> list[Verdict]:
    """Judge every box that a probe can read, roll-ups last, and write down what was found."""
    looked = list(boxes)
    is_rolled = any(box.reading and box.parts for box in looked)
    stands = {one.box.id: one.status for one in await standings(conn, all_boxes(), now)} if is_rolled else {}
    found = judged(looked, readings, stands)
    await ledger.append(conn, [Entry(actor, JUDGED, verdict.box, _body(verdict, reading)) for reading, verdict in found], now)
    return [verdict for _, verdict in found]


async def sign(conn: Connection, box: Box, *, by: str, note: str, now: datetime) -> Line:
    """Somebody answers for a box by name. Raises Invalid for one that is measured, and for nobody."""
    name = " ".join(by.split())
    if not 1 <= len(name) <= 100:
        raise Invalid("Say who signs: --by NAME, as in --by “Mara Quill”.", field="--by")
    if role := next((role for role, of in ROLES.items() if of == box.id), None):
        await team.answering(conn, role, name)
    if box.reading.startswith("team."):
        raise Invalid(f"{box.id} is all four roles’ to say: audiospective {box.command}", field="BOX")
    if box.reading and box.is_must:
        raise Invalid(f"{box.id} must be measured, nobody can sign it: run {box.command}.", field="BOX")
    if box.kind is not Kind.SIGNOFF and not note.strip():
        raise Invalid(f"{box.id} is a {box.kind}; say what was done or seen: --note “…”.", field="--note")
    heard = await feedback.attest(conn, box.id, now) or await faults.attest(conn, box.id, now)
    reason = "; ".join(filter(None, [note.strip()[:_LONGEST] or "confirmed", heard]))
    entry = Entry(name, SIGNED, box.id, {"status": Status.SIGNED.value, "value": "", "reason": reason})
    return (await ledger.append(conn, [entry], now))[0]


async def waive(conn: Connection, box: Box, *, by: str, reason: str, now: datetime) -> Line:
    """The deployment lead lets a box pass. Raises NotAllowed for anybody else and for what must be measured, Invalid without a reason."""
    await team.answering(conn, "deployment-lead", by)
    if box.is_must:
        raise NotAllowed(f"{box.id} can't be waived by anybody: run {box.command}.")
    if not reason.strip():
        raise Invalid("Say why it may pass: --reason “…”.", field="--reason")
    body = {"status": Status.WAIVED.value, "value": "", "reason": reason.strip()[:_LONGEST]}
    return (await ledger.append(conn, [Entry(" ".join(by.split()), WAIVED, box.id, body)], now))[0]


async def say_ready(conn: Connection, role: str, *, by: str, event: str = READY, now: datetime) -> None:
    """Somebody is ready, or knows the way back (TRAINED), as the role that is theirs. Raises NotAllowed."""
    await team.answering(conn, role, by)
    await ledger.append(conn, [Entry(" ".join(by.split()), event, role, {})], now)


async def promised(conn: Connection, now: datetime) -> dict[str, Reading]:
    """How many of the four roles are ready, and know the way back: as those say who have them now.

    Whoever hasn't said anything is waited for; nobody waits for a role that is nobody's, nor again for a word that is void by now.
    """
    holders = {role: await team.holder(conn, role) for role in ROLES}
    opened = await launches.current(conn)
    begins = opened.seq if opened else 0
    found = {}
    for name, event, lasts, since in (("ready", READY, _READY_FOR, begins), ("trained", TRAINED, _TRAINED_FOR, 0)):
        ever = {line.subject for line in (await ledger.newest(conn, event)).values() if line.seq >= since}
        lines = [line for line in await ledger.since(conn, now - lasts, event) if team.is_same(holders.get(line.subject, ""), line.actor)]
        lacking = [role for role in ROLES if role not in {line.subject for line in lines}]
        who = ", ".join(sorted({line.actor for line in lines}))
        note = "; ".join(filter(None, [who, f"not {', '.join(lacking)}" if lacking else ""]))
        waits = "" if any(role in ever or not holders[role] for role in lacking) else ", ".join(lacking)
        found[f"team.{name}"] = Reading(len({line.subject for line in lines}), "ledger", note, waits=waits)
    return found


def _body(verdict: Verdict, reading: Reading) -> dict[str, object]:
    told: dict[str, object] = {"status": verdict.status.value, "value": verdict.value, "reason": verdict.reason, "source": reading.source}
    return told | ({"evidence": reading.evidence} if reading.evidence else {})


def _standing(box: Box, line: Line | None, now: datetime | None) -> Standing:
    if line is None:
        waits = f"run: audiospective {box.command}"
        return Standing(box, Status.PENDING, "", waits, "", None)
    told = line.told()
    status, value, reason = Status(str(told["status"])), str(told["value"]), str(told["reason"])
    if now and now - line.at > box.fresh:
        return Standing(box, Status.PENDING, value, f"was {status.value} ({reason}), too long ago", line.actor, line.at)
    return Standing(box, status, value, reason, line.actor, line.at)
