"""Every play can be looked through, by links and forms alone."""

from __future__ import annotations

import re

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from tests.archive.listens import Heard, batch
from tests.web.site import Site


@pytest.fixture
async def heard(site: Site) -> None:
    """Mara has 150 plays of three songs, one a day apart from the evening on."""
    person = await site.listener()
    songs = [Heard(-86_400 * day, ("Tide", "Harbour", "Canção")[day % 3]) for day in range(150)]
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.API, *songs)])


def _names(page: str) -> list[str]:
    return re.findall(r'<a href="/track/\d+" title="([^"]+)"', page)


@pytest.mark.usefixtures("heard")
async def test_links_lead_to_the_very_first_play(visitor: httpx.AsyncClient) -> None:
    address, seen = "/history", 0
    while address:
        page = (await visitor.get(address)).text
        seen += len(_names(page))
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == 150


@pytest.mark.usefixtures("heard")
async def test_a_search_finds_without_accents_and_can_be_taken_away(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/history?q=cancao&range=all")).text
    assert set(_names(page)) == {"Canção"}
    assert "50 plays found" in page
    assert 'class="chip" href="/history"' in page


@pytest.mark.usefixtures("heard")
async def test_one_can_jump_to_a_day(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/history?until=2026-01-10")).text
    assert "Saturday, 10 January 2026" in page
    assert "11 January 2026" not in page


@pytest.mark.usefixtures("heard")
async def test_what_matches_nothing_says_what_to_do(visitor: httpx.AsyncClient) -> None:
    assert "No play matches" in (await visitor.get("/history?q=nowhere")).text


async def test_an_empty_archive_says_how_to_begin(visitor: httpx.AsyncClient) -> None:
    assert "Nothing is archived yet" in (await visitor.get("/history")).text


@pytest.mark.parametrize(
    "query", ["until=yesterday", "track=x", "artist=-1", "source=tape", "range=often", "before=x", "album=99999999999"]
)
async def test_nonsense_in_the_address_is_explained(visitor: httpx.AsyncClient, query: str) -> None:
    assert (await visitor.get(f"/history?{query}")).status_code == 400


@pytest.mark.usefixtures("heard")
async def test_the_api_finds_the_same(mara: httpx.AsyncClient) -> None:
    told = (await mara.get("/api/recent-plays?q=tide&limit=100")).json()
    assert (told["total"], {play["track"]["name"] for play in told["plays"]}) == (50, {"Tide"})


@pytest.mark.usefixtures("heard")
async def test_a_track_an_artist_and_an_album_have_pages(visitor: httpx.AsyncClient, mara: httpx.AsyncClient) -> None:
    track = (await mara.get("/api/top-tracks?limit=1")).json()["tracks"][0]["track"]
    artist = (await mara.get("/api/top-artists?limit=1")).json()["artists"][0]["artist"]
    album = (await mara.get("/api/top-albums?limit=1")).json()["albums"][0]["album"]
    for kind, one in (("track", track), ("artist", artist), ("album", album)):
        page = await visitor.get(f"/{kind}/{one['id']}")
        assert (page.status_code, one["name"] in page.text) == (200, True)
        assert f'href="https://open.spotify.com/{kind}/' in page.text


@pytest.mark.usefixtures("heard")
async def test_somebody_elses_listening_has_no_pages_here(site: Site, mara: httpx.AsyncClient) -> None:
    track = (await mara.get("/api/top-tracks?limit=1")).json()["tracks"][0]["track"]["id"]
    async with site.browser(**await site.session("noor")) as other:
        assert (await other.get(f"/track/{track}")).status_code == 404
