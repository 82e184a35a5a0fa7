"""The world of these tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from audiospective.infra.database import Database
from tests.clock import FakeClock
from tests.stand_in import World, world_of


@pytest.fixture
async def world(db: Database, clock: FakeClock) -> AsyncIterator[World]:
    """A database, a clock, and Spotify as a test wants it."""
    async with world_of(db, clock) as made:
        yield made
