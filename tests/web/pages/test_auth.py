"""Signing in and out, in a browser, with the simulator as Spotify."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from audiospective.accounts import people
from audiospective.infra.database import fetch_all
from audiospective.simulator.world import World
from audiospective.web.pages.auth import safe_path
from audiospective.web.visitor import form_token
from tests.clock import FakeClock
from tests.web.site import Site, agree, browser_at

_SESSION = "audiospective_session"
_WAITING = "audiospective_sign_in"


async def _back_from_spotify(browser: httpx.AsyncClient, wanted: str = "/dashboard", *, answer: str = "agree") -> str:
    """Sign-in as far as Spotify's redirect; where that leads."""
    begun = await browser.get("/auth/spotify", params={"next": wanted})
    return await agree(begun.headers["location"], answer=answer)


async def _people(site: Site) -> list[str]:
    async with site.parts.db.transaction() as conn:
        return [person.name for person in await people.everyone(conn)]


async def _sessions(site: Site) -> int:
    async with site.parts.db.transaction() as conn:
        return (await fetch_all(conn, "SELECT count(*) FROM sessions", int))[0]


async def test_a_newcomer_signs_in_and_lands_where_they_wanted(connected: Site) -> None:
    async with connected.browser() as browser:
        done = await browser.get(await _back_from_spotify(browser, "/imports?from=x"))
        assert (done.status_code, done.headers["location"]) == (303, "/imports?from=x")
        assert (await browser.get("/api/settings")).json()["hasSpotify"] is True
    assert len(await _people(connected)) == 1


async def test_the_missions_own_callback_address_works_too(connected: Site) -> None:
    async with connected.browser() as browser:
        back = await _back_from_spotify(browser)
        done = await browser.get(f"/api/auth/callback/spotify?{urlsplit(back).query}")
    assert done.headers["location"] == "/dashboard"


async def test_spotify_is_asked_for_one_permission_with_state_and_pkce(site: Site, stranger: httpx.AsyncClient) -> None:
    begun = await stranger.get("/auth/spotify", headers={"X-Forwarded-Host": "evil.example"})
    query = {name: values[0] for name, values in parse_qs(urlsplit(begun.headers["location"]).query).items()}
    assert query["redirect_uri"] == f"{site.url}/auth/spotify/callback"
    assert (query["scope"], query["code_challenge_method"], len(query["code_challenge"])) == ("user-read-recently-played", "S256", 43)
    assert len(query["state"]) >= 32


async def test_cookies_are_for_this_host_and_no_script(connected: Site) -> None:
    async with connected.browser() as browser:
        begun = await browser.get("/auth/spotify")
        done = await browser.get(await agree(begun.headers["location"]))
    set_cookies = [*begun.headers.get_list("set-cookie"), *done.headers.get_list("set-cookie")]
    assert {cookie.partition("=")[0] for cookie in set_cookies} == {_SESSION, _WAITING}
    for cookie in set_cookies:
        flags = {flag.strip().lower() for flag in cookie.split(";")[1:]}
        assert {"httponly", "path=/", "samesite=lax"} <= flags
        assert not any(flag.startswith("domain") for flag in flags)


async def test_a_sign_in_begun_on_another_name_of_this_host_moves_to_the_canonical_one(site: Site, stranger: httpx.AsyncClient) -> None:
    begun = await stranger.get("/auth/spotify?next=/imports", headers={"Host": "localhost:8000"})
    assert begun.headers["location"] == f"{site.url}/auth/spotify?next=%2Fimports"


async def test_pressing_cancel_is_explained_and_leaves_nothing(connected: Site) -> None:
    async with connected.browser() as browser:
        page = await browser.get(await _back_from_spotify(browser, answer="cancel"))
        assert (page.status_code, "nothing was read" in page.text, _SESSION in browser.cookies) == (200, True, False)
    assert await _people(connected) == []


