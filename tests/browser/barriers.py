"""What axe finds in a page: in both themes, on a desk and on a phone, without loading it twice."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

from tests.browser.pictures import lay_all_out

#: WCAG 2.2 A and AA, and best practices.
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
#: Of contrast only the texts that `_FRESH` marks are looked at, whatever else is.
_READY = """() => axe.configure({rules: [{id: "color-contrast", selector: "[data-fresh]"}]})"""
#: Style sheets are asked for once more unless axe is told not to, for the sake of one rule about orientation.
_FIND = """async ([runOnly, off]) => {
    const rules = Object.fromEntries(off.map(rule => [rule, {enabled: false}]));
    const found = await axe.run(document, {runOnly, rules, resultTypes: ["violations"], preload: false});
    const told = one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`);
    return found.violations.flatMap(told);
}"""
_CONTRAST = {"type": "rule", "values": ["color-contrast"]}
_SIZES = ({"width": 1440, "height": 900}, {"width": 360, "height": 780})
#: Of siblings that differ in nothing but words and numbers two are looked at: half of a long page are rows, cells and bars.
_THIN = """() => {
    const said = /^(class|role|type|hidden|open|disabled|aria-(?!label$|describedby|current|valuenow))/, shapes = new Map();
    const shape = one => {
        if (!shapes.has(one)) shapes.set(one, one.tagName
            + [...one.attributes].filter(told => said.test(told.name)).map(told => told.name + told.value)
            + "(" + [...one.children].map(shape).filter((told, place, all) => told !== all[place - 1]) + ")");
        return shapes.get(one);
    };
    const thin = parent => {
        const seen = {};
        for (const one of [...parent.children]) {
            const told = shape(one);
            seen[told] = (seen[told] ?? 0) + 1;
            if (seen[told] > 2 && !one.id && !one.querySelector("[id]")) one.remove();
            else thin(one);
        }
    };
    thin(document.body);
}"""
#: What contrast depends on: ink, size and weight of a text, and what its ancestors paint behind it. Texts that have this in common with one
#: that was looked at, in whatever page, theme or size, are not looked at again: it is what axe spends most of its time on.
_FRESH = """known => {
    const seen = new Set(known), behind = new WeakMap(), told = [], fresh = [];
    const hash = words => [...words].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 7);
    const painted = one => {
        if (!one) return "";
        if (behind.has(one)) return behind.get(one);
        const style = getComputedStyle(one), own = [style.backgroundColor, style.backgroundImage, style.opacity, style.position].join();
        const all = painted(one.parentElement) + (own === "rgba(0, 0, 0, 0),none,1,static" ? "" : own + "/");
        behind.set(one, all);
        return all;
    };
    const hasText = one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const speaks = one => hasText(one) || one.matches("input, textarea, select");
    for (const one of document.querySelectorAll("[data-fresh]")) delete one.dataset.fresh;
    for (const one of document.body.querySelectorAll("*")) {
        if (!speaks(one) || !one.checkVisibility()) continue;
        const style = getComputedStyle(one);
        const mark = hash([style.color, style.fontSize, style.fontWeight, style.textShadow, one.matches(":disabled"), painted(one)].join());
        if (seen.has(mark)) continue;
        seen.add(mark);
        told.push(mark);
        fresh.push(one);
    }
    for (const one of fresh) one.dataset.fresh = "";
    return told;
}"""
_looked_at: set[int] = set()


def barriers(page: Page, *, but: str = "") -> list[str]:
    """Of the page as it stands, but those of one rule."""
    _bring_axe(page)
    return _of_all(page, but)


def everywhere(page: Page, *, but: str = "") -> list[str]:
    """In both themes and sizes; themes differ in colours alone, so the light one is looked at for those. The page loses rows over it."""
    _bring_axe(page)
    lay_all_out(page)
    page.evaluate(_THIN)
    found = []
    for size in _SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]  # Playwright's own size
        for theme in ("dark", "light"):
            page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
            barred = _of_all(page, but) if theme == "dark" else _of_contrast(page)
            found += [f"{theme} {size['width']} {one}" for one in barred]
    return found


def _bring_axe(page: Page) -> None:
    """Half a megabyte, so only to a window that hasn't got it."""
    if page.evaluate("!globalThis.axe"):
        page.evaluate(_AXE)
        page.evaluate(_READY)


def _of_all(page: Page, but: str) -> list[str]:
    """In one run: what contrast costs beside its texts, where everything stands, other rules ask too."""
    fresh = page.evaluate(_FRESH, list(_looked_at))
    return _found(page, [list(_RULES), [but] if but else []], fresh)


def _of_contrast(page: Page) -> list[str]:
    fresh = page.evaluate(_FRESH, list(_looked_at))
    return _found(page, [_CONTRAST, []], fresh) if fresh else []


def _found(page: Page, wanted: list[object], fresh: list[int]) -> list[str]:
    """What is wrong; only what was looked at and passed is known the next time."""
    found = [str(one) for one in page.evaluate(_FIND, wanted)]
    if not found:
        _looked_at.update(fresh)
    return found
