"""ETags: 304 as long as nothing has changed, and never for somebody or something else."""

from __future__ import annotations

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source, UserId
from audiospective.infra.database import execute
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock
from tests.web.site import Site

_TAGGED = (
    "/api/stats",
    "/api/top-tracks",
    "/api/top-albums",
    "/api/activity",
    "/api/recent-plays",
    "/api/comparison",
    "/api/analytics/trends",
    "/api/analytics/discovery",
    "/api/analytics/streaks",
    "/api/analytics/diversity",
    "/api/genres",
    "/api/top-artists",
    "/api/insights",
    "/api/analytics/eras",
    "/api/analytics/seasons",
    "/api/analytics/cohorts",
    "/api/analytics/decades",
    "/api/analytics/places",
    "/api/analytics/calendar",
    "/api/analytics/firsts",
    "/api/analytics/movement",
    "/api/analytics/taste",
    "/api/analytics/favourites",
    "/api/analytics/runs",
    "/api/analytics/skips",
    "/api/analytics/spoken",
)
_PAGES = ("/dashboard", "/dashboard?range=all", "/history", "/history?q=tide", "/insights", "/year/2026")


async def again(client: httpx.AsyncClient, path: str, first: httpx.Response) -> int:
    return (await client.get(path, headers={"If-None-Match": first.headers["etag"]})).status_code


@pytest.mark.parametrize("path", _TAGGED)
async def test_an_unchanged_answer_is_not_sent_again(mara: httpx.AsyncClient, path: str) -> None:
    first = await mara.get(path)
    assert (first.status_code, first.headers["cache-control"]) == (200, "private, no-cache")
    second = await mara.get(path, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (second.status_code, second.content, second.headers["etag"]) == (304, b"", first.headers["etag"])
    assert second.headers.get_list("cache-control") == ["private, no-cache"]


async def test_every_path_and_query_has_a_tag_of_its_own(mara: httpx.AsyncClient) -> None:
    paths = (*_TAGGED, "/api/stats?range=7d", "/api/top-tracks?limit=5", "/api/recent-plays?q=tide")
    tags = [(await mara.get(path)).headers["etag"] for path in paths]
    assert len(set(tags)) == len(paths)


async def test_a_new_play_changes_it(site: Site, mara: httpx.AsyncClient) -> None:
    first = await mara.get("/api/stats")
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(UserId((await site.listener()).id), Source.API, Heard(0, "Tide"))])
    assert await again(mara, "/api/stats", first) == 200


@pytest.mark.parametrize(
    ("method", "path", "body"), [("PATCH", "/api/settings", {"timeZone": "Asia/Tokyo"}), ("PATCH", "/api/lens", {"leastPlaySeconds": 5})]
)
async def test_another_zone_or_lens_changes_it(mara: httpx.AsyncClient, method: str, path: str, body: dict[str, object]) -> None:
    first = await mara.get("/api/stats")
    assert (await mara.request(method, path, json=body)).status_code == 200
    assert await again(mara, "/api/stats", first) == 200


async def test_what_is_told_of_anybodys_music_changes_it(site: Site, mara: httpx.AsyncClient, clock: FakeClock) -> None:
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(UserId((await site.listener()).id), Source.API, Heard(0, "Tide"))])
    first = await mara.get("/api/genres")
    async with site.parts.db.transaction() as conn:
        await execute(conn, "UPDATE artists SET genres = '{ambient}', described_at = %(now)s", now=clock.now())
    assert await again(mara, "/api/genres", first) == 200


@pytest.mark.parametrize("path", _PAGES)
async def test_a_page_is_not_sent_again_within_its_minute(visitor: httpx.AsyncClient, path: str) -> None:
    first = await visitor.get(path)
    assert first.status_code == 200
    assert await again(visitor, path, first) == 304
    assert (await visitor.get(path, headers={"If-None-Match": first.headers["etag"], "Accept-Language": "de"})).status_code == 200


async def test_a_new_play_or_another_theme_changes_a_page(site: Site, visitor: httpx.AsyncClient, mara: httpx.AsyncClient) -> None:
    first = await visitor.get("/history")
    assert (await mara.patch("/api/settings", json={"theme": "dark"})).status_code == 200
    second = await visitor.get("/history", headers={"If-None-Match": first.headers["etag"]})
    assert second.status_code == 200
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(UserId((await site.listener()).id), Source.API, Heard(0, "Tide"))])
    assert await again(visitor, "/history", second) == 200


async def test_the_next_day_changes_it(mara: httpx.AsyncClient, clock: FakeClock) -> None:
    first = await mara.get("/api/stats?range=7d")
    clock.forward(days=1)
    assert await again(mara, "/api/stats?range=7d", first) == 200


async def test_nobody_is_told_that_anothers_answer_is_unchanged(site: Site, mara: httpx.AsyncClient) -> None:
    first = await mara.get("/api/stats")
    async with site.script(await site.token("otto")) as otto, site.script() as nobody:
        assert await again(otto, "/api/stats", first) == 200
        assert await again(nobody, "/api/stats", first) == 401


async def test_a_refusal_has_no_tag(mara: httpx.AsyncClient) -> None:
    answer = await mara.get("/api/stats?range=fortnight", headers={"If-None-Match": '"x"'})
    assert (answer.status_code, "etag" in answer.headers, answer.headers["cache-control"]) == (400, False, "no-store")


async def test_a_value_that_stands_twice_is_still_refused(mara: httpx.AsyncClient) -> None:
    assert (await mara.get("/api/stats?range=7d&range=30d")).status_code == 400
