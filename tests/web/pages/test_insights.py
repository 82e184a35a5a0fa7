"""Our own questions on the page, over the API, and as a year."""

from __future__ import annotations

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from tests.archive.listens import Heard, batch
from tests.web.site import Site


@pytest.fixture
async def heard(site: Site) -> None:
    """Twelve plays of one song in a row, and one of another a year before."""
    person = await site.listener()
    songs = [Heard(300 * n, "Tide") for n in range(12)] + [Heard(-365 * 86_400, "Harbour")]
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.API, *songs)])


@pytest.mark.usefixtures("heard")
async def test_page_and_api_say_the_same(visitor: httpx.AsyncClient, mara: httpx.AsyncClient) -> None:
    told = (await mara.get("/api/insights?range=all")).json()
    assert (told["sessions"]["count"], told["sessions"]["longest"]["plays"]) == (2, 12)
    assert [(one["plays"], one["track"]["name"]) for one in told["obsessions"]] == [(12, "Tide")]
    assert [one["track"]["name"] for one in told["onThisDay"]] == ["Harbour"]
    page = (await visitor.get("/insights?range=all")).text
    assert "You sat down 2 times" in page
    assert "On repeat" in page


async def test_an_empty_archive_has_nothing_to_tell_and_says_so(visitor: httpx.AsyncClient) -> None:
    assert "Nothing was played in these days." in (await visitor.get("/insights")).text


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize(("spelling", "plays"), [("2026", "12 plays"), ("2025", "1 play"), ("2026-03", "12 plays")])
async def test_every_year_and_month_has_a_page(visitor: httpx.AsyncClient, spelling: str, plays: str) -> None:
    page = await visitor.get(f"/year/{spelling}")
    assert page.status_code == 200
    assert f"was <em>{plays}</em>" in page.text


@pytest.mark.usefixtures("heard")
async def test_a_year_without_plays_is_kind_about_it(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/year/1999")).text
    assert "Nothing of 1999 is in your archive." in page
    assert 'href="/year/2000"' in page


@pytest.mark.parametrize(("spelling", "status"), [("x", 404), ("20244", 404), ("2024-13", 400), ("0000", 400)])
async def test_what_is_no_year_is_not_there(visitor: httpx.AsyncClient, spelling: str, status: int) -> None:
    assert (await visitor.get(f"/year/{spelling}")).status_code == status
