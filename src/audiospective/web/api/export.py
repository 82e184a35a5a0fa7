"""Everything out again, streamed as a file (contract.md §4, `/api/export`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from litestar import get
from litestar.params import QueryParameter
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from audiospective.accounts.people import Person
from audiospective.bootstrap import Parts
from audiospective.export import run
from audiospective.insights import period
from audiospective.insights.zones import Zone
from audiospective.privacy import takeout
from audiospective.web.api.answers import Range
from audiospective.web.guard import READ_FROM
from audiospective.web.under_way import UnderWay
from audiospective.web.visitor import Asked, Listener, WithParts


@get("/api/export")
async def export(
    request: Asked,
    parts: WithParts,
    person: Listener,
    *,
    range: Range = "all",  # noqa: A002 (the parameter's public name)
    format: Annotated[str, QueryParameter(description="csv, json, spotify, listenbrainz, parquet or reading-copy")] = "csv",  # noqa: A002
    gdpr: Annotated[bool, QueryParameter(description="true or false")] = False,
) -> Stream:
    """Every play of a range, never cut, as a file; with `gdpr=true` everything that is held about the person, as a zip or as one JSON."""
    now, zone = parts.clock.now(), Zone.named(person.time_zone)
    if gdpr:
        return await _take_out(request, parts, person, run.parse_format(format) is run.Format.JSON)
    asked = run.Asked(person.id, zone, period.parse(range, now, zone), run.parse_format(format), now)
    pieces = request.scope["state"][READ_FROM] = _file(parts, asked, request.app.state.exports)
    counted = await anext(pieces)  # how many plays will follow, so that a file that was cut short shows
    headers = _named(run.file_name(asked.format, zone.today(now))) | {"X-Exported-Plays": counted.decode()}
    return Stream(pieces, media_type=asked.format.media_type.partition(";")[0], headers=headers)


async def _take_out(request: Asked, parts: Parts, person: Person, as_json: bool) -> Stream:
    name = takeout.file_name(Zone.named(person.time_zone).today(parts.clock.now()))
    name = name.replace(".zip", ".json") if as_json else name
    media_type = "application/json" if as_json else "application/zip"
    pieces = request.scope["state"][READ_FROM] = _everything(parts, person, as_json, request.app.state.exports)
    await anext(pieces)
    return Stream(pieces, media_type=media_type, headers=_named(name))


async def _everything(parts: Parts, person: Person, as_json: bool, under_way: UnderWay) -> AsyncIterator[bytes]:
    """Nothing, when it may begin; then the file."""
    written = takeout.document if as_json else takeout.zipped
    with under_way.one(person.id):
        async with parts.db.reading() as conn:
            yield b""
            async for piece in written(conn, person.id, Zone.named(person.time_zone), parts.clock.now()):
                yield piece


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


async def _file(parts: Parts, asked: run.Asked, under_way: UnderWay) -> AsyncIterator[bytes]:
    """The number of plays, then the file, within one reading transaction."""
    with under_way.one(asked.user):
        async with parts.db.reading() as conn:
            outgoing = await run.begin(conn, parts.cache, asked)
            yield str(outgoing.plays).encode()
            async for piece in outgoing.pieces:
                yield piece


routes: tuple[ControllerRouterHandler, ...] = (export,)
