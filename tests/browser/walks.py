"""Walks of the smoke tests at the instance that all tests share."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import APIRequestContext, Page, Route

from audiospective.infra.clock import SystemClock
from audiospective.operations.judge import Reading, Status
from audiospective.operations.probes.browser import arriving, walking
from audiospective.operations.probes.browser.walking import Place, Walk, fresh
from tests.browser.conftest import simulator_of, wait_for_turn

T = TypeVar("T")

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
    """A browser, and listeners who have signed in and archived all there is: `walk` is the first one's."""

    walk: Walk
    _free: asyncio.Queue[Walk] = field(default_factory=asyncio.Queue)

    def add(self, walk: Walk) -> None:
        """One more listener to walk as."""
        self._free.put_nowait(walk)

    @contextlib.asynccontextmanager
    async def page(self, wrong: Wrong | None, *, lacks: bool = False) -> AsyncIterator[Walk]:
        """A listener's page, served with what is wrong; `lacks`: something never comes although nothing is wrong with what is served.

        Each has one and the same each time: a new one costs twice as much.
        """
        walk = await self._free.get()
        walk.complaints.clear()
        try:
            async with _served(walk.page, wrong, lacks=lacks):
                yield walk
                await walk.page.unroute_all(behavior="wait")
                await walk.page.goto("/api/health")  # a document without scripts, for which Chromium needs no other process
        finally:
            self.add(walk)

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


class _Unpictured(Walk):
    """Keeps pictures only of what stopped it: that the rest is kept is seen where all goes well, in test_smoke.py."""

    async def picture(self, name: str) -> None:
        """One in ten of what a walk costs is spent on drawing and packing them."""
        if name.endswith("-stopped"):
            await super().picture(name)


def place_of(instance: str) -> Place:
    """Where a walk goes."""
    return Place(instance, simulator_of(instance), "audiospective_session", is_simulated=True)


async def sign_in(walk: Walk, label: str = "sign-in") -> dict[str, Reading]:
    """The walk's own sign-in, in its turn."""
    await asyncio.to_thread(wait_for_turn)
    return await walking.taken(walk, label, arriving.sign_in, arriving.SIGN_IN)


async def together(walks: Mapping[str, Coroutine[object, object, T]]) -> dict[str, T]:
    """What each of these walks found; they wait for what never comes at the same time, as many as there are listeners."""
    async with asyncio.TaskGroup() as group:
        under_way = {what: group.create_task(walk) for what, walk in walks.items()}
    return {what: one.result() for what, one in under_way.items()}


@contextlib.asynccontextmanager
async def benched(instance: str, folder: Path, chromium: Path) -> AsyncIterator[Bench]:
    """One listener has signed in, come back, and archived all there is; the others did so without looking."""
    async with walking.opened(place_of(instance), SystemClock(), folder, str(chromium)) as pictured:
        walk = _Unpictured(**{one.name: getattr(pictured, one.name) for one in fields(pictured)})
        await sign_in(walk)
        await walking.taken(walk, "come-back", arriving.come_back, arriving.COME_BACK)
        bench = Bench(walk)
        bench.add(walk)
        await _filled(walk.context.request, instance)
        for listener in ("regular", "owl"):
            context = await fresh(walk.browser, walk.place)
            await asyncio.to_thread(wait_for_turn)
            asked = await context.request.get("/auth/spotify")
            wish: dict[str, str | float | bool] = {name: values[0] for name, values in parse_qs(urlsplit(asked.url).query).items()}
            await context.request.post(asked.url.partition("?")[0], form=wish | {"listener": listener, "answer": "agree"})
            await _filled(context.request, instance)
            one = replace(walk, folder=folder / listener, context=context, page=await context.new_page(), complaints=[], pictures=[])
            one.folder.mkdir()
            one.listen(one.page)
            bench.add(one)
        yield bench


async def _filled(client: APIRequestContext, instance: str) -> None:
    """Have archived all there is."""
    told = await (await client.post("/api/archive/request", headers={"Origin": instance})).json()
    async with asyncio.timeout(60):
        while told["state"] != "done":
            await asyncio.sleep(0.1)
            told = await (await client.get("/api/archive/status")).json()
