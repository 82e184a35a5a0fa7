"""Every route by which the instance is watched and run, in one list."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from audiospective.web.api import envelope
from audiospective.web.pages import announcement, ops, ops_incidents, ops_ledger, ops_watch

routes: Sequence[ControllerRouterHandler] = (
    *envelope.routes,
    *announcement.routes,
    *ops.routes,
    *ops_watch.routes,
    *ops_incidents.routes,
    *ops_ledger.routes,
)
