"""Every page in every state that an archive can be in, without an instance: in both themes, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from audiospective.infra.language import ENGLISH, Language, language, speaking
from tests.browser.barriers import barriers, everywhere
from tests.web.pseudo import MIRRORED
from tests.web.sample import ASSETS, Sample, named, rendered, samples

_ADDRESS = "http://states.test"
_SHOTS = Path(__file__).parents[2] / "screenshots" / "states"
_WIDTHS = (320, 360, 768, 1440)  # the first is 1280 at 400 %
_WIDER = """() => document.documentElement.scrollWidth <= innerWidth ? "" : [...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML.slice(0, 120)).join("\\n")"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=_ADDRESS, bypass_csp=True, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def show(page: Page, sample: Sample, language: Language = ENGLISH) -> None:
    with speaking(language):
        html = rendered(sample)

    def answer(route: Route) -> None:
        name = route.request.url.partition("/static/")[2]
        asset = ASSETS.find(name)
        if asset:
            route.fulfill(body=asset.content, content_type=asset.media_type)
        elif route.request.resource_type == "document":
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        else:
            route.fulfill(status=404, body="{}", content_type="application/json")

    page.unroute_all()
    page.route("**/*", answer)
    page.goto(sample.here)


def sticking_out(page: Page) -> str:
    """What is wider than the window."""
    return str(page.evaluate(_WIDER))


def keep_picture(page: Page, name: str) -> None:
    """For people to look at; not compared. What isn't near to what is seen is drawn for once."""
    page.evaluate("for (const one of document.querySelectorAll('.sheet, .list li')) one.style.contentVisibility = 'visible'")
    _SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=_SHOTS / f"{name}.jpg", type="jpeg", quality=70, full_page=True)


@pytest.mark.parametrize("sample", list(samples()), ids=lambda sample: sample.name)
def test_a_state_has_no_barrier_and_fits(page: Page, sample: Sample) -> None:
    show(page, sample)
    for width in _WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert sticking_out(page) == "", width
        if width == 360:
            keep_picture(page, f"{sample.name}-{width}")
    for theme in ("light", "dark"):
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        keep_picture(page, f"{sample.name}-{theme}")
    # The gallery shows the same landmark in several states, side by side.
    assert everywhere(page, but="landmark-unique" if sample.name == "design" else "") == []


@pytest.mark.parametrize("name", [one.name for one in samples() if one.name != "design"])
def test_a_state_fits_a_phone_from_right_to_left_and_in_longer_words(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    for spoken, kept in ((MIRRORED, "rtl"), (language("de"), "de"), (language("ja"), "ja")):
        assert spoken is not None
        with speaking(spoken):
            sample = named(name)
        show(page, sample, spoken)
        assert sticking_out(page) == "", kept
        if spoken is MIRRORED:
            keep_picture(page, f"{name}-{kept}")


@pytest.mark.parametrize(
    "name", ["dashboard-ten-years", "settings-connected", "imports-done", "insights-full", "shared-whole", "year-2026"]
)
def test_paper_shows_what_was_found_and_no_buttons(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 794, "height": 1123})
    show(page, named(name))
    page.emulate_media(media="print")
    shown = page.evaluate("""() => ["nav", ".deck", ".btn", "form.drop", ".tabs-bottom", ".toasts", ".skip"]
        .filter(one => [...document.querySelectorAll(one)].some(found => found.checkVisibility()))""")
    assert shown == []
    assert page.locator("h1").is_visible()
    keep_picture(page, f"{name}-print")
    page.emulate_media(media="screen")


def test_more_contrast_is_given_to_whoever_asks(browser: Browser) -> None:
    inks = {}
    for contrast in ("no-preference", "more"):
        context = browser.new_context(base_url=_ADDRESS, bypass_csp=True, contrast=contrast)
        page = context.new_page()
        show(page, named("dashboard-ten-years"))
        inks[contrast] = page.evaluate("getComputedStyle(document.querySelector('.muted')).color")
        assert barriers(page) == []
        context.close()
    assert inks["more"] != inks["no-preference"]
