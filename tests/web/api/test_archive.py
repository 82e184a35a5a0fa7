"""Archive Now, over HTTP."""

from __future__ import annotations

import httpx

from audiospective.infra.database import fetch_all
from tests.web.site import Site, agree


async def _signed_in(browser: httpx.AsyncClient) -> None:
    begun = await browser.get("/auth/spotify")
    await browser.get(await agree(begun.headers["location"]))


async def test_pressed_twice_it_is_one_request(connected: Site) -> None:
    async with connected.browser() as browser:
        await _signed_in(browser)
        script = {"Accept": "application/json"}
        first = await browser.post("/api/archive/request", headers=script)
        second = await browser.post("/api/archive/request", headers=script)
        assert (first.status_code, first.json()["state"], first.json()["requestId"]) == (202, "queued", second.json()["requestId"])
        status = (await browser.get("/api/archive/status")).json()
    assert {"requestId", "state", "songsArchived", "message"} <= set(status)
    async with connected.parts.db.transaction() as conn:
        assert await fetch_all(conn, "SELECT task_name FROM procrastinate_jobs", str) == ["archive_person"]


async def test_before_the_first_press_there_is_nothing_to_tell(mara: httpx.AsyncClient) -> None:
    told = (await mara.get("/api/archive/status")).json()
    assert (told["requestId"], told["state"], told["songsArchived"]) == (None, None, 0)


async def test_without_spotify_there_is_nothing_to_ask(mara: httpx.AsyncClient) -> None:
    answer = await mara.post("/api/archive/request")
    assert (answer.status_code, answer.json()["error"]) == (403, "FORBIDDEN")
