"""Every page in both themes, on a desk and on a phone: no barrier that axe knows of, nothing sticks out, nothing complains."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import barriers, everywhere
from tests.browser.pictures import keep_picture, lay_all_out

Visit = Callable[..., Page]
PUBLIC = (
    "/",
    "/?session=ended",
    "/auth/token",
    "/privacy",
    "/terms",
    "/help",
    "/leaving",
    "/status",
    "/receipt",
    "/receipt?r=x",
    "/api/docs",
)
PRIVATE = (
    "/dashboard",
    "/dashboard?range=all",
    "/dashboard?range=1999",
    "/history",
    "/history?q=nothing+such",
    "/insights?range=all",
    "/year/2026",
    "/imports",
    "/shares",
    "/settings",
    "/export",
    "/notices",
    "/digest/week",
    "/compare",
)
_JUMPS = """globalThis.jumped = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => { jumped += one.value; })).observe({type: "layout-shift"});"""
_IS_LAID_OUT = "(one) => one.checkVisibility({contentVisibilityAuto: true})"
_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def picture(page: Page, path: str, name: str) -> None:
    """Keep it under a name made of its address."""
    stem = path.strip("/").replace("/", "-").replace("?", "-").replace("=", "-") or "landing"
    keep_picture(page, f"{stem}-{name}")


@pytest.mark.parametrize("path", [*PUBLIC, *PRIVATE])
def test_no_page_has_a_barrier(visit: Visit, signed_in: dict[str, object], path: str) -> None:
    page = visit(bypass_csp=True, reduced_motion="reduce", **(signed_in if path in PRIVATE else {}))
    page.goto(path)
    page.set_viewport_size({"width": 360, "height": 780})
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    picture(page, path, "dark-360")
    assert everywhere(page) == []


@pytest.mark.parametrize("width", [360, 768, 1600])
def test_nothing_sticks_out_at_any_width(visit: Visit, signed_in: dict[str, object], width: int) -> None:
    page = visit(viewport={"width": width, "height": 900}, **signed_in)
    for path in ("/dashboard", "/history", "/insights?range=all", "/year/2026", "/imports", "/shares", "/settings", "/privacy"):
        page.goto(path)
        lay_all_out(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        picture(page, path, f"light-{width}")


def test_what_is_far_is_laid_out_when_it_comes_near_and_nothing_jumps(visit: Visit, signed_in: dict[str, object]) -> None:
    page = visit(viewport={"width": 360, "height": 780}, **signed_in)
    page.add_init_script(_JUMPS)
    page.goto("/insights?range=all")
    last = page.locator(".sheet").last
    assert not last.locator("header").evaluate(_IS_LAID_OUT)
    while not page.evaluate("scrollY + innerHeight > document.documentElement.scrollHeight - 2"):
        page.mouse.wheel(0, 700)
        page.evaluate(_FRAMES)
    assert last.locator("header").evaluate(_IS_LAID_OUT)
    assert page.evaluate("jumped") == 0


def test_all_of_a_page_is_printed(visit: Visit, signed_in: dict[str, object]) -> None:
    page = visit(**signed_in)
    page.goto("/insights?range=all")
    page.emulate_media(media="print")
    assert page.locator(".sheet > header").evaluate_all(f"(all) => all.every({_IS_LAID_OUT})")


def test_the_front_page_fits_a_phone(visit: Visit) -> None:
    page = visit(viewport={"width": 360, "height": 780})
    page.goto("/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_what_is_not_there_is_a_page_with_a_way_on(visit: Visit, complaints: list[str]) -> None:
    page = visit(bypass_csp=True)
    page.goto("/no/such/page")
    expect(page.locator("h1")).to_have_text("There is nothing here")
    expect(page.get_by_role("link", name="To the front page")).to_be_visible()
    assert barriers(page) == []
    complaints.clear()  # the browser's own note of the 404


def test_a_bad_range_says_what_would_be_right(visit: Visit, signed_in: dict[str, object], complaints: list[str]) -> None:
    page = visit(**signed_in)
    page.goto("/dashboard?range=fortnight")
    expect(page.locator("main")).to_contain_text("use 1d, 7d, 30d")
    complaints.clear()


def test_a_chart_is_read_point_by_point_with_the_arrow_keys(visit: Visit, signed_in: dict[str, object]) -> None:
    page = visit(**signed_in)
    page.goto("/dashboard")
    page.locator('[data-plot="grid"]').focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".tip")).to_contain_text("Tue, 00:00:")
    page.keyboard.press("Escape")
    expect(page.locator(".tip")).to_be_hidden()


def test_styles_and_scripts_are_light(visit: Visit) -> None:
    page = visit()
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url.rpartition(".")[2]: int(answer.headers.get("content-length", "0"))}))
    page.goto("/")
    assert 0 < sizes["css"] < 25_000
    assert 0 < sizes["js"] < 50_000


def test_the_front_page_can_be_installed(visit: Visit) -> None:
    page = visit()
    page.goto("/")
    found = page.context.new_cdp_session(page).send("Page.getAppManifest")
    assert (found["url"].endswith(".webmanifest"), found["errors"]) == (True, [])
    told = json.loads(found["data"])
    assert (told["name"], told["display"], told["scope"]) == ("Audiospective", "standalone", "/")
    assert page.request.get(told["start_url"]).ok
    # What browsers ask for (https://web.dev/articles/install-criteria): pictures of two sizes, as large as they say.
    width = """src => new Promise((told, failed) => Object.assign(new Image(), { src, onerror: failed, onload() { told(this.width) } }))"""
    pictures = {one["sizes"]: page.evaluate(width, one["src"]) for one in told["icons"] if one["type"] == "image/png"}
    assert pictures == {"192x192": 192, "512x512": 512}


def test_keys_go_to_the_search_and_to_the_days_before(visit: Visit, signed_in: dict[str, object]) -> None:
    page = visit(**signed_in)
    page.goto("/history")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("[")
    expect(page.locator("#q")).to_have_value("[")
    page.goto("/insights?range=2026")
    page.keyboard.press("[")
    page.wait_for_url("**/insights?range=2025")


def test_a_play_can_be_opened_down_to_its_sources(visit: Visit, signed_in: dict[str, object]) -> None:
    page = visit(bypass_csp=True, **signed_in)
    page.goto("/history")
    page.locator(".list-plays time a").first.click()
    page.wait_for_url("**/play/*")
    expect(page.locator("main")).to_contain_text("Spotify, asked by a sweep")
    assert barriers(page) == []
