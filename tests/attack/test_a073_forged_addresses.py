"""A073: who asks is what a configured proxy says, and nobody else; a forged X-Forwarded-For neither dodges a limit nor costs another's."""

from __future__ import annotations

from pathlib import Path

import pytest

from audiospective.infra.database import Database
from audiospective.web.guard import NORMAL
from tests.clock import FakeClock
from tests.web.site import browser_at, opened


async def _left(url: str, *forwarded: str) -> list[int]:
    """What each answer says is left of the asker's budget."""
    async with browser_at(url) as client:
        answers = [await client.get("/help", headers={"X-Forwarded-For": one}) for one in forwarded]
    return [int(answer.headers["x-ratelimit-remaining"]) for answer in answers]


@pytest.mark.parametrize("proxies", [(), ("10.0.0.0/8",)], ids=["none configured", "another configured"])
async def test_nobody_is_believed_who_is_no_configured_proxy(
    db: Database, clock: FakeClock, tmp_path: Path, proxies: tuple[str, ...]
) -> None:
    async with opened(db, clock, tmp_path, proxies=proxies) as site:
        assert await _left(site.url, "192.0.2.1", "192.0.2.2") == [NORMAL.uses - 1, NORMAL.uses - 2]


async def test_behind_a_configured_proxy_everybody_has_a_budget_of_their_own(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    async with opened(db, clock, tmp_path, proxies=("127.0.0.1",)) as site:
        assert await _left(site.url, "192.0.2.1", "192.0.2.2", "192.0.2.1") == [NORMAL.uses - 1, NORMAL.uses - 1, NORMAL.uses - 2]


async def test_what_the_asker_put_before_the_proxys_word_counts_for_nothing(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    async with opened(db, clock, tmp_path, proxies=("127.0.0.1",)) as site:
        assert await _left(site.url, "192.0.2.7, 192.0.2.1", "192.0.2.8, 192.0.2.1") == [NORMAL.uses - 1, NORMAL.uses - 2]
