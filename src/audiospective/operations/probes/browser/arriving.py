"""Signing in, and what the dashboard shows (runbook, "Test 2" and "Test 3")."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import msgspec

from audiospective.operations.judge import Reading
from audiospective.operations.probes.browser.walking import Expected, Walk
from audiospective.spotify.oauth import SCOPE

if TYPE_CHECKING:
    from playwright.async_api import Page, Request, Response

SIGN_IN: Expected = {"sign_in_controls": 0, "sign_in_leads": "nowhere"}
COME_BACK: Expected = {"callback_host": "nowhere", "session": "none", "dashboard_ms": inf}
DASHBOARD: Expected = {"dashboard_errors": inf, "stats_wrong": inf, "charts_wrong": inf}

_BUTTON = "Sign in with Spotify"
_TABS = 40
_EMPTY = "Your first ring starts today"
#: A chart is drawn when it has a picture with a name for those who can't see it, and something in it.
_BAD_CHARTS = """() => [...document.querySelectorAll("main .plot")].filter((plot) => {
  const svg = plot.querySelector("svg");
  return !svg || !svg.querySelector("path, rect, circle, line") || !(svg.getAttribute("aria-label") || svg.querySelector("title"));
}).length"""
_CARDS = """() => Object.fromEntries([...document.querySelectorAll("main .stats .stat")].map(
  (one) => [one.querySelector("dt").textContent.trim(), one.querySelector("dd").textContent.replace(/\\D/g, "")]))"""
_DAYS = """() => [...document.querySelectorAll("section[aria-labelledby='days-title'] tbody tr")].map(
  (row) => Number(row.children[1].textContent.replace(/\\D/g, "")))"""


async def sign_in(walk: Walk, seen: dict[str, Reading]) -> None:
    """The button, by keys alone, and where it leads."""
    await walk.page.goto("/")
    await walk.picture("home")
    link = walk.page.get_by_role("link", name=_BUTTON)
    await link.first.wait_for()
    reached = await _reached(walk.page)
    seen["sign_in_controls"] = Reading(await link.count() if reached else 0, "browser", "" if reached else "not reached by the Tab key")
    async with walk.page.expect_request(lambda one: urlsplit(one.url).netloc != walk.place.host) as asked:
        await link.first.click()
    seen["sign_in_leads"] = _leads(walk, await asked.value)


async def come_back(walk: Walk, seen: dict[str, Reading]) -> None:
    """Agree at the simulator, and be signed in."""
    await walk.page.get_by_role("button", name="Agree").wait_for()
    await walk.picture("spotify")
    began = walk.clock.monotonic()
    await walk.page.get_by_role("button", name="Agree").click()
    await walk.page.wait_for_url("**/dashboard*")
    host = urlsplit(walk.page.url).netloc
    seen["callback_host"] = Reading("the same host" if host == walk.place.host else host, "browser")
    await walk.page.get_by_role("heading", level=1).wait_for()
    named = await walk.page.locator("summary[aria-label^='Account of']").count()
    took = round((walk.clock.monotonic() - began) * 1000)
    seen["session"] = await _session(walk)
    seen["dashboard_ms"] = Reading(took if named else inf, "browser", "" if named else "nobody's name is shown")
    await walk.picture("signed-in")


class Cards(msgspec.Struct, frozen=True):
    """What the cards must show: by their names, digits alone; and how many plays there ever were."""

    numbers: Mapping[str, int]
    plays: int


def wrong_cards(shown: Mapping[str, str], numbers: Mapping[str, int]) -> list[str]:
    """The cards that don't show what is stored, each with both figures."""
    differ = {name: number for name, number in numbers.items() if shown.get(name) != str(number)}
    return [f"{name}: {shown.get(name, 'nothing')} shown, {number} stored" for name, number in differ.items()]


async def dashboard(walk: Walk, seen: dict[str, Reading], cards: Cards) -> None:
    """It loads, its cards are right, its charts are drawn of the API's own points."""
    bad: list[str] = []

    def answered(response: Response) -> None:
        if response.status >= 400:
            bad.append(f"{response.status} {urlsplit(response.url).path}")

    heard = len(walk.complaints)
    walk.page.on("response", answered)
    await walk.page.goto("/dashboard?range=all", wait_until="load")
    await walk.page.get_by_role("heading", level=1).wait_for()
    bad += walk.complaints[heard:]
    walk.page.remove_listener("response", answered)
    seen["dashboard_errors"] = Reading(len(bad), "browser", "; ".join(bad)[:300])
    await walk.picture("dashboard")
    if not cards.plays:
        is_told = await walk.page.get_by_role("heading", name=_EMPTY).count()
        nothing = Reading(
            0 if is_told else 1, "browser", "no plays yet, and the page says so" if is_told else "no plays, and the page doesn't say so"
        )
        seen |= {"stats_wrong": nothing, "charts_wrong": nothing}
        return
    shown = await walk.page.evaluate(_CARDS)
    wrong = wrong_cards(shown, cards.numbers)
    seen["stats_wrong"] = Reading(len(wrong), "browser", "; ".join(wrong))
    seen["charts_wrong"] = await _charts(walk)


async def _reached(page: Page) -> bool:
    for _ in range(_TABS):
        await page.keyboard.press("Tab")
        if _BUTTON in str(await page.evaluate("document.activeElement.textContent || ''")):
            return True
    return False


def _leads(walk: Walk, request: Request) -> Reading:
    parts = urlsplit(request.url)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    wrong = [
        what
        for what, is_right in (
            (f"leads to {parts.netloc}", parts.netloc == walk.place.spotify),
            ("no state", len(asked.get("state", "")) >= 16),
            ("no PKCE S256", asked.get("code_challenge_method") == "S256" and bool(asked.get("code_challenge"))),
            ("another redirect address", asked.get("redirect_uri") == f"{walk.place.url}/auth/spotify/callback"),
            ("other scopes", set(asked.get("scope", "").split()) == set(SCOPE.split())),
        )
        if not is_right
    ]
    return Reading("; ".join(wrong) or "yes", "browser")


async def _session(walk: Walk) -> Reading:
    """A cookie that no script reads, bound to this host where there is https, and that signs in."""
    cookie = next((one for one in await walk.context.cookies(walk.place.url) if one["name"] == walk.place.cookie), None)
    if cookie is None:
        return Reading("no cookie", "browser")
    answer = await walk.context.request.get("/api/stats")
    is_https = walk.place.url.startswith("https://")
    wrong = [
        what
        for what, is_right in (
            ("readable by scripts", cookie["httpOnly"]),
            ("not SameSite=Lax", cookie["sameSite"] == "Lax"),
            ("not Secure", cookie["secure"] or not is_https),
            ("not __Host-", cookie["name"].startswith("__Host-") or not is_https),
            (f"{answer.status} of the API", answer.ok),
        )
        if not is_right
    ]
    return Reading("; ".join(wrong) or "yes", "browser")


async def _charts(walk: Walk) -> Reading:
    """All are drawn; the days of a week in the table behind the chart are the API's points."""
    bad = int(await walk.page.evaluate(_BAD_CHARTS))
    await walk.page.goto("/dashboard?range=30d")
    shown = await walk.page.evaluate(_DAYS)
    answer = await walk.context.request.get("/api/analytics/trends?interval=day&range=30d")
    told = [int(one["plays"]) for one in (await answer.json())["data"]]
    if shown and shown != told[-len(shown) :]:
        return Reading(bad + 1, "browser", "the days shown aren't those of the API")
    return Reading(bad, "browser", f"{len(told)} days compared with the API")
