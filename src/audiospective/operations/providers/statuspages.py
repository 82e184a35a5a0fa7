"""Do those whom we lean on tell of trouble of their own? Read in Statuspage's form; a page that can't be read is no good news."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

import aiohttp
import msgspec

from audiospective.operations.providers.asking import Api, Patience, ProviderError, Question, read
from audiospective.operations.providers.ports import Incident


class Dependencies(msgspec.Struct, frozen=True):
    """Incidents that aren't over, and the pages that couldn't be read, each with why."""

    incidents: Sequence[Incident]
    unread: Sequence[str]


class _Incident(msgspec.Struct):
    name: str
    status: str
    impact: str = "none"


class _Status(msgspec.Struct):
    indicator: str


class _Summary(msgspec.Struct):
    status: _Status
    incidents: list[_Incident]


async def dependencies(http: aiohttp.ClientSession, pages: Sequence[str], *, patience: Patience | None = None) -> Dependencies:
    """All pages side by side."""
    found = await asyncio.gather(*(_page(http, page, patience or Patience(total_s=10)) for page in pages))
    incidents = [one for part in found if not isinstance(part, str) for one in part]
    return Dependencies(incidents, [part for part in found if isinstance(part, str)])


async def _page(http: aiohttp.ClientSession, page: str, patience: Patience) -> list[Incident] | str:
    """Its incidents; a sentence when it can't be read."""
    host = urlsplit(page).netloc
    try:
        told = await read(Api(http, host, page, "", {}, {}, patience), Question("its summary", "GET", "/api/v2/summary.json"), _Summary)
    except ProviderError as error:
        return error.message
    open_now = [Incident(host, one.name, one.impact) for one in told.incidents if one.status not in {"resolved", "postmortem", "completed"}]
    if told.status.indicator in {"major", "critical"} and not open_now:
        open_now = [Incident(host, f"its indicator is {told.status.indicator}", told.status.indicator)]
    return open_now
