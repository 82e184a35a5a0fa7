"""Reports to show to others: made, read by whoever has the link, taken back (contract.md §4, `/api/share`)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from audiospective.accounts.people import Person
from audiospective.bootstrap import Parts
from audiospective.errors import Invalid
from audiospective.reports import ask, share
from audiospective.reports.share import Report, Section, Share, Wanted
from audiospective.web.visitor import Listener, WithParts


class NewShare(msgspec.Struct, rename="camel", frozen=True):
    """What a report is to show; `sections` of numbers, tracks, artists, albums, hours, days: all of them if none is named."""

    title: str
    date_range: str
    description: str = ""
    expires_at: datetime | None = None
    show_name: bool = False
    sections: list[Section] | None = None
    shows_address: bool = False


class ShareData(msgspec.Struct, rename="camel", frozen=True):
    """A report by its link."""

    share_id: str
    share_url: str
    title: str
    description: str
    date_range: str
    created_at: datetime
    expires_at: datetime | None


class ShareAnswer(msgspec.Struct, frozen=True):
    """A report that was made."""

    success: bool
    data: ShareData


class SharedData(msgspec.Struct, rename="camel", frozen=True):
    """What everybody with the link may read; `signature` proves that this instance froze exactly this."""

    share_id: str
    expires_at: datetime | None
    report: Report
    signature: str


class SharedAnswer(msgspec.Struct, frozen=True):
    """A report that was found."""

    success: bool
    data: SharedData


@post("/api/share", status_code=201)
async def make(parts: WithParts, person: Listener, data: JSONBody[NewShare]) -> ShareAnswer:
    """Freeze a range and share it; the link shows what is chosen here, and nothing that is played later."""
    sections = frozenset(Section) if data.sections is None else frozenset(data.sections)
    name = person.display_name if data.show_name else None
    ends = _aware(data.expires_at)
    wanted = Wanted(data.title.strip(), data.description.strip(), name, sections, ends, data.shows_address)
    return ShareAnswer(True, _data(parts, await published(parts, person, data.date_range, wanted)))


@get("/api/share")
async def read(parts: WithParts, id: Annotated[str, QueryParameter(description="the end of a link")]) -> SharedAnswer:  # noqa: A002
    """A shared report, for whoever has the link."""
    found = await parts.db.ask(partial(share.find, sealer=parts.sealer, share_id=id, now=parts.clock.now()))
    return SharedAnswer(True, SharedData(found.id, found.expires_at, found.report, found.signature))


@delete("/api/share/{share_id:str}", status_code=204)
async def revoke(parts: WithParts, person: Listener, share_id: FromPath[str]) -> None:
    """Take a report back: its link shows nothing any more."""
    async with parts.db.transaction() as conn:
        await share.revoke(conn, person.id, share_id)


async def published(parts: Parts, person: Person, spelling: str, wanted: Wanted, *, once: bool = False) -> Share:
    """The person's range, frozen; raises Invalid naming the field."""
    async with parts.db.transaction() as conn:
        try:
            listening = await ask.listening(conn, parts.cache, person, spelling, parts.clock.now())
        except Invalid as error:
            raise Invalid(error.message, field="dateRange") from error
        return await share.publish(conn, parts.sealer, listening, wanted, once=once)


def url_of(parts: Parts, share_id: str) -> str:
    """The link."""
    return f"{parts.settings.app_url}/share/{share_id}"


def _data(parts: Parts, made: Share) -> ShareData:
    told = made.report
    return ShareData(made.id, url_of(parts, made.id), told.title, told.description, told.range, made.created_at, made.expires_at)


def _aware(given: datetime | None) -> datetime | None:
    if given is not None and given.tzinfo is None:
        raise Invalid("expiresAt needs its zone, as in 2027-01-31T12:00:00Z.", field="expiresAt")
    return given


routes: tuple[ControllerRouterHandler, ...] = (make, read, revoke)