async def _tampered(browser: httpx.AsyncClient, back: str, clock: FakeClock, how: str) -> str:
    """The callback's address, with something wrong about it."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    if how == "no state":
        del query["state"]
    elif how == "other state":
        query["state"] = "x" * len(query["state"])
    elif how == "too late":
        clock.forward(minutes=11)
    elif how == "other browser":
        browser.cookies.clear()
    elif how == "forged cookie":
        forged = "AAAA" + browser.cookies[_WAITING][4:]
        browser.cookies.clear()
        browser.cookies.set(_WAITING, forged)
    return f"/auth/spotify/callback?{urlencode(query)}"


@pytest.mark.parametrize("how", ["no state", "other state", "too late", "other browser", "forged cookie"])
async def test_only_the_browser_that_began_finishes_in_time(connected: Site, clock: FakeClock, world: tuple[str, World], how: str) -> None:
    async with connected.browser() as browser:
        wrong = await _tampered(browser, await _back_from_spotify(browser), clock, how)
        page = await browser.get(wrong)
    assert (page.status_code, "/auth/spotify?next=" in page.text) == (400, True)
    assert world[1].seen["POST /api/token"] == 0


async def test_a_sign_in_is_good_once(connected: Site, world: tuple[str, World]) -> None:
    async with connected.browser() as browser:
        back = await _back_from_spotify(browser)
        kept = browser.cookies[_WAITING]
        await browser.get(back)
        again = await browser.get(back)
        assert (again.status_code, again.headers["location"]) == (303, "/dashboard")
        async with connected.browser(**{_WAITING: kept}) as thief:
            page = await thief.get(back)
    assert (page.status_code, _SESSION in page.headers.get("set-cookie", "")) == (400, False)
    assert await _sessions(connected) == 1


async def test_a_double_click_makes_one_session(connected: Site, world: tuple[str, World]) -> None:
    async with connected.browser() as browser:
        back = await _back_from_spotify(browser)
        both = await asyncio.gather(browser.get(back), browser.get(back))
    assert [answer.status_code for answer in both] == [303, 303]
    assert (await _sessions(connected), world[1].seen["POST /api/token"]) == (1, 1)


async def test_what_spotify_says_is_shown_as_text(connected: Site) -> None:
    async with connected.browser() as browser:
        begun = await browser.get("/auth/spotify")
        state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
        page = await browser.get("/auth/spotify/callback", params={"state": state, "error": "<script>alert(1)</script>"})
    assert (page.status_code, "<script>alert" in page.text, "&lt;script&gt;" in page.text) == (400, False, True)


async def test_spotify_out_of_reach_is_a_page_that_says_so(connected: Site, world: tuple[str, World]) -> None:
    async with connected.browser() as browser:
        back = await _back_from_spotify(browser)
        world[1].faults.add(path="/api/token", trouble="status", status=503, times=9)
        page = await browser.get(back)
    assert (page.status_code, page.headers["content-type"]) == (502, "text/html; charset=utf-8")


async def test_a_new_sign_in_ends_the_session_that_was_there(connected: Site) -> None:
    planted = await connected.session("mallory")
    async with connected.browser(**planted) as browser:
        await browser.get(await _back_from_spotify(browser))
        async with connected.browser(**planted) as old:
            assert (await old.get("/api/settings")).status_code == 401


async def test_signing_out_ends_the_session_everywhere_in_this_browser(site: Site, visitor: httpx.AsyncClient) -> None:
    kept = visitor.cookies[_SESSION]
    token = form_token(site.parts.sealer, kept, site.parts.clock.now())
    done = await visitor.post("/auth/sign-out", data={"form_token": token})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert done.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    async with site.browser(**{_SESSION: kept}) as replay:
        assert (await replay.get("/api/settings")).status_code == 401


async def test_signing_out_ends_a_sign_in_that_still_waits(connected: Site, world: tuple[str, World]) -> None:
    """On a shared computer Spotify's page may still be open when another person sits down at it."""
    async with connected.browser(**await connected.session("mara")) as browser:
        back = await _back_from_spotify(browser)
        kept = browser.cookies[_WAITING]
        token = form_token(connected.parts.sealer, browser.cookies[_SESSION], connected.parts.clock.now())
        await browser.post("/auth/sign-out", data={"form_token": token})
        assert _WAITING not in browser.cookies
    async with connected.browser(**{_WAITING: kept}) as other, connected.browser(**await connected.session("olga")) as olga:
        olga.cookies.set(_WAITING, kept)
        for person, status in ((other, 400), (olga, 303)):
            page = await person.get(back)
            assert (page.status_code, _SESSION in page.headers.get("set-cookie", "")) == (status, False)
    assert world[1].seen["POST /api/token"] == 0
    assert [(await connected.listener(name)).spotify_id for name in ("mara", "olga")] == [None, None]


