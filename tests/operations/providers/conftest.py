"""What every provider's tests use: a session, and a patience that doesn't last."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from audiospective.operations.providers.asking import Patience

HASTE = Patience(total_s=20, pause_s=0.01, longest_pause_s=1)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
