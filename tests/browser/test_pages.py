"""Every page in both themes, on a desk and on a phone: no barrier that axe knows of, nothing sticks out, nothing complains."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.barriers import barriers, bring_axe, everywhere
from tests.browser.conftest import Complaints, wait_for_room
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


@pytest.fixture(scope="module")
def windows(still_browser: Browser, instance: str, signed_in: dict[str, object]) -> Iterator[dict[bool, tuple[Page, Complaints]]]:
    """One of somebody who is signed in, one of anybody, and what either hears."""
    made = {}
    for is_known in (True, False):
        known = signed_in if is_known else {}
        context = still_browser.new_context(base_url=instance, locale="en-GB", reduced_motion="reduce", **known)  # type: ignore[arg-type]  # Playwright's own
        bring_axe(context)
        made[is_known] = context.new_page(), Complaints()
        made[is_known][1].listen(made[is_known][0], instance)
    yield made
    for page, _ in made.values():
        page.context.close()


@pytest.mark.parametrize("path", [*PUBLIC, *PRIVATE])
def test_no_page_has_a_barrier_sticks_out_or_complains(windows: dict[bool, tuple[Page, Complaints]], path: str) -> None:
    page, heard = windows[path in PRIVATE]
    heard.clear()
    wait_for_room()
    page.set_viewport_size({"width": 1600, "height": 900})
    page.goto(path)
    lay_all_out(page)
    for width in (1600, 768, 360):
        page.set_viewport_size({"width": width, "height": 780})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        picture(page, path, f"light-{width}")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    picture(page, path, "dark-360")
    assert everywhere(page) == []
    assert heard == []


def test_what_is_far_is_laid_out_when_it_comes_near_and_nothing_jumps(visit: Visit, signed_in: dict[str, object]) -> None:
    page = visit(viewport={"width": 360, "height": 780}, reduced_motion="no-preference", **signed_in)
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
    assert barriers(page, is_done=True) == []
