"""Walks of the smoke tests at the instance that all tests share."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from playwright.async_api import Page, Route

from audiospective.infra.clock import SystemClock
from audiospective.operations.judge import Reading, Status
from audiospective.operations.probes.browser import arriving, walking
from audiospective.operations.probes.browser.walking import Place, Walk, fresh
from tests.browser.conftest import simulator_of, wait_for_turn

#: So long is waited where all comes; and where something never does.
_PATIENCE_MS, _SHORT_PATIENCE_MS = 30_000, 8_000


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong: of what is served at addresses that fit `at`, every `before` (a pattern) is `after`; and what is red then."""

    what: str
    at: str
    before: str
    after: str
    red: dict[str, Status]


@dataclass(frozen=True, slots=True)
class Bench:
    """A browser, and a listener who has signed in and archived all there is."""

    walk: Walk

    @contextlib.asynccontextmanager
    async def page(self, wrong: Wrong | None, *, lacks: bool = False) -> AsyncIterator[Walk]:
        """The listener's page, served with what is wrong; `lacks`: something never comes although nothing is wrong with what is served.

        It is one and the same each time: a new one costs twice as much.
        """
        page = self.walk.page
        self.walk.complaints.clear()
        async with _served(page, wrong, lacks=lacks):
            yield self.walk
            await page.unroute_all(behavior="wait")
            await page.goto("/api/health")  # a document without scripts, for which Chromium needs no other process

    @contextlib.asynccontextmanager
    async def stranger(self, wrong: Wrong | None = None, *, place: Place | None = None, script: str = "") -> AsyncIterator[Walk]:
        """A page of a browser without history, likewise; before anything of a page's own this script runs."""
        place = place or self.walk.place
        context = await fresh(self.walk.browser, place)
        await context.add_init_script(script)
        walk = replace(self.walk, place=place, context=context, page=await context.new_page(), complaints=[], pictures=[])
        walk.listen(walk.page)
        try:
            async with _served(walk.page, wrong):
                yield walk
        finally:
            await context.close()


@contextlib.asynccontextmanager
async def _served(page: Page, wrong: Wrong | None, *, lacks: bool = False) -> AsyncIterator[None]:
    """This page with what is wrong; it must have met something that it changes."""
    page.set_default_timeout(_SHORT_PATIENCE_MS if wrong or lacks else _PATIENCE_MS)
    if wrong is None:
        yield
        return
    met: set[str] = set()
    await page.route(re.compile(wrong.at), partial(_change, wrong=wrong, met=met))
    yield
    assert met, f"nothing was there to be made wrong: {wrong.what}"


async def _change(route: Route, wrong: Wrong, met: set[str]) -> None:
    """A form's answer is read behind its redirect, since the browser asks for that by itself."""
    change, sent = partial(re.sub, wrong.before, wrong.after, flags=re.DOTALL), route.request.post_data
    answer = await route.fetch(post_data=change(sent or "") or None, max_redirects=5 * (sent is not None))
    text, headers = await answer.text(), dict(answer.headers)
    changed = {name: change(value) for name, value in headers.items()}
    if (change(sent or ""), change(text), changed) != (sent or "", text, headers):
        met.add(route.request.url)
    changed.pop("content-security-policy", None)  # scripts are named there by their content
    changed["cache-control"] = "no-store"  # the next walk is to have its own
    await route.fulfill(status=answer.status, headers=changed, body=change(text))


def place_of(instance: str) -> Place:
    """Where a walk goes."""
    return Place(instance, simulator_of(instance), "audiospective_session", is_simulated=True)


async def sign_in(walk: Walk, label: str = "sign-in") -> dict[str, Reading]:
    """The walk's own sign-in, in its turn."""
    await asyncio.to_thread(wait_for_turn)
    return await walking.taken(walk, label, arriving.sign_in, arriving.SIGN_IN)


@contextlib.asynccontextmanager
async def benched(instance: str, folder: Path, chromium: Path) -> AsyncIterator[Bench]:
    """A listener has signed in, come back, and archived all there is."""
    async with walking.opened(place_of(instance), SystemClock(), folder, str(chromium)) as walk:
        await sign_in(walk)
        await walking.taken(walk, "come-back", arriving.come_back, arriving.COME_BACK)
        await walk.page.goto("/dashboard?range=all")
        await walk.page.locator("button.archive").click()
        await walk.page.locator(".toast").wait_for()
        yield Bench(walk)
