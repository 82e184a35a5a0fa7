"""Incidents as operators see them: what was said, what is overdue, what was promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from audiospective.operations.incidents import ANSWER_WITHIN, TELL_EVERY, Action, Incident, Stage, Update, overdue
from audiospective.operations.recovery import KINDS
from audiospective.operations.roles import Act, Role, may
from audiospective.web.views.ops import BAD, GOOD, StateView
from audiospective.web.views.words import counted

_SEVERITIES = {1: "1, an outage for all", 2: "2, a major part", 3: "3, some people", 4: "4, a blemish"}


class SaidView(msgspec.Struct, frozen=True):
    """What was said, by whom, when."""

    stage: str
    said: str
    when: str
    by: str


class IncidentView(msgspec.Struct, frozen=True):
    """An incident with its forms."""

    id: int
    title: str
    severity: int
    when: str
    by: str
    state: StateView
    overdue: tuple[str, ...]
    updates: tuple[SaidView, ...]
    actions: tuple[str, ...]
    may_tell: bool
    may_resolve: bool
    may_promise: bool


class IncidentsView(msgspec.Struct, frozen=True):
    """The page."""

    at: str
    sentence: str
    incidents: tuple[IncidentView, ...]
    may_open: bool
    stages: tuple[str, ...]
    kinds: tuple[str, ...]
    severities: tuple[tuple[int, str], ...]
    times: tuple[tuple[str, str, str], ...]


class ReportView(msgspec.Struct, frozen=True):
    """A post-mortem."""

    title: str
    text: str


def incidents_view(
    found: Sequence[Incident], said: Mapping[int, Sequence[Update]], promised: Mapping[int, Sequence[Action]], role: Role, now: datetime
) -> IncidentsView:
    """The page now, for that role."""
    still = sum(one.resolved_at is None for one in found)
    return IncidentsView(
        at=f"{now:%H:%M:%S} UTC",
        sentence=f"{counted(still, 'incident is', 'incidents are')} open." if still else "Nothing is wrong.",
        incidents=tuple(_incident(one, said.get(one.id, ()), promised.get(one.id, ()), role, now) for one in found),
        may_open=may(role, Act.OPEN),
        stages=tuple(stage.value for stage in Stage if stage is not Stage.RESOLVED),
        kinds=KINDS,
        severities=tuple(sorted(_SEVERITIES.items(), reverse=True)),
        times=tuple((f"SEV-{level}", _span(within), _span(TELL_EVERY[level])) for level, within in ANSWER_WITHIN.items()),
    )


def _incident(one: Incident, said: Sequence[Update], promised: Sequence[Action], role: Role, now: datetime) -> IncidentView:
    is_open = one.resolved_at is None
    stage = next((update.stage for update in reversed(said) if update.stage != Stage.NOTE), "open")
    return IncidentView(
        id=one.id,
        title=one.title,
        severity=one.severity,
        when=f"since {one.opened_at:%d %b %H:%M} UTC" if is_open else f"{one.opened_at:%d %b %H:%M} to {one.resolved_at:%H:%M} UTC",
        by=one.opened_by,
        state=StateView(stage, "bad", BAD) if is_open else StateView("resolved", "good", GOOD),
        overdue=tuple(f"{words[0].upper()}{words[1:]}." for words in overdue(one, said, now)),
        updates=tuple(SaidView(update.stage, update.said, f"{update.at:%d %b %H:%M}", update.actor) for update in reversed(said)),
        actions=tuple(f"{action.said} ({action.owner}, until {action.due:%d %b %Y})" for action in promised),
        may_tell=is_open and may(role, Act.TELL),
        may_resolve=is_open and may(role, Act.OPEN),
        may_promise=may(role, Act.OPEN),
    )


def _span(span: timedelta | None) -> str:
    if span is None:
        return "no need"
    minutes = int(span.total_seconds() // 60)
    return (
        "at once"
        if not minutes
        else f"{minutes} min"
        if minutes < 60
        else f"{minutes // 60} h"
        if minutes < 1440
        else f"{minutes // 1440} days"
    )
