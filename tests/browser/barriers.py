"""What axe finds in a page: in both themes, on a desk and on a phone, without loading it twice."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

#: WCAG 2.2 A and AA, and best practices.
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
_FIND = """options => axe.run(document, {...options, resultTypes: ["violations"]}).then(found =>
    found.violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`)))"""
_CONTRAST: dict[str, object] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
_SIZES = ({"width": 1440, "height": 900}, {"width": 360, "height": 780})


def barriers(page: Page, *, but: str = "") -> list[str]:
    """Of the page as it stands, but those of one rule."""
    page.evaluate(_AXE)
    return _found(page, _all(but))


def everywhere(page: Page, *, but: str = "") -> list[str]:
    """In both themes and sizes; themes differ in colours alone, so the dark one is looked at for those."""
    page.evaluate(_AXE)
    found = []
    for size in _SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]  # Playwright's own size
        for theme, options in (("light", _all(but)), ("dark", _CONTRAST)):
            page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
            found += [f"{theme} {size['width']} {one}" for one in _found(page, options)]
    return found


def _all(but: str) -> dict[str, object]:
    return {"runOnly": list(_RULES)} | ({"rules": {but: {"enabled": False}}} if but else {})


def _found(page: Page, options: dict[str, object]) -> list[str]:
    return [str(one) for one in page.evaluate(_FIND, options)]
