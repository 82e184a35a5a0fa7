"""How fast a page comes up in a real browser, by the browser's own measures: paints, shifts, and the slowest answer to a hand."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from bench.figure import Figure

_LOADS = 5
_WATCH = """globalThis.seen = {lcp: 0, cls: 0, inp: 0};
const watch = (type, see, more = {}) =>
  new PerformanceObserver((list) => list.getEntries().forEach(see)).observe({type, buffered: true, ...more});
watch("paint", (one) => { if (one.name === "first-contentful-paint") seen.fcp = one.startTime; });
watch("largest-contentful-paint", (one) => { seen.lcp = one.startTime; });
watch("layout-shift", (one) => { if (!one.hadRecentInput) seen.cls += one.value; });
watch("event", (one) => { if (one.interactionId) seen.inp = Math.max(seen.inp, one.duration); }, {durationThreshold: 16});"""
#: What a hand opens on a page, before it types and goes over a chart with the arrow keys: the menu, other days, a chart's table.
_TOUCHED = ("details.menu summary", "details.pick-more summary", ".tbl summary")


async def figures(address: str, cookie: Mapping[str, str], paths: Mapping[str, str]) -> list[Figure]:
    """Medians of a few loads of each page, a name to its path, and the slowest of a few interactions with it."""
    found = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "scripts.browser"], stdout=subprocess.PIPE, text=True, check=True
    )
    shown: list[Figure] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=Path(found.stdout.strip()), args=["--no-sandbox", "--disable-gpu"])
        for name, path in paths.items():
            shown += await _of_page(browser, name, f"{address}{path}", address, cookie)
        await browser.close()
    return shown


async def _of_page(browser: Browser, name: str, url: str, address: str, cookie: Mapping[str, str]) -> list[Figure]:
    context = await browser.new_context()
    await context.add_init_script(_WATCH)
    await context.add_cookies([{"name": one, "value": value, "url": address} for one, value in cookie.items()])
    page = await context.new_page()
    loads = []
    for _ in range(_LOADS):
        await page.goto(url, wait_until="load")
        await _frames(page)
        loads.append(await page.evaluate("({...seen})"))
    await _touch(page)
    seen = await page.evaluate("({...seen})")
    await context.close()
    return [
        Figure(f"{name}: first contentful paint in Chromium", statistics.median(one["fcp"] for one in loads), "ms", "≤ 500"),
        Figure("  largest contentful paint", statistics.median(one["lcp"] for one in loads), "ms", "≤ 500"),
        Figure("  layout shift, all told", max(*(one["cls"] for one in loads), seen["cls"]), "", "0"),
        Figure("  slowest of its answers to a hand", seen["inp"], "ms", "≤ 100"),
    ]


async def _touch(page: Page) -> None:
    for selector in _TOUCHED:
        one = page.locator(selector).first
        if await one.count():
            await one.click()
            await _frames(page)
            await page.keyboard.press("Escape")
    search, chart = page.locator("#q"), page.locator("[data-plot]").first
    if await search.count():
        await search.type("tra", delay=30)
    if await chart.count():
        await chart.focus()
        for key in ("ArrowRight", "ArrowRight", "End", "Escape"):
            await page.keyboard.press(key)
    await _frames(page)


async def _frames(page: Page) -> None:
    """Two frames, after which what was painted has been told."""
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))")