async def test_a_listener_without_spotify_still_joins_it_while_signed_in(connected: Site) -> None:
    async with connected.browser(**await connected.session("mara")) as browser:
        assert (await browser.get(await _back_from_spotify(browser))).status_code == 303
    assert (len(await _people(connected)), (await connected.listener("mara")).spotify_id is None) == (1, False)


@pytest.mark.parametrize("days", [15, 91])
async def test_a_session_ends_by_idleness_and_by_age(site: Site, visitor: httpx.AsyncClient, clock: FakeClock, days: int) -> None:
    while days > 15:
        clock.forward(days=10)
        days -= 10
        await visitor.get("/api/settings")
    clock.forward(days=days)
    assert (await visitor.get("/api/settings")).status_code == 401


async def test_broken_cookies_sign_nobody_in_and_break_nothing(site: Site) -> None:
    good = (await site.session())[_SESSION]
    broken = ["x", good[:-1], good + "x", "x" * 60_000, "%00", '"', f"x; {_SESSION}={good}"]
    for value in broken:
        async with browser_at(site.url) as client:
            answer = await client.get("/api/settings", headers={"Cookie": f"{_SESSION}={value}"})
        assert (value[:20], answer.status_code) in {(value[:20], 401), (value[:20], 400), (value[:20], 431)}


async def test_a_listener_without_spotify_signs_in_with_a_token(site: Site, stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/auth/token")).status_code == 200
    done = await stranger.post("/auth/token", data={"token": f" {await site.token()} ", "next": "/imports"})
    assert (done.status_code, done.headers["location"]) == (303, "/imports")
    assert (await stranger.get("/api/settings")).json()["name"] == "mara"


async def test_a_session_ends_with_its_token(site: Site, stranger: httpx.AsyncClient, visitor: httpx.AsyncClient) -> None:
    await stranger.post("/auth/token", data={"token": await site.token()})
    assert (await stranger.get("/api/settings")).status_code == 200
    (shown,) = (await visitor.get("/api/tokens")).json()["tokens"]
    assert (await visitor.delete(f"/api/tokens/{shown['id']}")).status_code == 204
    assert ((await stranger.get("/api/settings")).status_code, (await visitor.get("/api/settings")).status_code) == (401, 200)


async def test_a_wrong_token_is_said_and_not_shown_again(stranger: httpx.AsyncClient) -> None:
    for wrong in ("", "as_nobodys", "é", "x" * 5000):
        page = await stranger.post("/auth/token", data={"token": wrong})
        assert (page.status_code, "no token of this instance" in page.text, "as_nobodys" in page.text) == (400, True, False)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/%2f/evil.example",
        "/%5cevil.example",
        "/\t/evil.example",
        "/\r\nSet-Cookie: x=1",
        "dashboard",
        "",
        "/auth/sign-out",
        "/api/export",
        "/é",
        "/" + "x" * 2000,
    ],
)
def test_nobody_is_led_to_another_site(elsewhere: str) -> None:
    assert safe_path(elsewhere) == "/dashboard"


def test_a_path_of_ours_is_kept() -> None:
    assert safe_path("/dashboard?range=7d") == "/dashboard?range=7d"
