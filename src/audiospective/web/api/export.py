"""Everything out again, streamed as a file (contract.md §4, `/api/export`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from litestar import get
from litestar.params import QueryParameter
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from audiospective.accounts.people import Person
from audiospective.bootstrap import Parts
from audiospective.export import run
from audiospective.insights import period
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone
from audiospective.privacy import takeout
from audiospective.web.api.answers import Range
from audiospective.web.visitor import Listener, WithParts


@get("/api/export")
async def export(
    parts: WithParts,
    person: Listener,
    range: Range = "all",  # noqa: A002 (the parameter's public name)
    format: Annotated[str, QueryParameter(description="csv, json, spotify, listenbrainz or parquet")] = "csv",  # noqa: A002
    gdpr: Annotated[bool, QueryParameter(description="true or false")] = False,
) -> Stream:
    """Every play of a range, never cut, as a file; with `gdpr=true` everything that is held about the person, as a zip or as one JSON."""
    now, zone = parts.clock.now(), Zone.named(person.time_zone)
    if gdpr:
        return _take_out(parts, person, run.parse_format(format) is run.Format.JSON)
    wanted, fmt = period.parse(range, now, zone), run.parse_format(format)
    headers = _named(run.file_name(fmt, zone.today(now)))
    return Stream(_file(parts, person, wanted, fmt, now), media_type=fmt.media_type.partition(";")[0], headers=headers)


def _take_out(parts: Parts, person: Person, as_json: bool) -> Stream:
    now, zone = parts.clock.now(), Zone.named(person.time_zone)
    name = takeout.file_name(zone.today(now))
    name = name.replace(".zip", ".json") if as_json else name
    media_type = "application/json" if as_json else "application/zip"
    return Stream(_everything(parts, person, as_json), media_type=media_type, headers=_named(name))


async def _everything(parts: Parts, person: Person, as_json: bool) -> AsyncIterator[bytes]:
    written = takeout.document if as_json else takeout.zipped
    async with parts.db.reading() as conn:
        async for piece in written(conn, person.id, Zone.named(person.time_zone), parts.clock.now()):
            yield piece


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


async def _file(parts: Parts, person: Person, wanted: Period, fmt: run.Format, now: datetime) -> AsyncIterator[bytes]:
    async with parts.db.reading() as conn:
        async for piece in run.stream(conn, person.id, Zone.named(person.time_zone), wanted, fmt=fmt, now=now):
            yield piece


routes: tuple[ControllerRouterHandler, ...] = (export,)
