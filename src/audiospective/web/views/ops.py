"""Launch control: the board of 219 boxes, go or no go, what is next, who is here; counts of people, never a name but operators'."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from markupsafe import Markup

from audiospective.operations.alerts import Firing
from audiospective.operations.authority import Asked
from audiospective.operations.boxes import CHAPTERS, Kind
from audiospective.operations.decide import Gate, decide, phase
from audiospective.operations.judge import GOOD as _HOLDS
from audiospective.operations.judge import Status
from audiospective.operations.launch import Standing
from audiospective.operations.probes.database import FULL, QUOTA_BYTES
from audiospective.operations.roles import Role, may_sign
from audiospective.operations.standing import Collecting, Now
from audiospective.operations.team import ROLES
from audiospective.operations.walk import STAGES
from audiospective.spotify.quota import Budget
from audiospective.web.charts.boxes import board
from audiospective.web.views.words import ago, counted, number

#: What each chapter is called in a word, and in full.
_SHORT: Final = dict(zip(CHAPTERS, ("Before", "Deploy", "Verify", "Monitor", "Roll back", "Incidents"), strict=True))
_WHOLE: Final = dict(
    zip(CHAPTERS, ("Before the deployment", "Deployment", "Verification", "Monitoring", "Rolling back", "Incidents"), strict=True)
)
_MARKS: Final = {Status.FAIL: "bad", Status.UNKNOWN: "odd", Status.PENDING: "wait"}
_NEXT: Final = 8


class StateView(msgspec.Struct, frozen=True):
    """A state in a word, a sign and a colour: good, bad, warn, wait."""

    words: str
    kind: str
    sign: str


GOOD, BAD = "check", "circle-alert"
_STATES: Final = {
    Status.PASS: StateView("holds", "good", GOOD),
    Status.SIGNED: StateView("signed", "good", "signature"),
    Status.WAIVED: StateView("waived", "good", "circle-check"),
    Status.NOT_APPLICABLE: StateView("not asked", "good", "circle-check"),
    Status.FAIL: StateView("failed", "bad", BAD),
    Status.UNKNOWN: StateView("unknown", "warn", "triangle-alert"),
    Status.PENDING: StateView("waits", "wait", "circle-dashed"),
}


class BoxView(msgspec.Struct, frozen=True):
    """A box with how it stands."""

    id: str
    text: str
    state: StateView
    reason: str
    by: str
    command: str
    may_sign: bool
    wants_note: bool


class RowView(msgspec.Struct, frozen=True):
    """A figure beside its limit."""

    name: str
    value: str
    limit: str
    state: StateView


class CrewView(msgspec.Struct, frozen=True):
    """A role of the runbook, and who said that they are there."""

    role: str
    name: str
    when: str
    box: str
    may_sign: bool


class Scene(msgspec.Struct, frozen=True):
    """What the page is made of."""

    standings: Sequence[Standing]
    now: Now
    collecting: Collecting
    budget: Budget
    firing: Sequence[Firing]
    here: Sequence[str]
    """Operators whose page is open."""
    team: Mapping[str, str]
    """Who has which of the runbook's roles."""
    passed: Collection[str] = ()
    """The stages that this launch passed."""
    asked: Sequence[Asked] = ()
    """Rollbacks that wait for the lead."""
    quota_bytes: int = QUOTA_BYTES


class Viewer(msgspec.Struct, frozen=True):
    """Who looks, and where: on which instance, at which chapter ("": the one that is under way)."""

    name: str
    role: Role
    environment: str
    version: str
    chapter: str


class OpsView(msgspec.Struct, frozen=True):
    """The page."""

    at: str
    environment: str
    version: str
    gate: str
    holding: str
    answer: str
    board: Markup
    key: tuple[tuple[str, str], ...]
    now_answer: str
    now: tuple[RowView, ...]
    next_answer: str
    next: tuple[BoxView, ...]
    me: str
    role: str
    crew: tuple[CrewView, ...]
    seen: str
    risk_answer: str
    risk: tuple[RowView, ...]
    chapter_name: str
    chapter_answer: str
    chapters: tuple[tuple[str, str, bool], ...]
    boxes: tuple[BoxView, ...]
    here: str


