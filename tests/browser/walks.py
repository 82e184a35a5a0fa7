"""Walks of the smoke tests at the instance that all tests share."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from audiospective.infra.clock import SystemClock
from audiospective.operations.judge import Reading
from audiospective.operations.probes.browser import arriving, walking
from audiospective.operations.probes.browser.walking import Place, Walk
from tests.browser.conftest import simulator_of, wait_for_turn


def place_of(instance: str) -> Place:
    """Where a walk goes."""
    return Place(instance, simulator_of(instance), "audiospective_session", is_simulated=True)


async def sign_in(walk: Walk, label: str = "sign-in") -> dict[str, Reading]:
    """The walk's own sign-in, in its turn."""
    await asyncio.to_thread(wait_for_turn)
    return await walking.taken(walk, label, arriving.sign_in, arriving.SIGN_IN)


@contextlib.asynccontextmanager
async def archived(instance: str, folder: Path, chromium: Path) -> AsyncIterator[Walk]:
    """A listener has signed in, come back, and archived all there is."""
    async with walking.opened(place_of(instance), SystemClock(), folder, str(chromium)) as walk:
        await sign_in(walk)
        await walking.taken(walk, "come-back", arriving.come_back, arriving.COME_BACK)
        await walk.page.goto("/dashboard?range=all")
        await walk.page.locator("button.archive").click()
        await walk.page.locator(".toast").wait_for()
        yield walk
