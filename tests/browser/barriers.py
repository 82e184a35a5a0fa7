"""What axe finds in a page: in both themes, on a desk and on a phone, without loading it twice."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import BrowserContext, Page, ViewportSize

from tests.browser.pictures import LAY_ALL_OUT

#: WCAG 2.2 A and AA, and best practices.
_ALL = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
_CONTRAST = {"type": "rule", "values": ["color-contrast"]}
_SIZES: tuple[ViewportSize, ...] = ({"width": 1440, "height": 900}, {"width": 360, "height": 780})
#: Of siblings that differ in nothing but words and numbers two are looked at: half of a long page are rows, cells and bars. Lines and
#: surfaces of drawings, a fifth of what is left, have no rule of their own.
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
    for (const one of [...document.querySelectorAll("svg *")].reverse())
        if (!one.children.length && !one.textContent.trim() && !one.matches("a, [id], [role], [tabindex]")) one.remove();
}"""
#: In each theme. What contrast depends on: a text's ink, whether it is large, and what is painted behind it. Texts that have this in
#: common with one that was looked at, in whatever page, theme or size, are not looked at again; nor are links that stand out from their
#: text as others did, nor targets with room enough: nothing else to press is near, or they are large and nothing to press lies upon them,
#: since to axe nothing else is in the way. For these three axe must know where everything stands, which is half of what it does.
#: Style sheets would be asked for once more, for the sake of one rule about orientation, unless axe were told not to.
_LOOK = """async ([known, looks, off]) => {
    axe.configure({noHtml: true, rules: [
        {id: "color-contrast", selector: "[data-fresh]"},
        {id: "link-in-text-block", selector: "a[href][data-apart]"},
        {id: "target-size", selector: ":not([data-roomy])"},
    ]});
    const seen = new Set(known.split(",").map(Number));
    const hashes = new Map();
    const hash = words => {
        if (!hashes.has(words)) hashes.set(words, [...words].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 7));
        return hashes.get(words);
    };
    const hasText = one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const speaks = one => hasText(one) || one.matches("input, textarea, select");
    const inks = () => {
        const behind = new WeakMap();
        const painted = one => {
            if (!one) return "";
            if (behind.has(one)) return behind.get(one);
            const style = getComputedStyle(one), own = [style.backgroundColor, style.backgroundImage, style.opacity, style.position].join();
            const all = painted(one.parentElement) + (own === "rgba(0, 0, 0, 0),none,1,static" ? "" : own + "/");
            behind.set(one, all);
            return all;
        };
        return one => {
            const style = getComputedStyle(one);
            const isLarge = Math.ceil(parseFloat(style.fontSize) * 72) / 96 >= (style.fontWeight >= 700 ? 14 : 18);  // as axe reckons
            const shadow = style.textShadow === "none" ? "" : style.textShadow + style.fontSize;
            return [style.color, isLarge, shadow, one.matches(":disabled"), painted(one)].join();
        };
    };
    const isInline = one => getComputedStyle(one).display.startsWith("inline");
    const kin = (one, link) => one === link ? "*" : one.nodeType === 3 ? (one.data.trim() ? "t" : "")
        : one.nodeType !== 1 ? "" : !isInline(one) ? "B" : one.tagName + [...one.childNodes].map(child => kin(child, link)).join("") + "/";
    const drawn = (one, ink, link) => {
        const style = getComputedStyle(one), round = ["::before", "::after"].map(place => getComputedStyle(one, place));
        const own = [ink(one), style.fontSize, style.fontWeight, style.textDecoration,
            style.border, style.borderBottom, style.fontFamily, style.fontStyle, style.display,
            ...round.map(at => at.content + at.width + at.height + at.backgroundImage)].join();
        return own + (isInline(one) ? drawn(one.parentElement, ink, link) : [...one.childNodes].map(child => kin(child, link)).join(""));
    };
    const mark = (name, all, look) => {
        const fresh = new Map();
        for (const one of document.querySelectorAll(`[data-${name}]`)) delete one.dataset[name];
        for (const one of all) {
            const found = hash(name + look(one));
            if (!seen.has(found) && !fresh.has(found) && one.checkVisibility()) fresh.set(found, one);
        }
        for (const one of fresh.values()) one.dataset[name] = "";
        return [...fresh.keys()];
    };
    const markRoomy = () => {
        const isFixed = one => Boolean(one) && (getComputedStyle(one).position === "fixed" || isFixed(one.parentElement));
        const targets = "a, area, button, input, select, textarea, summary, iframe, [contenteditable], [tabindex]:not([tabindex='-1'])";
        const placed = [...document.body.querySelectorAll(targets)].map(one => [one, one.getBoundingClientRect()]);
        const pressed = placed.filter(([, at]) => at.width && at.height);
        const apart = (x, y, its) => Math.hypot(Math.max(Math.abs(x - its.left - its.width / 2) - Math.max(its.width, 24) / 2, 0),
            Math.max(Math.abs(y - its.top - its.height / 2) - Math.max(its.height, 24) / 2, 0));
        const meet = (at, its) => its.left < at.right && its.right > at.left && its.top < at.bottom && its.bottom > at.top;
        for (const [one, at] of pressed) {
            const x = at.left + at.width / 2, y = at.top + at.height / 2;
            const isFree = pressed.every(([other, its]) => other === one || apart(x, y, its) > 12);
            const isLarge = () => at.width >= 24 && at.height >= 24 && one.getClientRects().length === 1;
            const upon = () => pressed.filter(([other, its]) => meet(at, its) && !other.contains(one));
            one.toggleAttribute("data-roomy", isFree || (isLarge() && upon().every(([other]) => isFixed(other) !== isFixed(one))));
        }
    };
    const told = [], passed = [], rules = Object.fromEntries(off.map(rule => [rule, {enabled: false}]));
    for (const [theme, runOnly] of looks) {
        if (theme) document.documentElement.dataset.theme = theme;
        const ink = inks(), isWhole = runOnly.type !== "rule";
        const fresh = mark("fresh", [...document.body.querySelectorAll("*")].filter(speaks), ink);
        if (!fresh.length && !isWhole) continue;
        if (isWhole) fresh.push(...mark("apart", document.links, one => drawn(one, ink, one)));
        if (isWhole) markRoomy();
        const found = await axe.run(document, {runOnly, rules, resultTypes: ["violations"], preload: false, elementRef: true});
        told.push(...found.violations.flatMap(one => one.nodes.map(
            node => `${theme} ${innerWidth} ${one.id}: ${node.element.outerHTML.slice(0, 160)} ${node.failureSummary}`)));
        if (found.violations.length) continue;
        passed.push(...fresh);
        for (const mark of fresh) seen.add(mark);
    }
    return [told, passed];
}"""
_HAS_AXE = "() => Boolean(globalThis.axe)"
_PREPARE = f"() => {{ {LAY_ALL_OUT} ({_THIN})(); return ({_HAS_AXE})(); }}"
_looked_at: set[int] = set()