def ops_view(scene: Scene, viewer: Viewer, at: datetime) -> OpsView:
    """The page at that moment."""
    by_chapter = {name: [one for one in scene.standings if one.box.chapter == name] for name in CHAPTERS}
    ahead, broke = _ahead(scene)
    under_way = ahead[0].box.chapter if ahead else CHAPTERS[0]
    shown = viewer.chapter or under_way
    gate = decide(phase(under_way), by_chapter[under_way]).gate
    return OpsView(
        at=f"{at:%H:%M:%S} UTC",
        environment=viewer.environment,
        version=f"v{viewer.version}",
        gate={Gate.GO: "Go.", Gate.HOLD: "Hold.", Gate.STOP: "Stop.", Gate.ROLL_BACK: "Roll back."}[gate],
        holding=number(sum(one.status in _HOLDS for one in scene.standings)),
        answer=_board_answer(scene.standings),
        board=board([(_SHORT[name], [_mark(one) for one in found]) for name, found in by_chapter.items()], _board_answer(scene.standings)),
        key=(("done", "holds"), ("bad", "failed"), ("odd", "unknown"), ("sign", "waits for a name"), ("wait", "not yet")),
        now_answer=f"The last quarter of an hour, {counted(scene.now.requests, 'request', 'requests')}.",
        now=_limits(scene.now, scene.quota_bytes),
        next_answer=_next_answer(ahead, broke),
        next=(*_requests(scene), *(_box(one, viewer.role) for one in sorted(ahead, key=lambda one: one.status is Status.PENDING)[:_NEXT])),
        me=viewer.name,
        role=viewer.role.value,
        crew=tuple(_crew(role, box, scene, viewer.name, at) for role, box in ROLES.items()),
        seen=f"Pages are open at: {', '.join(scene.here)}." if scene.here else "",
        risk_answer=_risk_answer(scene.collecting),
        risk=_risk(scene, at),
        chapter_name=_WHOLE[shown],
        chapter_answer=f"{sum(one.status in _HOLDS for one in by_chapter[shown])} of {len(by_chapter[shown])} hold.",
        chapters=tuple((f"/ops?chapter={name}#chapter", _SHORT[name], name == shown) for name in CHAPTERS),
        boxes=tuple(_box(one, viewer.role) for one in by_chapter[shown]),
        here=f"/ops?chapter={shown}#chapter",
    )


def _ahead(scene: Scene) -> tuple[list[Standing], bool]:
    """What is to be done next, and whether it is something that broke after its stage was passed.

    A stage that is passed is passed, however long ago its boxes were looked at; what fails there comes before everything else.
    """
    passed = [stage for stage in STAGES if stage.name in scene.passed]
    broke = [one for one in scene.standings if one.status is Status.FAIL and any(one.box in stage.boxes for stage in passed)]
    if broke:
        return broke, True
    stands = {one.box.id: one for one in scene.standings}
    for stage in STAGES:
        still = [stands[box.id] for box in stage.boxes if stands[box.id].status not in _HOLDS]
        if stage not in passed and still:
            return still, False
    return [], False


def _next_answer(ahead: Sequence[Standing], broke: bool) -> str:
    if broke:
        return f"{counted(len(ahead), 'box', 'boxes')} failed after {'its' if len(ahead) == 1 else 'their'} stage was passed."
    return f"{_WHOLE[ahead[0].box.chapter]}: {counted(len(ahead), 'box waits', 'boxes wait')}." if ahead else "Everything holds."


def _requests(scene: Scene) -> list[BoxView]:
    """Rollbacks that somebody asks for, each with the command that approves it."""
    lead = scene.team.get("deployment-lead", "NAME")
    asked = StateView("asked", "bad" if any(one.is_critical for one in scene.asked) else "warn", "triangle-alert")
    return [
        BoxView(
            id=f"no. {one.number}",
            text=f"{one.by} asks for a rollback",
            state=asked,
            reason=one.reason,
            by="",
            command=f'audiospective ops rollback approve {one.number} --by "{lead}"',
            may_sign=False,
            wants_note=False,
        )
        for one in scene.asked
    ]


def _board_answer(standings: Sequence[Standing]) -> str:
    failed = sum(one.status is Status.FAIL for one in standings)
    unknown = sum(one.status is Status.UNKNOWN for one in standings)
    names = sum(one.status is Status.PENDING and not one.box.reading for one in standings)
    parts = [counted(failed, "box failed", "boxes failed"), f"{number(unknown)} couldn’t be read", f"{number(names)} wait for a name"]
    return ", ".join(parts) + "."


