"""`/ops/watch`: what is measured, over a quarter of an hour up to a week."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get
from litestar.params import Parameter
from litestar.types import ControllerRouterHandler

from audiospective.errors import Invalid
from audiospective.operations import alerts, faults, machine, measures, visits
from audiospective.web.pages.ops import here
from audiospective.web.rendering import render
from audiospective.web.views.ops_watch import Seen, Window, watch_view
from audiospective.web.visitor import Asked, Operator, WithParts


@get("/ops/watch", include_in_schema=False)
async def show(
    request: Asked, parts: WithParts, operator: Operator, window: Annotated[str, Parameter(description="15m, 1h, 2h, day or week")] = "1h"
) -> Response[bytes]:
    """The page; being here keeps the monitoring lead's place."""
    wanted = next((one for one in Window if one.spelling == window), None)
    if wanted is None:
        raise Invalid(f"“{window[:20]}” is no window; use {', '.join(one.spelling for one in Window)}.", field="window")
    await here(parts, operator, watches=True)
    now = parts.clock.now()
    since = now - wanted.length
    async with parts.db.reading() as conn:
        read = measures.hours if wanted is Window.WEEK else measures.minutes
        seen = Seen(
            wanted,
            now,
            await read(conn, since, now),
            await machine.looks(conn, since, now),
            await visits.count(conn, since, now),
            await faults.kinds(conn, since),
            await alerts.ongoing(conn),
            parts.settings.database_quota_bytes,
        )
    return render(request, "pages/ops_watch.html", watch_view(seen))


routes: tuple[ControllerRouterHandler, ...] = (show,)
