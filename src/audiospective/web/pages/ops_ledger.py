"""`/ops/ledger`: what operators did and what checks found."""

from __future__ import annotations

from typing import Annotated, Final

from litestar import Response, get
from litestar.params import Parameter
from litestar.types import ControllerRouterHandler

from audiospective.operations import ledger
from audiospective.web.pages.ops import here
from audiospective.web.rendering import render
from audiospective.web.views.ops_ledger import ledger_view
from audiospective.web.visitor import Asked, Operator, WithParts

_SIZE: Final = 50
_ALL: Final = 2**62


@get("/ops/ledger", include_in_schema=False)
async def show(
    request: Asked, parts: WithParts, operator: Operator, before: Annotated[int, Parameter(ge=1, description="a line's number")] = _ALL
) -> Response[bytes]:
    """A page of it, newest first; the whole chain is proven each time."""
    await here(parts, operator)
    async with parts.db.reading() as conn:
        lines = await ledger.whole(conn)
    page = [line for line in lines if line.seq < before][-_SIZE:][::-1]
    return render(request, "pages/ops_ledger.html", ledger_view(page, len(lines), ledger.first_broken(lines), size=_SIZE))


routes: tuple[ControllerRouterHandler, ...] = (show,)