def _mark(one: Standing) -> str:
    if one.status in _HOLDS:
        return "done"
    return "sign" if one.status is Status.PENDING and one.box.kind is Kind.SIGNOFF else _MARKS[one.status]


def _box(one: Standing, role: Role) -> BoxView:
    signable = (
        not (one.box.reading and one.box.is_must)
        and may_sign(role, one.box)
        and one.status not in _HOLDS
        and one.box.id not in ROLES.values()
    )
    reason = one.reason if one.at else "" if one.box.reading else "waits for a name"
    is_button = signable and not one.box.reading
    command = f"audiospective {one.box.command}" if not is_button and one.status not in _HOLDS else ""
    return BoxView(
        one.box.id,
        one.box.text,
        _STATES[one.status],
        reason,
        one.by,
        command,
        is_button,
        one.box.kind is not Kind.SIGNOFF,
    )


def _crew(role: str, box: str, scene: Scene, me: str, at: datetime) -> CrewView:
    """Whoever has the role says by a button that they are there."""
    found = next((one for one in scene.standings if one.box.id == box and one.status is Status.SIGNED), None)
    name, when = scene.team.get(role, ""), ago(found.at, at) if found and found.at else ""
    return CrewView(role.replace("-", " ").capitalize(), name or "nobody yet", when, box, not when and name.casefold() == me.casefold())


def row(name: str, value: float | None, limit: float | None, form: str, *, least: bool = False) -> RowView:
    """A figure; unknown where nobody measured. `least`: it must be above the limit, not below."""
    shown = "–" if value is None else form.format(value)
    if value is None:
        return RowView(name, shown, "" if limit is None else form.format(limit), StateView("unknown", "wait", "circle-dashed"))
    if limit is None:
        return RowView(name, shown, "", StateView("noted", "wait", GOOD))
    is_good = value >= limit if least else value < limit
    return RowView(name, shown, form.format(limit), StateView("holds", "good", GOOD) if is_good else StateView("too much", "bad", BAD))


def _limits(now: Now, quota_bytes: int) -> tuple[RowView, ...]:
    return (
        row("Requests that failed", now.failure_share, 0.01, "{:.2%}"),
        row("Slowest twentieth", now.p95_ms, 500, "{:,.0f} ms"),
        row("Errors", now.errors, 5, "{:,.0f}"),
        row("Connections", now.connections, 50, "{:,.0f}"),
        row("Database", now.database_bytes / 1e6, FULL * quota_bytes / 1e6, "{:,.0f} MB"),
        row("Processors busy", now.cpu_ratio, 0.8, "{:.0%}"),
    )


def _risk_answer(found: Collecting) -> str:
    if not found.connected and not found.ended:
        return "Nobody is connected to Spotify."
    at_risk = found.late + found.ended
    return "Everybody is collected for." if not at_risk else f"{counted(at_risk, 'person', 'people')} of {found.connected + found.ended}."


def _risk(scene: Scene, at: datetime) -> tuple[RowView, ...]:
    found = scene.collecting
    said = [
        row("Waiting for more than ten minutes", found.late, 1, "{:,.0f}"),
        row("Sweeps in trouble", found.troubled, 1, "{:,.0f}"),
        row("Permissions that ended", found.ended, 1, "{:,.0f}"),
        row("Ending within thirty days", found.ending, None, "{:,.0f}"),
        row("Workers at work", found.workers, 1, "{:,.0f}", least=True),
        row("Alerts that fire", len(scene.firing), 1, "{:,.0f}"),
    ]
    newest = RowView("Newest sweep", ago(found.newest_sweep, at), "", StateView("noted", "wait", GOOD)) if found.newest_sweep else None
    return (*said, *([newest] if newest else []), _quota(scene.budget))


def _quota(budget: Budget) -> RowView:
    if budget.paused_until is not None:
        return RowView("Spotify’s quota", "told to wait", "", StateView("paused", "warn", "pause"))
    spent = f"{budget.spent:,} of {budget.calls_a_day:,}" if budget.calls_a_day else f"{budget.spent:,} calls a day"
    return RowView("Spotify’s quota", spent, "", StateView("holds", "good", GOOD))
