"""Every page in every state that an archive can be in, without an instance: in both themes, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.test_pages import barriers
from tests.web.sample import ASSETS, Sample, rendered, samples

_ADDRESS = "http://states.test"
_SHOTS = Path(__file__).parents[2] / "screenshots" / "states"
_WIDTHS = (360, 768, 1440)
_WIDER = """() => document.documentElement.scrollWidth <= innerWidth ? "" : [...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML.slice(0, 120)).join("\\n")"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=_ADDRESS, bypass_csp=True, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def show(page: Page, sample: Sample) -> None:
    def answer(route: Route) -> None:
        name = route.request.url.partition("/static/")[2]
        asset = ASSETS.find(name)
        if asset:
            route.fulfill(body=asset.content, content_type=asset.media_type)
        elif route.request.resource_type == "document":
            route.fulfill(body=rendered(sample), content_type="text/html; charset=utf-8")
        else:
            route.fulfill(status=404, body="{}", content_type="application/json")

    page.unroute_all()
    page.route("**/*", answer)
    page.goto(sample.here)


def sticking_out(page: Page) -> str:
    """What is wider than the window."""
    return str(page.evaluate(_WIDER))


def keep_picture(page: Page, name: str) -> None:
    """For people to look at; not compared."""
    _SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=_SHOTS / f"{name}.png", full_page=True)


@pytest.mark.parametrize("sample", list(samples()), ids=lambda sample: sample.name)
def test_a_state_has_no_barrier_and_fits(page: Page, sample: Sample) -> None:
    show(page, sample)
    for width in _WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert sticking_out(page) == "", width
        if width == min(_WIDTHS):
            keep_picture(page, f"{sample.name}-{width}")
    for theme in ("light", "dark"):
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        keep_picture(page, f"{sample.name}-{theme}")
        if theme == "dark":  # themes differ in colours alone
            assert barriers(page, only="color-contrast") == []
        else:  # the gallery shows the same landmark in several states, side by side
            assert barriers(page, but="landmark-unique" if sample.name == "design" else "") == []
