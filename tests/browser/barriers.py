"""What axe finds in a page: in both themes, on a desk and on a phone, without loading it twice."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page, ViewportSize

from tests.browser.pictures import lay_all_out

#: WCAG 2.2 A and AA, and best practices.
_ALL = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
_CONTRAST = {"type": "rule", "values": ["color-contrast"]}
_SIZES: tuple[ViewportSize, ...] = ({"width": 1440, "height": 900}, {"width": 360, "height": 780})
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
#: In each theme. What contrast depends on: ink, size and weight of a text, and what its ancestors paint behind it. Texts that have this in
#: common with one that was looked at, in whatever page, theme or size, are not looked at again: it is what axe spends most of its time on.
#: Style sheets would be asked for once more, for the sake of one rule about orientation, unless axe were told not to.
_LOOK = """async ([known, looks, off]) => {
    axe.configure({rules: [{id: "color-contrast", selector: "[data-fresh]"}]});
    const seen = new Set(known);
    const hash = words => [...words].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 7);
    const hasText = one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const speaks = one => hasText(one) || one.matches("input, textarea, select");
    const markFresh = () => {
        const behind = new WeakMap(), fresh = new Map();
        const painted = one => {
            if (!one) return "";
            if (behind.has(one)) return behind.get(one);
            const style = getComputedStyle(one), own = [style.backgroundColor, style.backgroundImage, style.opacity, style.position].join();
            const all = painted(one.parentElement) + (own === "rgba(0, 0, 0, 0),none,1,static" ? "" : own + "/");
            behind.set(one, all);
            return all;
        };
        for (const one of document.body.querySelectorAll("*")) {
            if (!speaks(one) || !one.checkVisibility()) continue;
            const style = getComputedStyle(one);
            const look = [style.color, style.fontSize, style.fontWeight, style.textShadow, one.matches(":disabled"), painted(one)];
            const mark = hash(look.join());
            if (!seen.has(mark) && !fresh.has(mark)) fresh.set(mark, one);
        }
        for (const one of document.querySelectorAll("[data-fresh]")) delete one.dataset.fresh;
        for (const one of fresh.values()) one.dataset.fresh = "";
        return [...fresh.keys()];
    };
    const told = [], passed = [], rules = Object.fromEntries(off.map(rule => [rule, {enabled: false}]));
    for (const [theme, runOnly] of looks) {
        if (theme) document.documentElement.dataset.theme = theme;
        const fresh = markFresh();
        if (!fresh.length && runOnly.type === "rule") continue;
        const found = await axe.run(document, {runOnly, rules, resultTypes: ["violations"], preload: false});
        told.push(...found.violations.flatMap(one => one.nodes.map(
            node => `${theme} ${innerWidth} ${one.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`)));
        if (found.violations.length) continue;
        passed.push(...fresh);
        for (const mark of fresh) seen.add(mark);
    }
    return [told, passed];
}"""
_looked_at: set[int] = set()


def barriers(page: Page) -> list[str]:
    """Of the page as it stands."""
    _bring_axe(page)
    return _look(page, [("", _ALL)], "")


def everywhere(page: Page, *, but: str = "") -> list[str]:
    """In both themes and sizes, but those of one rule; themes differ in colours alone, so the light one is looked at for those.

    The page loses rows over it. A full look is also one at contrast: where everything stands, which costs most, is then asked once.
    """
    _bring_axe(page)
    lay_all_out(page)
    page.evaluate(_THIN)
    found = []
    for size in _SIZES:
        if page.viewport_size != size:
            page.set_viewport_size(size)
        found += _look(page, [("dark", _ALL), ("light", _CONTRAST)], but)
    return found


def _bring_axe(page: Page) -> None:
    """Half a megabyte, so only to a window that hasn't got it."""
    if page.evaluate("!globalThis.axe"):
        page.evaluate(_AXE)


def _look(page: Page, looks: list[tuple[str, object]], but: str) -> list[str]:
    """What is wrong; only what was looked at and passed is known the next time."""
    found, passed = page.evaluate(_LOOK, [list(_looked_at), looks, [but] if but else []])
    _looked_at.update(passed)
    return list(found)
