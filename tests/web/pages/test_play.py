"""A play is followed down to who said it, by page and API alike."""

from __future__ import annotations

import re

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from tests.archive.listens import Heard, batch
from tests.web.site import Site


@pytest.fixture
async def heard(site: Site) -> None:
    """Spotify told Tide when it was asked, and its export told it later."""
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.API, Heard(2, "Tide"))])
        await store(conn, [batch(person.id, Source.EXTENDED, Heard(0, "Tide", ms=200_000))])


@pytest.mark.usefixtures("heard")
async def test_history_leads_to_the_play_and_the_play_to_its_sources(visitor: httpx.AsyncClient, mara: httpx.AsyncClient) -> None:
    place = re.search(r'href="(/play/[^"]+)"', (await visitor.get("/history")).text)
    assert place
    page = (await visitor.get(place[1])).text
    assert "2 sources reported this play; it is counted once." in page
    assert "Spotify, asked by a sweep" in page
    told = (await mara.get(f"/api/plays/{place[1].removeprefix('/play/')}")).json()
    assert [(one["source"], one["stands"]) for one in told["sources"]] == [("spotify-extended", True), ("spotify-api", False)]
    assert told["id"] == (await mara.get("/api/recent-plays")).json()["plays"][0]["id"]


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("play", ["x", "1-2", "1773860402000000", "-1-1", "99999999999999999999-1", "1-99999999999999", "%00-1"])
async def test_what_is_no_play_is_not_there(visitor: httpx.AsyncClient, mara: httpx.AsyncClient, play: str) -> None:
    assert (await visitor.get(f"/play/{play}")).status_code == 404
    assert (await mara.get(f"/api/plays/{play}")).status_code == 404


@pytest.mark.usefixtures("heard")
async def test_nobody_opens_anothers_play(site: Site, mara: httpx.AsyncClient) -> None:
    play = (await mara.get("/api/recent-plays")).json()["plays"][0]["id"]
    async with site.script(await site.token("otto")) as otto:
        assert (await otto.get(f"/api/plays/{play}")).status_code == 404
