"""Our own questions on the page, over the API, and as a year."""

from __future__ import annotations

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Kind, Source
from audiospective.infra.database import execute
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
async def test_genres_stand_below_a_years_figures(site: Site, visitor: httpx.AsyncClient) -> None:
    async with site.parts.db.transaction() as conn:
        await execute(conn, "UPDATE artists SET genres = '{ambient}', described_at = %(now)s", now=site.parts.clock.now())
    page = (await visitor.get("/year/2026")).text
    assert page.index('id="albums-title"') < page.index('id="calendar-title"') < page.index('id="genres-title"')


@pytest.mark.usefixtures("heard")
async def test_a_year_without_plays_is_kind_about_it(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/year/1999")).text
    assert "Nothing of 1999 is in your archive." in page
    assert 'href="/year/2000"' in page


@pytest.mark.parametrize(("spelling", "status"), [("x", 404), ("20244", 404), ("2024-13", 400), ("0000", 400)])
async def test_what_is_no_year_is_not_there(visitor: httpx.AsyncClient, spelling: str, status: int) -> None:
    assert (await visitor.get(f"/year/{spelling}")).status_code == status


@pytest.mark.usefixtures("heard")
async def test_any_days_have_a_magazine_and_lead_to_their_neighbours(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/year/2026-03-01..2026-03-31")).text
    assert "was <em>12 plays</em>" in page
    assert 'href="/year/2026-01-29..2026-02-28" rel="prev"' in page


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("path", ["/insights?range=all", "/year/2026", "/history", "/dashboard?range=all"])
async def test_every_range_says_how_much_of_it_is_proven_and_what_is_left_out(
    visitor: httpx.AsyncClient, mara: httpx.AsyncClient, site: Site, path: str
) -> None:
    person = await site.listener()
    proof = "INSERT INTO proofs (user_id, from_at, till_at, import_id) VALUES (%(user)s, %(now)s - interval '90 days', %(now)s, 0)"
    async with site.parts.db.transaction() as conn:
        await execute(conn, proof, user=person.id, now=site.parts.clock.now())
    await mara.patch("/api/lens", json={"leastPlaySeconds": 45})
    page = (await visitor.get(path)).text
    assert "% proven" in page
    assert '<span class="proof-strip" aria-hidden="true"><svg class="chart chart-thin"' in page  # the link says it in words, once
    assert "from 45 s on" in page


@pytest.mark.usefixtures("heard")
async def test_the_picker_of_a_page_stays_on_it(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/insights?from=2026-03-01&to=2026-03-31&by=time")
    assert (answer.status_code, answer.headers["location"]) == (303, "/insights?range=2026-03-01..2026-03-31&by=time")
    page = (await visitor.get(answer.headers["location"])).text
    assert 'action="/insights"' in page
    assert 'href="/insights?range=2026-03-01..2026-03-31" aria-current' not in page
    assert (await visitor.get("/insights?by=love")).status_code == 400


async def test_podcasts_alone_have_a_place_of_their_own(site: Site, visitor: httpx.AsyncClient, mara: httpx.AsyncClient) -> None:
    person = await site.listener()
    episodes = [Heard(-3_600 * n, "Lost capitals", ms=1_800_000, kind=Kind.EPISODE) for n in range(3)]
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.EXTENDED, *episodes)])
    page = (await visitor.get("/insights?range=all")).text
    assert "No music in these days, but 3 episodes and chapters: 1 h 30 min of them." in page
    assert "Lost capitals" in page
    assert 'href="/insights?range=all#spoken"' in (await visitor.get("/dashboard")).text
    told = (await mara.get("/api/analytics/spoken")).json()
    assert (told["totalPlays"], [one["plays"] for one in told["shows"]]) == (3, [3])
    assert (await mara.get("/api/stats")).json()["totalPlays"] == 0


async def test_three_plays_have_chapters_too(site: Site, visitor: httpx.AsyncClient) -> None:
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.API, *(Heard(300 * n, f"Song {n}") for n in range(3)))])
    page = (await visitor.get("/insights")).text
    assert "You sat down 1 time" in page
    assert 'id="when"' in page
    assert 'id="eras"' not in page
