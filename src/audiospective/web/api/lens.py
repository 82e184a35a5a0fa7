"""What counts as a play, and what is left out: a lens over the archive that its owner sets; nothing is deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from audiospective.accounts import lenses
from audiospective.accounts.lenses import MOST_SECONDS, RuleKind, Wanted
from audiospective.accounts.people import Person
from audiospective.archive import catalog
from audiospective.bootstrap import Parts
from audiospective.errors import Invalid, NotFound
from audiospective.infra.database import Connection
from audiospective.insights.zones import Zone
from audiospective.web.forms import back_to, fields
from audiospective.web.visitor import Asked, Listener, WithParts

#: In which music is heard; beyond them lie days that not every zone's clock has.
_YEARS: Final = range(1970, 3000)

Seconds = Annotated[int, msgspec.Meta(ge=0, le=MOST_SECONDS)]
Hour = Annotated[int, msgspec.Meta(ge=0, le=23)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class RuleAnswer(msgspec.Struct, frozen=True):
    """One thing that is left out."""

    id: int
    kind: str
    name: str


class LensAnswer(msgspec.Struct, rename="camel", frozen=True):
    """From how many seconds on a play counts, and what is left out."""

    least_play_seconds: int
    left_out: list[RuleAnswer]


class LensChange(msgspec.Struct, rename="camel", frozen=True):
    """From how many seconds on a play shall count."""

    least_play_seconds: Seconds


class LeaveOut(msgspec.Struct, rename="camel", frozen=True):
    """What shall be left out: an artist, album or track by its `name`; the `hours` from `first` to `last`; a `stretch` from `begin` to
    before `end` (local times where they name no zone); what was `private`; or what was played from a `playlist`, by its link as `name`.
    """

    kind: RuleKind
    name: Name | None = None
    first: Hour | None = None
    last: Hour | None = None
    begin: str | None = None
    end: str | None = None


@get("/api/lens")
async def lens(parts: WithParts, person: Listener) -> LensAnswer:
    """What counts now."""
    async with parts.db.reading() as conn:
        return _answer(await lenses.wanted(conn, person.id))


@patch("/api/lens")
async def change(parts: WithParts, person: Listener, data: JSONBody[LensChange]) -> LensAnswer:
    """Let plays count from another length on."""
    async with parts.db.transaction() as conn:
        await lenses.set_least(conn, person.id, data.least_play_seconds)
        return _answer(await lenses.wanted(conn, person.id))


@post("/api/lens/left-out", status_code=201)
async def leave_out(parts: WithParts, person: Listener, data: JSONBody[LeaveOut]) -> LensAnswer:
    """Leave something out of every number and list, until it is shown again."""
    return _answer(await _leave_out(parts, person, data))


@delete("/api/lens/left-out/{rule_id:int}", status_code=204)
async def show_again(parts: WithParts, person: Listener, rule_id: FromPath[int]) -> None:
    """Count it again."""
    async with parts.db.transaction() as conn:
        await lenses.show_again(conn, person.id, rule_id)


@post("/settings/lens", status_code=303, include_in_schema=False)
async def change_by_form(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """The same from plain forms: `least_play_s`; or `kind` and what it needs; or `again`."""
    given = {name: value for name, value in (await fields(request)).items() if value}
    if "least_play_s" in given:
        async with parts.db.transaction() as conn:
            await lenses.set_least(conn, person.id, _whole(given["least_play_s"], "least_play_s"))
    elif "again" in given:
        async with parts.db.transaction() as conn:
            await lenses.show_again(conn, person.id, _whole(given["again"], "again"))
    else:
        numbers = {name: _whole(given[name], name) for name in ("first", "last") if name in given}
        kind = given.get("kind", RuleKind.HOURS if numbers else "")
        if kind not in set(RuleKind):
            raise Invalid(
                "Say what shall be left out: an artist, an album, a track, hours, a stretch, a playlist or what was private.", field="kind"
            )
        wish = LeaveOut(RuleKind(kind), given.get("name"), numbers.get("first"), numbers.get("last"), given.get("begin"), given.get("end"))
        try:
            await _leave_out(parts, person, wish)
        except NotFound as error:  # the page is there; what was typed into it isn't
            raise Invalid(error.message, field="name") from error
    return back_to("/settings#lens")


async def _leave_out(parts: Parts, person: Person, wish: LeaveOut) -> Wanted:
    now = parts.clock.now()
    async with parts.db.transaction() as conn:
        if wish.kind is RuleKind.STRETCH:
            await _leave_out_stretch(conn, person, wish, now)
        else:
            await lenses.leave_out(conn, person.id, wish.kind, await _targets(conn, person, wish), now)
        return await lenses.wanted(conn, person.id)


async def _leave_out_stretch(conn: Connection, person: Person, wish: LeaveOut, now: datetime) -> None:
    if wish.begin is None or wish.end is None:
        raise Invalid("A stretch needs a begin and an end, as in 2026-03-18T19:00.", field="begin")
    zone = ZoneInfo(Zone.named(person.time_zone).current)
    begin, end = _moment(wish.begin, "begin", zone), _moment(wish.end, "end", zone)
    name = f"{begin.astimezone(zone):%d %b %Y %H:%M} to {end.astimezone(zone):%d %b %Y %H:%M}"
    await lenses.leave_out_stretch(conn, person.id, begin, end, name=name, now=now)


async def _targets(conn: Connection, person: Person, wish: LeaveOut) -> dict[int, str]:
    if wish.kind is RuleKind.HOURS:
        if wish.first is None or wish.last is None:
            raise Invalid("Hours need a first and a last, from 0 to 23.", field="hours")
        return lenses.hours(wish.first, wish.last)
    if wish.kind is RuleKind.PRIVATE:
        return {1: "private sessions"}
    if wish.kind is RuleKind.PLAYLIST:
        return lenses.playlist(wish.name or "")
    found = await catalog.heard_by_name(conn, person.id, wish.kind, wish.name or "")
    if not found:
        raise NotFound(f"You haven't heard any {wish.kind} called “{(wish.name or '')[:60]}”.")
    return found


def _moment(text: str, field: str, zone: ZoneInfo) -> datetime:
    """A moment of the years in which something can have been heard; the first and last days of a calendar have none in other zones."""
    refused = Invalid(f"“{text[:40]}” isn't a moment; write it like 2026-03-18T19:00.", field=field)
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise refused from error
    if at.year not in _YEARS:
        raise refused
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _answer(found: Wanted) -> LensAnswer:
    return LensAnswer(found.least_play_s, [RuleAnswer(rule.id, rule.kind, rule.name) for rule in found.rules])


def _whole(text: str, field: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise Invalid(f"“{text[:40]}” isn't a whole number.", field=field)
    return int(text)


routes: tuple[ControllerRouterHandler, ...] = (lens, change, leave_out, show_again, change_by_form)
