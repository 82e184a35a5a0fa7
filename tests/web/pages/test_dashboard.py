"""`/dashboard`: which days, and counted how."""

from __future__ import annotations

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source, UserId
from tests.archive.listens import Heard, batch
from tests.web.site import Site


@pytest.fixture(autouse=True)
async def listened(site: Site) -> None:
    """Short is played more often, Long for longer."""
    person = await site.listener()
    heard = [Heard(0, "Short", 40_000), Heard(-600, "Short", 40_000), Heard(-2_000, "Long", 600_000)]
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(UserId(person.id), Source.EXTENDED, *heard)])


@pytest.mark.parametrize(("by", "first"), [("plays", "Short"), ("time", "Long")])
async def test_page_and_json_rank_by_plays_or_by_time(visitor: httpx.AsyncClient, mara: httpx.AsyncClient, by: str, first: str) -> None:
    told = (await mara.get(f"/api/top-tracks?by={by}")).json()
    assert told["tracks"][0]["track"]["name"] == first
    tops = (await visitor.get(f"/dashboard?range=7d&by={by}")).text.partition('id="tracks-title"')[2]
    assert tops.partition('class="rank"')[2].partition(f'title="{first}"')[1]
    assert tops.index(f'title="{first}"') < tops.index('title="Short"' if first == "Long" else 'title="Long"')


async def test_the_heading_keeps_seven_and_days_together_and_nothing_longer(visitor: httpx.AsyncClient) -> None:
    said = [(await visitor.get("/dashboard?range=7d", headers={"Accept-Language": one})).text.partition("<h1")[2] for one in ("en", "de")]
    assert "in 7\N{NO-BREAK SPACE}days" in said[0]
    assert "in den letzten 7\N{NO-BREAK SPACE}Tagen" in said[1]


async def test_two_days_become_a_range_in_the_address(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/dashboard?from=2026-03-01&to=2026-03-18&by=time")
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard?range=2026-03-01..2026-03-18&by=time")


@pytest.mark.parametrize("query", ["by=luck", "range=2026-03-18..2026-03-01"])
async def test_what_makes_no_sense_is_refused(visitor: httpx.AsyncClient, mara: httpx.AsyncClient, query: str) -> None:
    assert (await visitor.get(f"/dashboard?{query}")).status_code == 400
    assert (await mara.get(f"/api/top-artists?{query}")).status_code == 400
