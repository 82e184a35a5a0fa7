"""`/status` and `/api/status`: for everybody, whether it works."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import Response, get
from litestar.types import ControllerRouterHandler

from audiospective.bootstrap import Parts
from audiospective.errors import Unavailable
from audiospective.operations import incidents, uptime
from audiospective.operations.health import Health, Observer
from audiospective.operations.incidents import Incident, Stage, Update
from audiospective.operations.notices import Board, Place
from audiospective.operations.uptime import WEBSITE, ServiceDay
from audiospective.web.rendering import render
from audiospective.web.views.status import status_view
from audiospective.web.visitor import Asked, WithParts


class UpdateAnswer(msgspec.Struct, frozen=True):
    """What was said, when."""

    at: datetime
    stage: str
    said: str


class IncidentAnswer(msgspec.Struct, rename="camel", frozen=True):
    """An incident as people see it."""

    title: str
    severity: int
    opened_at: datetime
    resolved_at: datetime | None
    updates: list[UpdateAnswer]


class StatusAnswer(msgspec.Struct, rename="camel", frozen=True):
    """Now, the last ninety days in per cent, and what went wrong in them."""

    status: str
    timestamp: datetime
    services: dict[str, str]
    uptime: dict[str, float]
    incidents: list[IncidentAnswer]


@get("/status", include_in_schema=False)
async def show(request: Asked, parts: WithParts) -> Response[bytes]:
    """The page; it answers also when the database doesn't."""
    health, days, found, said = await _seen(request, parts)
    board: Board = request.app.state.notices
    notice = (await board.read(parts.db, parts.clock.now())).notices.get(Place.STATUS.value)
    return render(request, "pages/status.html", status_view(health, days, found, said, notice))


@get("/api/status")
async def status(request: Asked, parts: WithParts) -> StatusAnswer:
    """Whether it works, how well it has, and what went wrong."""
    health, days, found, said = await _seen(request, parts)
    shares = {name: uptime.uptime([day for day in days if day.service == name]) for name in (WEBSITE, *health.services)}
    told = [_incident(one, said[one.id]) for one in found]
    services = {name: one.state.value for name, one in health.services.items()}
    return StatusAnswer(health.state.value, health.at, services, {name: one for name, one in shares.items() if one is not None}, told)


def _is_public(said: list[Update]) -> bool:
    """Whether people were told of it; of what opened by itself operators decide when they are."""
    return any(update.stage != Stage.NOTE for update in said)


async def _seen(request: Asked, parts: Parts) -> tuple[Health, list[ServiceDay], list[Incident], dict[int, list[Update]]]:
    observer: Observer = request.app.state.observer
    health = await observer.lately()
    try:
        async with parts.db.reading() as conn:
            days = await uptime.days(conn, health.at)
            found = await incidents.listed(conn, health.at)
            said = await incidents.history(conn, found)
            return health, days, [one for one in found if _is_public(said[one.id])], said
    except Unavailable:
        return health, [], [], {}


def _incident(one: Incident, said: list[Update]) -> IncidentAnswer:
    updates = [UpdateAnswer(update.at, update.stage, update.said) for update in said if update.stage != Stage.NOTE]
    return IncidentAnswer(one.title, one.severity, one.opened_at, one.resolved_at, updates)


routes: tuple[ControllerRouterHandler, ...] = (show, status)
