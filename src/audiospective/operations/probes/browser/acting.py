"""Archiving by hand, and taking an export away (runbook, "Test 4" and "Test 5")."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from math import inf
from typing import TYPE_CHECKING, Final, TypeAlias

from audiospective.operations.judge import Reading
from audiospective.operations.probes.browser.walking import Expected, Walk, before_long

if TYPE_CHECKING:
    from playwright.async_api import Locator, Request, Route

ARCHIVE: Expected = {
    "archive_disabled": "no",
    "loading": "no",
    "toast_s": inf,
    "toast_words": "no toast",
    "archive_renewed": "no",
    "archive_enabled": "no",
}
EXPORT: Expected = {"export_dialog": "no", "csv_download": "no", "csv_name": "none"}

_ASK = "**/api/archive/request"
_TOLD = "**/api/archive/status"
_ARCHIVED = re.compile(r"Successfully archived ([\d,]+) tracks?")
_DELAY_S = 2.0
_SILENT = {"error": "SPOTIFY_API_ERROR", "message": "Spotify is silent."}
_AS_IT_SAYS = "as the runbook says"

#: How a request of the page's is answered in the server's place.
Answered: TypeAlias = Callable[["Route"], Awaitable[None]]

#: How many plays of this listener are stored now.
Count = Callable[[], Awaitable[int]]


async def archive(walk: Walk, seen: dict[str, Reading], count: Count) -> None:
    """Press "Archive now" while the API is two seconds slow; press again meanwhile; then let it fail in
    each way, and be able to press again.
    """
    await walk.page.goto("/dashboard?range=all")
    button = walk.page.locator("button.archive")
    before, shown = await count(), await _shown(walk)
    asked: list[Request] = []
    await walk.page.route(_ASK, _slowly)
    walk.page.on("request", lambda one: asked.append(one) if one.url.endswith("/api/archive/request") else None)
    began = walk.clock.monotonic()
    await button.click()
    busy = await button.get_attribute("aria-disabled") == "true"
    said = await button.locator("[aria-live]").inner_text()
    await button.dispatch_event("click")
    await walk.picture("archiving")
    toast = walk.page.locator(".toasts[role=status] .toast")
    try:
        await toast.wait_for()
        words = await toast.inner_text()  # at once: it goes by itself
    finally:  # by now a second request would have been made, whether or not anything is told
        seen["archive_disabled"] = _yes(busy and len(asked) == 1, f"{len(asked)} requests, aria-disabled {busy}")
        seen["loading"] = _yes("Reading Spotify" in said, said)
    seen["toast_s"] = Reading(round(max(walk.clock.monotonic() - began - _DELAY_S, 0.0), 1), "browser")
    await walk.picture("archived")
    more = await count() - before
    seen["toast_words"] = _told(words, more)
    seen["archive_renewed"] = await _renewed(walk, shown, more)
    seen["archive_enabled"] = await _enabled(walk, button)


async def export(walk: Walk, seen: dict[str, Reading], today: str) -> None:
    """Open the dialog, choose CSV, and have the file; `today` is the listener's date, as its name holds it."""
    await walk.page.goto("/dashboard?range=all")
    await walk.page.get_by_role("link", name="Export", exact=True).first.click()
    dialog = walk.page.locator("dialog[open]")
    await dialog.wait_for()
    inside = bool(await walk.page.evaluate("document.activeElement.closest('dialog') !== null"))
    csv, json = (dialog.get_by_role("radio", name=re.compile(f"^{name}")) for name in ("CSV", "JSON"))
    choices = [await csv.count(), await json.count()]
    seen["export_dialog"] = _yes(inside and all(choices), f"focus inside: {inside}, choices {choices}")
    await walk.picture("export")
    async with walk.page.expect_download() as coming:
        await csv.check()
        await dialog.get_by_role("button", name="Export", exact=True).click()
    download = await coming.value
    path = walk.folder / "export.csv"
    await download.save_as(path)
    content = await asyncio.to_thread(path.read_bytes)
    is_whole = await download.failure() is None and content.startswith(b"\xef\xbb\xbf") and content.endswith(b"\r\n")
    digest = hashlib.sha256(content).hexdigest()
    seen["csv_download"] = Reading("whole" if is_whole else "cut off", "browser", f"{len(content):,} bytes", evidence={"sha256": digest})
    wanted = f"spotify-archive-{today}.csv"
    name = download.suggested_filename
    seen["csv_name"] = Reading("right" if name == wanted else name, "browser", f"wanted {wanted}")
    await asyncio.to_thread(path.unlink)  # somebody's plays are no evidence


async def _slowly(route: Route) -> None:
    await asyncio.sleep(_DELAY_S)
    await route.continue_()


def _told(words: str, more: int) -> Reading:
    found = _ARCHIVED.fullmatch(words.strip())
    if found is None:
        return Reading(words.strip(), "browser")
    said = int(found[1].replace(",", ""))
    return Reading(_AS_IT_SAYS if said == more else f"{said} said, {more} stored", "browser", f"{more} new")


async def _shown(walk: Walk) -> str:
    numbers = walk.page.locator("main .stats .stat dd").first
    return await numbers.inner_text() if await numbers.count() else ""


async def _renewed(walk: Walk, shown: str, more: int) -> Reading:
    """The page changed by itself when there was something new."""
    if not more:
        return Reading(source="browser", inapplicable="nothing new was played, so nothing changes")
    for _ in range(20):
        now = await _shown(walk)
        if now != shown:
            return Reading("yes", "browser", f"{shown or 'nothing'} became {now}")
        await asyncio.sleep(0.25)
    return Reading("no", "browser", f"{more} new plays, and the page still shows {shown}")


async def _enabled(walk: Walk, button: Locator) -> Reading:
    """After it was done, and after each way in which it may fail, until one keeps it disabled."""
    await walk.page.unroute(_ASK)
    free = ["it was done"] if await _is_free(button) else []
    for what, (asked, told) in _FAILURES.items():
        if not free:
            break
        heard = len(walk.complaints)
        await walk.page.route(_ASK, asked)
        await walk.page.route(_TOLD, told)
        async with walk.page.expect_request(_ASK):
            await button.click()
        is_free = await _is_free(button)
        await walk.page.unroute(_ASK)
        await walk.page.unroute(_TOLD)
        del walk.complaints[heard:]  # the browser's own notes of the answers that we made up
        if not is_free:
            return _yes(is_so=False, note=f"still disabled after {what}")
        free.append(what)
    return _yes(bool(free), f"free after {', '.join(free)}" if free else "still disabled after it was done")


async def _is_free(button: Locator) -> bool:
    """Whether it can be pressed again before long."""

    async def is_enabled() -> bool:
        return await button.get_attribute("aria-disabled") != "true"

    return await before_long(is_enabled, 5)


async def _refused(route: Route) -> None:
    await route.fulfill(status=503, json=_SILENT)


async def _taken(route: Route) -> None:
    await route.fulfill(status=202, json={"state": "queued", "message": ""})


async def _failed(route: Route) -> None:
    await route.fulfill(json={"state": "failed", "message": _SILENT["message"]})


async def _unanswered(route: Route) -> None:
    await route.abort("timedout")


#: How it may end badly: what the request is answered, and what is told of it afterwards.
_FAILURES: Final[Mapping[str, tuple[Answered, Answered]]] = {
    "it was refused": (_refused, _failed),
    "the sweep failed": (_taken, _failed),
    "nobody answered": (_unanswered, _failed),
}


def _yes(is_so: bool, note: str) -> Reading:
    return Reading("yes" if is_so else "no", "browser", note)
