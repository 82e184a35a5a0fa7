"""Whether it works, how well it has, and what went wrong; for everybody, about nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from markupsafe import Markup

from audiospective.infra.language import mark, say, say_many
from audiospective.operations.health import Health, State
from audiospective.operations.incidents import Incident, Stage, Update
from audiospective.operations.notices import Notice
from audiospective.operations.uptime import SHOWN_DAYS, WEBSITE, ServiceDay
from audiospective.operations.uptime import uptime as share_of
from audiospective.web.charts.uptime import uptime
from audiospective.web.views.words import day_and_time, long_day, percent

_NAMES = {
    WEBSITE: "Audiospective",
    "database": mark("Archive"),
    "redis": mark("Cache"),
    "spotify": mark("Spotify"),
    "scheduler": mark("Hourly sweeps"),
    "sentry": mark("Error tracking"),
}
_WORDS = {State.HEALTHY: mark("operational"), State.DEGRADED: mark("impaired"), State.UNHEALTHY: mark("down now")}
_SENTENCES = {
    State.HEALTHY: mark("All systems operational."),
    State.DEGRADED: mark("Some of it is impaired."),
    State.UNHEALTHY: mark("The archive isn’t answering."),
}
_STAGES = {
    "investigating": mark("investigating"),
    "identified": mark("identified"),
    "monitoring": mark("monitoring"),
    "resolved": mark("resolved"),
}
_KINDS = {State.HEALTHY: "good", State.DEGRADED: "warn", State.UNHEALTHY: "bad"}


class ServiceView(msgspec.Struct, frozen=True):
    """A service now, and its last ninety days."""

    name: str
    words: str
    kind: str
    chart: Markup
    share: str


class UpdateView(msgspec.Struct, frozen=True):
    """What was said, when."""

    when: str
    stage: str
    said: str


class IncidentView(msgspec.Struct, frozen=True):
    """An incident as people see it."""

    title: str
    when: str
    state: str
    updates: tuple[UpdateView, ...]


class StatusView(msgspec.Struct, frozen=True):
    """The page."""

    sentence: str
    kind: str
    looked: str
    services: tuple[ServiceView, ...]
    current: tuple[IncidentView, ...]
    past: tuple[IncidentView, ...]
    notice: str = ""
    stamp: str = ""
    since: str = ""


def status_view(
    health: Health,
    days: Sequence[ServiceDay],
    incidents: Sequence[Incident],
    said: Mapping[int, Sequence[Update]],
    notice: Notice | None = None,
) -> StatusView:
    """The page at the moment of `health`."""
    is_open = any(one.resolved_at is None and one.severity <= 2 for one in incidents)
    state = State.DEGRADED if is_open and health.state is State.HEALTHY else health.state
    shown = [(name, one.state) for name, one in health.services.items() if one.state is not State.NOT_CONFIGURED]
    if any(day.service == WEBSITE for day in days):  # whoever reads this sees that it answers
        shown.insert(0, (WEBSITE, State.HEALTHY))
    known = sum(one.resolved_at is None for one in incidents)
    views = [(one, _incident(one, said.get(one.id, ()))) for one in incidents]
    return StatusView(
        sentence=_sentence(state, known),
        kind=_KINDS[state],
        looked=f"{health.at:%H:%M:%S} UTC",
        services=tuple(_service(name, one, [day for day in days if day.service == name], health.at) for name, one in shown),
        current=tuple(view for one, view in views if one.resolved_at is None),
        past=tuple(view for one, view in views if one.resolved_at is not None),
        notice=notice.said if notice and not _is_said(notice, state, is_known=bool(known)) else "",
        stamp=f"{notice.published_at:%Y-%m-%dT%H:%M:%SZ}" if notice else "",
        since=f"{long_day(notice.published_at.date())}, {notice.published_at:%H:%M} UTC" if notice else "",
    )


def _is_said(notice: Notice, state: State, *, is_known: bool) -> bool:
    """Whether the headline says it already, in whatever language."""
    return not is_known and notice.said.rstrip(".").casefold() == _SENTENCES[state].rstrip(".").casefold()


def _sentence(state: State, known: int) -> str:
    if state is State.HEALTHY and known:
        return say_many(known, "It works, with one known trouble.", "It works, with {n} known troubles.")
    return say(_SENTENCES[state])


def _service(name: str, state: State, days: Sequence[ServiceDay], now: datetime) -> ServiceView:
    by_day = {one.day: one.share for one in days}
    first = now.date() - timedelta(days=SHOWN_DAYS - 1)
    shares = [by_day.get(first + timedelta(days=place)) for place in range(SHOWN_DAYS)]
    share = share_of(days)
    told = say("not watched yet") if share is None else _told(share, len(by_day))
    shown = say(_NAMES[name])
    label = say("{service}, the last {count} days: {told}", service=shown, count=SHOWN_DAYS, told=told)
    return ServiceView(shown, say(_WORDS[state]), _KINDS[state], uptime(shares, label), told)


def _told(share: float, days: int) -> str:
    return say_many(days, "{share} in {n} day", "{share} in {n} days", share=percent(share))


def _incident(one: Incident, said: Sequence[Update]) -> IncidentView:
    public = [update for update in said if update.stage != Stage.NOTE]
    updates = tuple(
        UpdateView(f"{day_and_time(update.at)} UTC", say(_STAGES.get(update.stage, update.stage)), update.said)
        for update in reversed(public)
    )
    state = say("resolved") if one.resolved_at else say(_STAGES.get(public[-1].stage, public[-1].stage)) if public else say("open")
    return IncidentView(one.title, long_day(one.opened_at.date()), state, updates)
