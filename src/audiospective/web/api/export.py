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
from audiospective.web.api.answers import Range
from audiospective.web.visitor import Listener, WithParts


@get("/api/export")
async def export(
    parts: WithParts,
    person: Listener,
    range: Range = "all",  # noqa: A002 (the parameter's public name)
    format: Annotated[str, QueryParameter(description="csv or json")] = "csv",  # noqa: A002
) -> Stream:
    """Every play of a range, never cut: CSV (UTF-8 with BOM) or JSON."""
    now, zone = parts.clock.now(), Zone.named(person.time_zone)
    wanted, fmt = period.parse(range, now, zone), run.parse_format(format)
    headers = {"Content-Disposition": f'attachment; filename="{run.file_name(fmt, zone.today(now))}"'}
    return Stream(_file(parts, person, wanted, fmt, now), media_type=fmt.media_type.partition(";")[0], headers=headers)


async def _file(parts: Parts, person: Person, wanted: Period, fmt: run.Format, now: datetime) -> AsyncIterator[bytes]:
    async with parts.db.reading() as conn:
        async for piece in run.stream(conn, person.id, Zone.named(person.time_zone), wanted, fmt=fmt, now=now):
            yield piece


routes: tuple[ControllerRouterHandler, ...] = (export,)
