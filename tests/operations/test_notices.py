"""What everybody is told: published, seen to be there, taken back; and the front page answers whatever the database does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import httpx
import pytest

from audiospective.errors import Invalid
from audiospective.infra.database import Database, execute
from audiospective.operations import incidents, notices
from audiospective.operations.notices import Board, Place
from tests.clock import FakeClock
from tests.web.site import Site, opened, simulator


@pytest.fixture
async def site(db: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Site]:
    async with opened(db, clock, tmp_path) as running:
        yield running


@pytest.fixture
async def stranger(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with site.browser() as client:
        yield client


async def _publish(site: Site, place: Place, said: str) -> None:
    async with site.parts.db.transaction() as conn:
        await notices.publish(conn, place, said, by="noor", now=site.parts.clock.now())
    site.parts.clock.forward(seconds=6)  # type: ignore[attr-defined]  # the test's clock


async def _seen(site: Site) -> dict[str, object]:
    async with aiohttp.ClientSession() as http:
        found = await notices.look(site.parts.db, http, site.url)
    return {name: one.value for name, one in found.items()}


async def test_each_stands_on_its_page_and_is_seen_there(site: Site, stranger: httpx.AsyncClient) -> None:
    assert set((await _seen(site)).values()) == {None}
    assert (await stranger.get("/launch")).status_code == 404
    for place in Place:
        await _publish(site, place, f"Open to <everyone> at {place}\n\nCome in.")
    assert set((await _seen(site)).values()) == {"published"}
    page, feed = (await stranger.get("/launch")).text, (await stranger.get("/launch.xml")).text
    assert '<h1 class="say">Open to &lt;everyone&gt; at announcement</h1>' in page
    assert "<title>Open to &lt;everyone&gt; at announcement</title>" in feed


async def test_what_the_headline_says_already_stands_on_the_status_page_once(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    async with db.transaction() as conn:
        await execute(conn, "INSERT INTO worker_heartbeats (name, beat_at) VALUES ('w', %(now)s)", now=clock.now())
    async with simulator(clock) as (url, _), opened(db, clock, tmp_path, spotify_url=url) as site, site.browser() as stranger:
        await _publish(site, Place.STATUS, "All Systems Operational")
        page = (await stranger.get("/status")).text
        assert (page.casefold().count("all systems operational"), page.count("data-notice=")) == (1, 1)
        assert "all systems operational" not in (await stranger.get("/status", headers={"Accept-Language": "de"})).text.casefold()
        assert (await _seen(site))["notices.status"] == "published"
        async with db.transaction() as conn:
            await incidents.begin(conn, severity=3, title="Some exports fail", said="x", actor="noor", now=clock.now())
        assert "All Systems Operational" in (await stranger.get("/status")).text  # beside a headline that says otherwise


async def test_what_is_taken_back_is_seen_no_more(site: Site, stranger: httpx.AsyncClient) -> None:
    await _publish(site, Place.LANDING, "Open to everyone")
    assert "Open to everyone" in (await stranger.get("/")).text
    async with site.parts.db.transaction() as conn:
        assert await notices.take_back(conn, Place.LANDING, by="noor", now=site.parts.clock.now())
        assert not await notices.take_back(conn, Place.LANDING, by="noor", now=site.parts.clock.now())
    site.parts.clock.forward(seconds=6)  # type: ignore[attr-defined]  # the test's clock
    assert "Open to everyone" not in (await stranger.get("/")).text


async def test_an_incident_of_many_stands_on_the_front_page_and_one_of_few_does_not(site: Site, stranger: httpx.AsyncClient) -> None:
    async with site.parts.db.transaction() as conn:
        for severity, title in ((3, "Some exports fail"), (2, "Sign-in fails")):
            await incidents.begin(conn, severity=severity, title=title, said="x", actor="noor", now=site.parts.clock.now())
    page = (await stranger.get("/")).text
    assert "Sign-in fails" in page
    assert "Some exports fail" not in page


async def test_with_the_database_away_it_says_what_it_knows(clock: FakeClock, db: Database) -> None:
    away, board = Database("postgresql://127.0.0.1:9/none", patience_s=0.1), Board()
    await away.open()
    async with db.transaction() as conn:
        await notices.publish(conn, Place.LANDING, "Open", by="noor", now=clock.now())
        with pytest.raises(Invalid):
            await notices.publish(conn, Place.LANDING, " ", by="noor", now=clock.now())
    await board.read(db, clock.now())
    clock.forward(minutes=1)
    assert (await board.read(away, clock.now())).notices["landing"].said == "Open"
    assert await board.read(away, clock.now() + timedelta(seconds=1)) is board
    await away.close()
