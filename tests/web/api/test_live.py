"""`/api/live`: an open page hears at once that its listener's history has changed, and nobody else does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source, UserId
from audiospective.web.api.live import Live
from tests.archive.listens import Heard, batch
from tests.web.site import Site

_STREAM = {"Accept": "text/event-stream"}


async def hear(site: Site, name: str, minute: int) -> None:
    person = await site.listener(name)
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(UserId(person.id), Source.EXTENDED, Heard(-60 * minute, f"song {minute}"))])


async def told(answer: httpx.Response) -> AsyncIterator[int]:
    async for line in answer.aiter_lines():
        if line.startswith("data: "):
            yield int(line.removeprefix("data: "))


async def test_a_page_is_told_of_each_change_and_of_no_others(site: Site, visitor: httpx.AsyncClient) -> None:
    async with asyncio.timeout(15), visitor.stream("GET", "/api/live", headers=_STREAM) as answer:
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
        versions = told(answer)
        first = await anext(versions)
        await asyncio.sleep(0.5)  # until the process listens; a page that misses a change sees it in the next version
        await hear(site, "somebody-else", 1)
        await hear(site, "mara", 2)
        assert await anext(versions) == first + 1


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}])
async def test_other_sites_hear_nothing(visitor: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await visitor.get("/api/live", headers=_STREAM | headers)).status_code == 403


async def test_somebody_has_a_few_streams_and_no_more(site: Site, visitor: httpx.AsyncClient) -> None:
    hub: Live = site.app.state.live
    person = await site.listener()
    opened = [hub.open(UserId(person.id)) for _ in range(6)]
    refused = await visitor.get("/api/live", headers=_STREAM)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "25")
    for one in opened:
        hub.leave(UserId(person.id), one)
    async with visitor.stream("GET", "/api/live", headers=_STREAM) as answer:
        assert answer.status_code == 200


async def test_streams_end_when_the_instance_does(site: Site, visitor: httpx.AsyncClient) -> None:
    hub: Live = site.app.state.live
    async with asyncio.timeout(30), visitor.stream("GET", "/api/live", headers=_STREAM) as answer:
        versions = told(answer)
        await anext(versions)
        hub.close()
        assert [version async for version in versions] == []
