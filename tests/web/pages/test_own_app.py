"""A listener brings a Spotify app of their own, and signs in where Spotify can't send anybody back to."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from audiospective.infra.database import Database
from audiospective.simulator.world import World
from audiospective.web.visitor import form_token
from tests.clock import FakeClock
from tests.web.site import Site, agree, browser_at, opened

ID, SECRET = "a1" * 16, "5e" * 16
_SESSION = "audiospective_session"


def _token(site: Site, browser: httpx.AsyncClient) -> dict[str, str]:
    return {"form_token": form_token(site.parts.sealer, browser.cookies[_SESSION], site.parts.clock.now())}


async def _bring(site: Site, browser: httpx.AsyncClient, client_id: str = ID, secret: str = SECRET) -> httpx.Response:
    return await browser.post("/settings/app", data={"client_id": client_id, "client_secret": secret, **_token(site, browser)})


async def test_an_import_only_listener_brings_an_app_and_connects_by_it(connected: Site) -> None:
    async with connected.browser(**await connected.session("noor")) as browser:
        assert (await _bring(connected, browser)).headers["location"] == "/settings/app"
        page = await browser.get("/settings/app")
        assert (ID in page.text, SECRET in page.text, f"/auth/spotify?app={ID}" in page.text) == (True, False, True)
        begun = await browser.get("/auth/spotify")
        assert parse_qs(urlsplit(begun.headers["location"]).query)["client_id"] == [ID]
        back = await agree(begun.headers["location"])
        await browser.get(back)
        browser.cookies.delete(_SESSION, domain="")  # the one that the test planted; a browser replaces it
        settings = (await browser.get("/api/settings")).json()
    assert (settings["name"], settings["hasSpotify"]) == ("noor", True)


async def test_keys_that_spotify_doesnt_know_are_refused_before_they_are_kept(connected: Site, world: tuple[str, World]) -> None:
    world[1].secrets[ID] = "6f" * 16
    async with connected.browser(**await connected.session("noor")) as browser:
        page = await _bring(connected, browser)
        assert (page.status_code, "Invalid client" in page.text, SECRET in page.text) == (400, True, False)
        assert (await _bring(connected, browser, client_id="<b>")).status_code == 400
        assert (await _bring(connected, browser, client_id=connected.parts.spotify.client_id)).status_code == 400
        assert "Remove the app" not in (await browser.get("/settings/app")).text


async def test_an_app_can_be_taken_away(connected: Site) -> None:
    async with connected.browser(**await connected.session("noor")) as browser:
        await _bring(connected, browser)
        await browser.post("/settings/app/remove", data=_token(connected, browser))
        assert "Remove the app" not in (await browser.get("/settings/app")).text


async def test_a_friend_signs_in_by_the_address_of_somebodys_app(connected: Site) -> None:
    async with connected.browser(**await connected.session("noor")) as browser:
        await _bring(connected, browser)
    async with connected.browser() as friend:
        begun = await friend.get("/auth/spotify", params={"app": ID})
        assert parse_qs(urlsplit(begun.headers["location"]).query)["client_id"] == [ID]
        assert (await friend.get(await agree(begun.headers["location"]))).headers["location"] == "/dashboard"


async def test_an_app_that_nobody_brought_is_not_asked(connected: Site) -> None:
    async with connected.browser() as stranger:
        begun = await stranger.get("/auth/spotify", params={"app": "f0" * 16})
    assert parse_qs(urlsplit(begun.headers["location"]).query)["client_id"] == [connected.parts.spotify.client_id]


async def test_whoever_has_no_seat_is_told_what_helps(connected: Site, world: tuple[str, World]) -> None:
    async with connected.browser() as browser:
        back = await agree((await browser.get("/auth/spotify")).headers["location"])
        reason = "Active premium subscription required for the owner of the app."
        world[1].faults.add(path="/v1/me", trouble="status", status=403, message=reason)
        page = await browser.get(back)
    assert (page.status_code, reason.rstrip(".") in page.text, "/settings/app" in page.text) == (403, True, True)


@pytest.mark.parametrize("typed", ["{back}", "  {back} ", "{back}#_=_"])
async def test_on_a_home_server_the_address_is_carried_over_by_hand(
    db: Database, clock: FakeClock, tmp_path: Path, world: tuple[str, World], typed: str
) -> None:
    url = "http://192.168.0.26:8000"
    headers = {"Host": "192.168.0.26:8000", "Origin": url, "Accept": "text/html"}
    async with (
        opened(db, clock, tmp_path, spotify_url=world[0], app_url=url) as home,
        browser_at(home.url, headers=headers) as browser,
    ):
        page = await browser.get("/auth/spotify?next=/imports")
        there = re.search(r'href="(http://[^"]*/authorize[^"]*)"', page.text)
        assert there is not None
        back = await agree(unescape(there[1]))
        assert back.startswith("http://127.0.0.1:8000/auth/spotify/callback?code=")
        done = await browser.post("/auth/spotify/paste", data={"address": typed.format(back=back)})
    assert (done.status_code, done.headers["location"], _SESSION in done.headers["set-cookie"]) == (303, "/imports", True)


@pytest.mark.parametrize("typed", ["", "hello", "http://[", "http://127.0.0.1:8000/auth/spotify/callback?code=x&state=y"])
async def test_what_is_pasted_wrongly_signs_nobody_in(connected: Site, world: tuple[str, World], typed: str) -> None:
    async with connected.browser() as browser:
        await browser.get("/auth/spotify?paste=1")
        page = await browser.post("/auth/spotify/paste", data={"address": typed})
    assert (page.status_code, world[1].seen["POST /api/token"]) == (400, 0)
