"""`/ops`: launch control, and signing by a button; for everybody but operators there is nothing here."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

from litestar import Response, get, post
from litestar.params import Parameter
from litestar.types import ControllerRouterHandler

from audiospective.accounts import people
from audiospective.accounts.people import Person
from audiospective.bootstrap import Parts
from audiospective.errors import Invalid, NotAllowed, NotFound
from audiospective.infra.database import Connection
from audiospective.operations import alerts, authority, boxes, first_operator, launch, presence, record, standing, team
from audiospective.operations.roles import Role, may_sign
from audiospective.web.forms import back_to, fields
from audiospective.web.pages.auth import safe_path
from audiospective.web.rendering import render
from audiospective.web.views.ops import Scene, Viewer, ops_view
from audiospective.web.visitor import Asked, Listener, Operator, WithParts

Chapter = Annotated[str, Parameter(description="a chapter of the runbook")]


@get("/ops", include_in_schema=False)
async def show(request: Asked, parts: WithParts, operator: Operator, chapter: Chapter = "") -> Response[bytes]:
    """The board."""
    if chapter:
        boxes.of_chapter(chapter)
    now = parts.clock.now()
    role = await here(parts, operator)
    async with parts.db.reading() as conn:
        scene = Scene(
            await launch.standings(conn, boxes.boxes(), now),
            await standing.now_of(conn, now),
            await standing.collecting(conn, now),
            await standing.budget(conn, parts.settings.spotify.client_id, now),
            await alerts.ongoing(conn),
            await people.operators_here(conn, now - presence.HERE),
            {one.role: one.name for one in await team.members(conn, parts.sealer)},
            await record.stages_passed(conn),
            await authority.unanswered(conn, now),
            parts.settings.database_quota_bytes,
        )
    viewer = Viewer(operator.display_name, role, parts.settings.environment.value, version("audiospective"), chapter)
    return render(request, "pages/ops.html", ops_view(scene, viewer, now))


@post("/ops/sign", status_code=303, include_in_schema=False)
async def sign(request: Asked, parts: WithParts, operator: Operator) -> Response[bytes]:
    """Answer for a box by one's own name."""
    given = await fields(request)
    box = boxes.box(given.get("box", ""))
    async with parts.db.transaction() as conn:
        role = await role_of(conn, operator)
        if not may_sign(role, box) and box.id not in team.ROLES.values():  # those answer for whoever the team names
            raise NotAllowed(f"As {role} you can’t sign {box.id}; ask a lead.")
        now, by = parts.clock.now(), operator.display_name
        there = await presence.witnessed(conn, parts.sealer, box.id, by, now)
        await launch.sign(conn, box, by=by, note=given.get("note", "") or there, now=now)
    return back_to(_back(given.get("back", "")))


@get("/ops/first", include_in_schema=False)
async def first(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:  # noqa: ARG001 (whoever enters it must be somebody)
    """Where the code of the console is entered, while there is no operator."""
    async with parts.db.reading() as conn:
        if not await first_operator.is_wanted(conn):
            raise NotFound("There is nothing at this address.")
    return render(request, "pages/ops_first.html", {"wrong": ""})


@post("/ops/first", status_code=303, include_in_schema=False)
async def become(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """The right code makes whoever is signed in the operator."""
    given = await fields(request)
    try:
        async with parts.db.transaction() as conn:
            await first_operator.redeem(conn, parts.sealer, person.id, given.get("code", ""), parts.clock.now())
    except Invalid as error:
        return render(request, "pages/ops_first.html", {"wrong": error.message}, status=400)
    return back_to("/ops")


async def here(parts: Parts, person: Person, *, watches: bool = False) -> Role:
    """Note that their page is open, and whether it is that of the figures; their role."""
    async with parts.db.transaction() as conn:
        await people.operator_seen(conn, person.id, parts.clock.now(), watches=watches)
        return await role_of(conn, person)


async def role_of(conn: Connection, person: Person) -> Role:
    """What they may do; raises NotFound for whoever was an operator a moment ago."""
    found = await people.operator_role(conn, person.id)
    if found is None:
        raise NotFound("There is nothing at this address.")
    return Role(found)


def _back(given: str) -> str:
    return safe_path(given) if given.startswith("/ops") else "/ops"


routes: tuple[ControllerRouterHandler, ...] = (show, sign, first, become)
