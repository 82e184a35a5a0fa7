"""The instances that these tests visit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from audiospective.infra.database import Database
from tests.clock import FakeClock

if TYPE_CHECKING:
    import httpx

    from audiospective.simulator.world import World
    from tests.web.site import Site


@pytest.fixture
async def site(db: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Site]:
    """An instance that can't reach Spotify."""
    from tests.web.site import opened  # noqa: PLC0415 (charts and views are looked at without the framework)

    async with opened(db, clock, tmp_path) as running:
        yield running


@pytest.fixture
async def world(clock: FakeClock) -> AsyncIterator[tuple[str, World]]:
    """The simulator."""
    from tests.web.site import simulator  # noqa: PLC0415

    async with simulator(clock) as playing:
        yield playing


@pytest.fixture
async def connected(db: Database, clock: FakeClock, tmp_path: Path, world: tuple[str, World]) -> AsyncIterator[Site]:
    """An instance beside the simulator."""
    from tests.web.site import opened  # noqa: PLC0415

    async with opened(db, clock, tmp_path, spotify_url=world[0]) as running:
        yield running


@pytest.fixture
async def mara(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A program of a listener's."""
    async with site.script(await site.token()) as client:
        yield client


@pytest.fixture
async def visitor(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Mara's browser, signed in."""
    async with site.browser(**await site.session()) as client:
        yield client


@pytest.fixture
async def stranger(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which nobody is signed in."""
    async with site.browser() as client:
        yield client
