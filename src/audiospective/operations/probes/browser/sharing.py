"""Sharing a report, and seeing it as a stranger does (runbook, "Test 6")."""

from __future__ import annotations

import html
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from audiospective.insights.period import Period
from audiospective.operations.judge import Reading
from audiospective.operations.probes.browser.walking import Expected, Walk, before_long, fresh

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

SHARE: Expected = {
    "share_dialog": "no",
    "share_typed": "no",
    "share_range": "none",
    "share_made": 0,
    "share_told": "no",
    "share_id_bits": 0,
    "share_copied": "no",
}
STRANGER: Expected = {
    "shared_status": "none",
    "shared_title": "no",
    "shared_tracks": "no",
    "shared_days": "no",
    "identity_leaks": inf,
    "shared_after": "still there",
}

_TITLE = "Test Share"
_RANGE = "Last 7 days"
_MAKE = "Create share report"

#: How many reports this listener shares now.
Count = Callable[[], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Truth:
    """What the report must show: the top tracks with their counts, in order, which days, and what must not be seen."""

    tracks: Sequence[tuple[str, int]]
    days: Period
    canaries: Sequence[str]


async def share(walk: Walk, seen: dict[str, Reading], count: Count) -> None:
    """Make a report from the dialog, pressing twice, and copy its link."""
    before = await count()
    await walk.page.goto("/dashboard?range=all")
    await walk.page.get_by_role("link", name="Share these days").first.click()
    dialog = walk.page.locator("dialog[open]")
    await dialog.wait_for()
    title, days = dialog.get_by_label("Title", exact=True), dialog.get_by_label("Of", exact=True)
    inside = bool(await walk.page.evaluate("document.activeElement.closest('dialog') !== null"))
    fields = await title.count() + await days.count()
    seen["share_dialog"] = Reading("yes" if inside and fields == 2 else "no", "browser", f"focus inside: {inside}, {fields} fields of 2")
    await title.fill(_TITLE)
    seen["share_typed"] = Reading("yes" if await title.input_value() == _TITLE else "no", "browser")
    await days.select_option(label=_RANGE)
    seen["share_range"] = Reading(await days.input_value(), "browser")
    await walk.picture("share")
    await dialog.get_by_role("button", name=_MAKE).dblclick(no_wait_after=True)
    told = walk.page.locator(".share-link[role=status]")
    await told.wait_for()
    await walk.page.wait_for_load_state()
    seen["share_made"] = Reading(await count() - before, "browser", "pressed twice")
    seen["share_told"] = Reading("yes" if "Your link is ready" in await told.inner_text() else "no", "browser")
    link = (await told.locator("code").first.inner_text()).strip()
    share_id = link.removeprefix(f"{walk.place.url}/share/")
    seen["share_id_bits"] = Reading(len(share_id) * 6 if "/" not in share_id else 0, "browser", link[: len(walk.place.url) + 8] + "…")
    await told.get_by_role("button", name="Copy", exact=True).first.click()
    await walk.picture("shared")
    seen["share_copied"] = Reading("yes" if await _is_copied(walk.page, link) else "no", "browser")


async def stranger(walk: Walk, seen: dict[str, Reading], truth: Truth) -> None:
    """Open the link without any cookie, compare, and see it gone once it is taken back; of a page that doesn't load nothing is known."""
    link = str(await walk.page.evaluate("navigator.clipboard.readText()"))
    async with await fresh(walk.browser, walk.place) as context:
        page = await context.new_page()
        walk.listen(page)
        answer = await page.goto(link)
        status = answer.status if answer else 0
        cookies = len(await context.cookies())
        seen["shared_status"] = Reading(f"{status}" if not cookies else f"{status} with {cookies} cookies", "browser")
        own, walk.page = walk.page, page
        await walk.picture("stranger")
        walk.page = own
        if status == 200:
            await _shown(page, seen, truth)
            seen["shared_after"] = await _taken_back(walk, context, link)
        else:  # that it is gone afterwards says nothing either, and it is taken back all the same
            nothing = Reading(source="browser", problem=f"the page doesn't load ({status})")
            seen.update({name: nothing for name in STRANGER if name != "shared_status"})
            await _taken_back(walk, context, link)


async def _shown(page: Page, seen: dict[str, Reading], truth: Truth) -> None:
    content = html.unescape(await page.content())
    seen["shared_title"] = Reading("yes" if await page.locator("h1").inner_text() == _TITLE else "no", "browser")
    seen["shared_tracks"] = await _tracks(page, truth)
    days = await page.locator("main .eyebrow span").first.inner_text()
    seen["shared_days"] = Reading("yes" if _says(days, truth.days) else "no", "browser", f"{days} shown")
    seen["identity_leaks"] = await _leaks(page, content, truth)


async def _tracks(page: Page, truth: Truth) -> Reading:
    """Names, order and counts of the list of tracks."""
    rows = page.locator("section[aria-labelledby=tracks-title] ol > li")
    shown = [
        ((await row.locator(".what > *").first.inner_text()).strip(), (await row.locator(".how b").inner_text()).strip())
        for row in await rows.all()
    ]
    wanted = [(name, f"{plays:,}") for name, plays in truth.tracks]
    is_equal = shown == wanted[: len(shown)] and bool(shown) == bool(wanted)
    return Reading("yes" if is_equal else "no", "browser", f"{len(shown)} of {len(wanted)} tracks")


def _says(words: str, period: Period) -> bool:
    """Whether words such as "16–22 November 2026" are those of the period's two days."""
    if period.first_day is None or period.last_day is None:
        return False
    return (
        f"{period.last_day:%b}" in words
        and f"{period.last_day:%Y}" in words
        and set(re.findall(r"\b\d{1,2}\b", words)) == {str(period.first_day.day), str(period.last_day.day)}
    )


async def _leaks(page: Page, content: str, truth: Truth) -> Reading:
    """Whatever names the listener: in the page as it stands, in the answer's headers, in the picture that messengers show."""
    answer = await page.request.get(page.url)
    card = await page.request.get(f"{page.url}/card.png")
    everything = content + repr(answer.headers) + repr(card.headers) + (await card.body()).decode("latin-1")
    return Reading(sum(one in everything for one in truth.canaries if one), "browser", f"{len(truth.canaries)} names looked for")


async def _is_copied(page: Page, link: str) -> bool:
    async def is_there() -> bool:
        return bool(await page.evaluate("navigator.clipboard.readText()") == link)

    return await before_long(is_there, 2)


async def _taken_back(walk: Walk, context: BrowserContext, link: str) -> Reading:
    await walk.page.goto("/shares")
    await walk.page.get_by_role("button", name=f"Take back {_TITLE}").first.click()
    status = 0

    async def is_gone() -> bool:
        nonlocal status
        status = (await context.request.get(link)).status
        return status == 404

    return Reading("gone" if await before_long(is_gone, 2) else f"{status}", "browser")
