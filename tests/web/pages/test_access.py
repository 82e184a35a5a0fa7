"""Who may reach an archive: A009 and A027, and letting go of Spotify alone."""

from __future__ import annotations

import re

import httpx

from audiospective.accounts import people
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.infra.database import fetch_all
from audiospective.simulator.world import World
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock
from tests.web.site import Site, agree


async def _token(client: httpx.AsyncClient, path: str = "/settings") -> str:
    return (await client.get(path)).text.partition('name="form_token" value="')[2].partition('"')[0]


async def _arrive(browser: httpx.AsyncClient, place: int = 0) -> httpx.Response:
    begun = await browser.get("/auth/spotify")
    return await browser.get(await agree(begun.headers["location"], place=place))


async def _count(site: Site, table: str) -> int:
    async with site.parts.db.reading() as conn:
        return (await fetch_all(conn, f"SELECT count(*)::int FROM {table}", int))[0]


async def test_each_browser_is_listed_and_can_be_signed_out_from_another(site: Site) -> None:
    async with site.browser(**await site.session()) as here, site.browser(**await site.session()) as there:
        page = (await here.get("/settings")).text
        assert page.count("this browser") == 1
        (other,) = set(re.findall(r'name="id" value="([0-9a-f]{24})"', page))
        await here.post("/settings/sessions/end", data={"form_token": await _token(here), "id": other})
        assert (await there.get("/api/stats", headers={"Accept": "*/*"})).status_code == 401
        assert (await here.get("/api/stats")).status_code == 200


async def test_nobody_signs_out_somebody_elses_browser(site: Site) -> None:
    async with site.browser(**await site.session()) as mara, site.browser(**await site.session("noor")) as noor:
        async with site.parts.db.reading() as conn:
            ids = await fetch_all(conn, "SELECT encode(substr(id_hash, 1, 12), 'hex') FROM sessions", str)
        for one in ids:
            await noor.post("/settings/sessions/end", data={"form_token": await _token(noor), "id": one})
        assert (await mara.get("/api/stats")).status_code == 200


async def test_disconnecting_deletes_the_keys_and_keeps_every_play(connected: Site, world: tuple[str, World]) -> None:
    assert world
    async with connected.browser() as browser:
        await _arrive(browser)
        async with connected.parts.db.transaction() as conn:
            (user,) = await fetch_all(conn, "SELECT id FROM people", int)
            await store(conn, [batch(user, Source.API, Heard(0, "Tide"))])
        await browser.post("/settings/disconnect", data={"form_token": await _token(browser)})
        assert "Not connected: nothing is read from Spotify." in (await browser.get("/settings")).text
        assert (await browser.get("/api/stats?range=all")).json()["totalPlays"] == 1
        assert (await _count(connected, "grants"), await _count(connected, "sweeps")) == (0, 0)
        assert (await browser.post("/api/archive/request", headers={"Accept": "*/*"})).status_code == 403
        await _arrive(browser)
        assert (await _count(connected, "people"), await _count(connected, "grants")) == (1, 1)


async def test_another_spotify_account_is_asked_about_and_nothing_is_stored(connected: Site, world: tuple[str, World]) -> None:
    assert world
    async with connected.browser() as browser:
        await _arrive(browser)
        asked = await _arrive(browser, place=1)
        assert (asked.status_code, "Which archive?" in asked.text) == (409, True)
        assert (await _count(connected, "people"), await _count(connected, "grants")) == (1, 1)
        first = (await browser.get("/api/settings")).json()["name"]
        async with connected.parts.db.reading() as conn:
            assert (await people.by_name(conn, first)).spotify_id is not None


async def test_who_chooses_the_other_account_gets_an_archive_of_its_own(connected: Site, world: tuple[str, World]) -> None:
    assert world
    async with connected.browser() as browser:
        await _arrive(browser)
        before = (await browser.get("/api/settings")).json()["name"]
        asked = await _arrive(browser, place=1)
        token = asked.text.partition('name="form_token" value="')[2].partition('"')[0]
        done = await browser.post("/auth/spotify/switch", data={"form_token": token})
        assert (done.status_code, done.headers["location"]) == (303, "/dashboard")
        assert (await browser.get("/api/settings")).json()["name"] != before
        again = await browser.post("/auth/spotify/switch", data={"form_token": await _token(browser)})
    assert again.status_code == 400  # the choice was made
    assert (await _count(connected, "people"), await _count(connected, "grants")) == (2, 2)


async def test_a_choice_is_good_for_ten_minutes(connected: Site, world: tuple[str, World], clock: FakeClock) -> None:
    assert world
    async with connected.browser() as browser:
        await _arrive(browser)
        asked = await _arrive(browser, place=1)
        token = asked.text.partition('name="form_token" value="')[2].partition('"')[0]
        clock.forward(minutes=11)
        assert (await browser.post("/auth/spotify/switch", data={"form_token": token})).status_code == 400


async def test_the_same_account_signs_in_again_without_a_question(connected: Site, world: tuple[str, World]) -> None:
    assert world
    async with connected.browser() as browser:
        await _arrive(browser)
        assert (await _arrive(browser)).status_code == 303
    assert await _count(connected, "people") == 1
