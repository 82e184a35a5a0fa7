"""`/ops/incidents`: open, tell, resolve, promise, and the report that comes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from audiospective.accounts.people import Person
from audiospective.bootstrap import Parts
from audiospective.errors import Invalid
from audiospective.infra.database import Connection
from audiospective.operations import incidents, ledger, recovery, roles
from audiospective.operations.incidents import Action, Stage
from audiospective.operations.ledger import Entry
from audiospective.operations.roles import Act
from audiospective.web.forms import back_to, fields
from audiospective.web.pages.ops import here, role_of
from audiospective.web.rendering import render
from audiospective.web.views.ops_incidents import ReportView, incidents_view
from audiospective.web.visitor import Asked, Operator, WithParts

Work = Callable[[Connection, str, datetime], Awaitable[int]]


@get("/ops/incidents", include_in_schema=False)
async def show(request: Asked, parts: WithParts, operator: Operator) -> Response[bytes]:
    """The page."""
    role, now = await here(parts, operator), parts.clock.now()
    async with parts.db.reading() as conn:
        found = await incidents.listed(conn, now)
        said = await incidents.history(conn, found)
        promised = {one.id: await incidents.actions(conn, one.id) for one in found}
    return render(request, "pages/ops_incidents.html", incidents_view(found, said, promised, role, now))


@post("/ops/incidents", status_code=303, include_in_schema=False)
async def begin(request: Asked, parts: WithParts, operator: Operator) -> Response[bytes]:
    """Open one."""
    given = await fields(request)
    severity = int(given["severity"]) if given.get("severity", "") in map(str, incidents.ANSWER_WITHIN) else 0

    async def work(conn: Connection, actor: str, now: datetime) -> int:
        title, said = given.get("title", ""), given.get("said", "")
        return await incidents.begin(conn, severity=severity, title=title, said=said, actor=actor, now=now)

    return await _done(parts, operator, Act.OPEN, work)


@post("/ops/incidents/{incident:int}/updates", status_code=303, include_in_schema=False)
async def tell(request: Asked, parts: WithParts, operator: Operator, incident: FromPath[int]) -> Response[bytes]:
    """Say how it goes."""
    given = await fields(request)
    stage = given.get("stage", "")
    if stage not in set(Stage) - {Stage.RESOLVED}:
        raise Invalid(f"“{stage[:20]}” says nothing of how far it is.", field="stage")

    async def work(conn: Connection, actor: str, now: datetime) -> int:
        await incidents.tell(conn, incident, stage=Stage(stage), said=given.get("said", ""), actor=actor, now=now)
        return incident

    return await _changed(parts, operator, Act.TELL, "incident.told", work)


@post("/ops/incidents/{incident:int}/resolution", status_code=303, include_in_schema=False)
async def resolve(request: Asked, parts: WithParts, operator: Operator, incident: FromPath[int]) -> Response[bytes]:
    """It is over."""
    given = await fields(request)

    async def work(conn: Connection, actor: str, now: datetime) -> int:
        await incidents.resolve(conn, incident, said=given.get("said", ""), actor=actor, now=now)
        return incident

    return await _changed(parts, operator, Act.OPEN, "incident.resolved", work)


@post("/ops/incidents/{incident:int}/actions", status_code=303, include_in_schema=False)
async def promise(request: Asked, parts: WithParts, operator: Operator, incident: FromPath[int]) -> Response[bytes]:
    """Somebody does something until a day."""
    given = await fields(request)
    try:
        due = date.fromisoformat(given.get("due", ""))
    except ValueError as error:
        raise Invalid("A promise needs a day, as in 2026-12-01.", field="due") from error

    async def work(conn: Connection, actor: str, now: datetime) -> int:
        action = Action(given.get("said", ""), given.get("owner", ""), due)
        await recovery.promise(conn, incident, given.get("for", ""), action=action, actor=actor, now=now)
        return incident

    return await _changed(parts, operator, Act.OPEN, "incident.action", work)


@post("/ops/incidents/{incident:int}/report", status_code=200, include_in_schema=False)
async def report(request: Asked, parts: WithParts, operator: Operator, incident: FromPath[int]) -> Response[bytes]:
    """The post-mortem; refused while something of it is blank."""
    given = await fields(request)
    await here(parts, operator)
    async with parts.db.reading() as conn:
        found = await incidents.find(conn, incident)
        said = (await incidents.history(conn, [found]))[incident]
        promised = await incidents.actions(conn, incident)
    text = incidents.postmortem(found, said, promised, cause=given.get("cause", ""), summary=given.get("summary", ""))
    return render(request, "pages/ops_report.html", ReportView(found.title, text))


async def _changed(parts: Parts, operator: Person, act: Act, event: str, work: Work) -> Response[bytes]:
    """Do it and write it into the ledger, together or not at all."""

    async def both(conn: Connection, actor: str, now: datetime) -> int:
        number = await work(conn, actor, now)
        await ledger.append(conn, [Entry(actor, event, f"incident {number}", {})], now)
        return number

    return await _done(parts, operator, act, both)


async def _done(parts: Parts, operator: Person, act: Act, work: Work) -> Response[bytes]:
    """Do it as somebody who may."""
    async with parts.db.transaction() as conn:
        roles.demand(await role_of(conn, operator), act)
        number = await work(conn, operator.display_name, parts.clock.now())
    return back_to(f"/ops/incidents#i{number}")


routes: tuple[ControllerRouterHandler, ...] = (show, begin, tell, resolve, promise, report)
