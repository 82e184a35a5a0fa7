"""A listener's preferences and personal tokens, as the settings page changes them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from audiospective.accounts import people, tokens
from audiospective.accounts.people import Person
from audiospective.bootstrap import Parts
from audiospective.errors import Invalid
from audiospective.insights.zones import Zone
from audiospective.web.forms import back_to, fields
from audiospective.web.visitor import Asked, Listener, WithParts

Theme = Literal["system", "light", "dark"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]

#: Where a day begins first.
_EASTERNMOST: Final = timedelta(hours=14)


class Stay(msgspec.Struct, frozen=True):
    """A zone that somebody lived in until before a local day."""

    zone: str
    until: date


class Preferences(msgspec.Struct, rename="camel", frozen=True):
    """What a listener has set; `timeZone` is an IANA name, `theme` system, light or dark, `language` a tag or "" for the browser's."""

    name: str
    display_name: str
    time_zone: str
    theme: str
    language: str
    has_spotify: bool
    lived: list[Stay]


class Changes(msgspec.Struct, rename="camel", frozen=True):
    """What is to be different; what isn't named stays."""

    display_name: Name | None = None
    time_zone: str | None = None
    theme: Theme | None = None
    language: str | None = None
    lived: list[Stay] | None = None


class NewToken(msgspec.Struct, frozen=True):
    """What a token is called, so that it can be told from others."""

    name: Name


class IssuedToken(msgspec.Struct, rename="camel", frozen=True):
    """A personal token, shown this once."""

    name: str
    token: str


class TokenAnswer(msgspec.Struct, rename="camel", frozen=True):
    """A token that exists; never the token itself."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


class TokenList(msgspec.Struct, frozen=True):
    """All personal tokens, newest first."""

    tokens: list[TokenAnswer]


@get("/api/settings")
async def preferences(person: Listener) -> Preferences:
    """What is set now."""
    return _preferences(person)


@patch("/api/settings")
async def change(parts: WithParts, person: Listener, data: JSONBody[Changes]) -> Preferences:
    """Change some of it."""
    return _preferences(await _change(parts, person, data))


@post("/api/settings", status_code=303, include_in_schema=False)
async def change_by_form(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """The same, from a plain form with fields display_name, time_zone, theme, language."""
    given = await fields(request)
    wanted = {name: given[name] for name in ("display_name", "time_zone", "theme", "language") if given.get(name)}
    wanted |= {"language": ""} if given.get("language") == "" else {}  # as the browser says
    async with parts.db.transaction() as conn:
        await people.set_preferences(conn, person.id, **wanted)
    return back_to("/settings?saved=1")


@get("/api/tokens")
async def listed(parts: WithParts, person: Listener) -> TokenList:
    """Personal tokens, by name; the tokens themselves are kept nowhere."""
    async with parts.db.reading() as conn:
        found = await tokens.listed(conn, person.id)
    return TokenList([TokenAnswer(one.id, one.name, one.created_at, one.last_used_at) for one in found])


@post("/api/tokens", status_code=201)
async def issue(parts: WithParts, person: Listener, data: JSONBody[NewToken]) -> IssuedToken:
    """A new personal token for scripts and scrobblers, shown this once."""
    async with parts.db.transaction() as conn:
        return IssuedToken(data.name, await tokens.issue(conn, person.id, data.name, parts.clock.now()))


@delete("/api/tokens/{token_id:str}", status_code=204)
async def revoke(parts: WithParts, person: Listener, token_id: FromPath[str]) -> None:
    """End a personal token."""
    async with parts.db.transaction() as conn:
        await tokens.revoke(conn, person.id, token_id)


async def _change(parts: Parts, person: Person, wanted: Changes) -> Person:
    for one in wanted.lived or ():
        _refuse_to_come(one.until, parts.clock.now())
    async with parts.db.transaction() as conn:
        if wanted.lived is not None:
            await people.set_past_zones(conn, person.id, [(one.zone, one.until) for one in wanted.lived])
        return await people.set_preferences(
            conn,
            person.id,
            time_zone=wanted.time_zone,
            theme=wanted.theme,
            display_name=wanted.display_name,
            language=wanted.language,
        )


def _preferences(person: Person) -> Preferences:
    zone = Zone.named(person.time_zone)
    return Preferences(
        name=person.name,
        display_name=person.display_name,
        time_zone=zone.current,
        theme=person.theme,
        language=person.language,
        has_spotify=person.spotify_id is not None,
        lived=[Stay(*one) for one in zone.lived],
    )


@post("/settings/zones", status_code=303, include_in_schema=False)
async def change_zones_by_form(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """A move more (`zone`, `until`), or one less (`gone`, its day)."""
    given = await fields(request)
    lived = [one for one in Zone.named(person.time_zone).lived if one[1].isoformat() != given.get("gone")]
    if "zone" in given:
        until = _day(given.get("until", ""))
        _refuse_to_come(until, parts.clock.now())
        lived.append((given["zone"].strip(), until))
    async with parts.db.transaction() as conn:
        await people.set_past_zones(conn, person.id, lived)
    return back_to("/settings#zones-title")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"“{text[:40]}” isn't a day; write it like 2019-05-01.", field="until") from error


def _refuse_to_come(until: date, now: datetime) -> None:
    """Until a day to come everything that is heard would be on the clock of a place that they say they have left."""
    if until > (now + _EASTERNMOST).date():
        raise Invalid(f"{until} is still to come; add a move when it is behind you.", field="until")


routes: tuple[ControllerRouterHandler, ...] = (preferences, change, change_by_form, change_zones_by_form, listed, issue, revoke)
