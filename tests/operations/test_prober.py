"""The prober outside: its file is first, the database is told when it is there, and nothing is counted twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from audiospective.infra.database import Database, fetch_all
from audiospective.infra.logfile import LogFile
from audiospective.operations import prober, uptime
from audiospective.operations.prober import Prober
from tests.clock import FakeClock
from tests.web.site import NOWHERE, Site, opened


@pytest.fixture
async def site(db: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Site]:
    async with opened(db, clock, tmp_path) as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def _counted(db: Database, clock: FakeClock) -> list[tuple[int, int]]:
    async with db.reading() as conn:
        return [(one.looks, one.healthy) for one in await uptime.days(conn, clock.now()) if one.service == uptime.WEBSITE]


async def test_a_site_that_answers_is_up_and_the_status_page_says_so(
    site: Site, clock: FakeClock, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    watch = Prober(http, site.url, clock, LogFile(tmp_path / "probe.jsonl"))
    seen = await watch.look()
    assert (seen.is_up, seen.said) == (False, "/api/health answers 503") or seen.is_up
    assert await watch.tell(site.parts.db) == 1
    assert (await _counted(site.parts.db, clock))[0][0] == 1
    async with site.script() as client:
        assert "website" in (await client.get("/api/status")).json()["uptime"]


async def test_what_the_database_missed_it_is_told_later_and_once(
    db: Database, clock: FakeClock, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    away, file = Database("postgresql://127.0.0.1:9/none", patience_s=0.1), LogFile(tmp_path / "probe.jsonl")
    await away.open()
    watch = Prober(http, NOWHERE, clock, file)
    for _ in range(3):
        seen = await watch.look()
        clock.forward(minutes=1)
    assert seen.said.startswith("/api/health doesn't answer")
    assert await watch.tell(away) == 0
    await away.close()
    assert await watch.tell(db) == 3
    assert await watch.tell(db) == 0
    assert await Prober(http, NOWHERE, clock, file).tell(db) == 0  # begun anew, it reads its file again
    assert await _counted(db, clock) == [(3, 0)]
    async with db.reading() as conn:
        assert await fetch_all(conn, "SELECT is_up FROM probe_looks", bool) == [False] * 3


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "probe.jsonl").write_text('{"at":"2026-01-01T00:00:00Z","is_up":true,"ms":9,"said":""}\n{"at":"2026-01-0\n')
    assert [one.ms for one in prober.read(tmp_path / "probe.jsonl")] == [9]