def bring_axe(context: BrowserContext) -> None:
    """To every page of it, from the start: half a megabyte that goes to the browser once."""
    context.add_init_script(_AXE)


def barriers(page: Page, *, is_done: bool = False) -> list[str]:
    """Of the page as it stands; one that nothing else is to be done with loses rows over it, as everywhere."""
    _bring_axe(page, _PREPARE if is_done else _HAS_AXE)
    return _look(page, [("", _ALL)], "")


def everywhere(page: Page, *, but: str = "") -> list[str]:
    """In both themes and sizes, but those of one rule; themes differ in colours alone, so the light one is looked at for those.

    The page loses rows over it. A full look is also one at contrast: where everything stands, which costs most, is then asked once.
    """
    _bring_axe(page, _PREPARE)
    found = []
    for size in sorted(_SIZES, key=lambda size: size["width"] != (page.viewport_size or size)["width"]):
        if page.viewport_size != size:
            page.set_viewport_size(size)
        found += _look(page, [("dark", _ALL), ("light", _CONTRAST)], but)
    return found


def _bring_axe(page: Page, has_axe: str) -> None:
    """Half a megabyte, so only to a window that hasn't got it; whoever asks for that may do more on the way."""
    if not page.evaluate(has_axe):
        page.evaluate(_AXE)


def _look(page: Page, looks: list[tuple[str, object]], but: str) -> list[str]:
    """What is wrong; only what was looked at and passed is known the next time."""
    found, passed = page.evaluate(_LOOK, [",".join(map(str, _looked_at)), looks, [but] if but else []])
    _looked_at.update(passed)
    return list(found)
