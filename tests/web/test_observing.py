"""What is kept of requests: kinds, counts and lines; never whom, and never a secret of an address."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from audiospective.infra.logfile import LogFile
from audiospective.operations import measures, visits
from audiospective.operations.measures import Cell
from audiospective.web.observing import Answers, flush, kind_for
from tests.web.site import Site

_FIREFOX = {"User-Agent": "Mozilla/5.0 Firefox/140.0"}


async def _cells(site: Site) -> list[Cell]:
    await flush(site.parts)
    now = site.parts.clock.now()
    async with site.parts.db.reading() as conn:
        return await measures.minutes(conn, now - timedelta(hours=1), now + timedelta(hours=1))


def _lines(site: Site) -> list[str]:
    return list(site.parts.log_file._waiting)


async def test_requests_are_counted_by_kind_and_end(site: Site, stranger: httpx.AsyncClient) -> None:
    for path in ("/privacy", "/terms", "/nothing", "/api/stats", "/dashboard", "/api/health"):
        await stranger.get(path)
    found = {(cell.kind, cell.class_): cell.count for cell in await _cells(site)}
    assert found == {
        ("page", "2xx"): 2,
        ("page", "4xx"): 1,
        ("api", "4xx"): 1,
        ("dashboard", "3xx"): 1,
        ("health", "2xx"): 1,
    }


async def test_only_people_are_counted_among_whom_a_release_must_answer(site: Site, stranger: httpx.AsyncClient) -> None:
    for path in ("/privacy", "/nothing", "/api/stats", "/api/health", "/answers"):
        await stranger.get(path)
    for path in ("/privacy", "/api/stats"):
        await stranger.get(path, headers={"User-Agent": "Audiospective/up"})
    answers: Answers = site.app.state.answers
    assert (answers.asked, answers.failed) == (4, 0)
    for status in (499, 500, 503):
        answers.note("dashboard", status)
        answers.note("health", status)
    assert (answers.asked, answers.failed) == (7, 1)


async def test_a_line_is_in_the_runbooks_shape_and_has_no_id(site: Site, stranger: httpx.AsyncClient) -> None:
    await stranger.get("/share/canary-secret")
    await stranger.get("/canary/secret")
    lines = "\n".join(_lines(site))
    assert "canary" not in lines
    assert "] GET /share/{share_id} 404 (" in lines
    assert "] GET (no such address) 404 (" in lines


async def test_people_are_counted_and_programs_are_not(site: Site) -> None:
    async with site.browser() as client:
        for headers in (_FIREFOX, _FIREFOX, {"User-Agent": "curl/8"}, _FIREFOX | {"Sec-Fetch-Dest": "empty"}):
            await client.get("/privacy", headers=headers)
    await flush(site.parts)
    now = site.parts.clock.now()
    async with site.parts.db.reading() as conn:
        found = await visits.count(conn, now - timedelta(hours=1), now + timedelta(hours=1))
    assert (found.visits, found.pages) == (1, 2)


async def test_pages_tell_how_fast_they_came_up(site: Site, stranger: httpx.AsyncClient) -> None:
    body = {"lcp": 400.5, "cls": 0.02}
    assert (await stranger.post("/api/vitals", json=body, headers=_FIREFOX)).status_code == 204
    assert (await stranger.post("/api/vitals", json={"lcp": 1e9})).status_code == 400
    assert (await stranger.post("/api/vitals", content=b"x" * 2_000)).status_code == 413
    found = {(cell.kind, cell.class_) for cell in await _cells(site)}
    assert {("vital.lcp", "real"), ("vital.cls", "real")} <= found


@pytest.mark.parametrize(
    ("path", "agent", "kind"),
    [
        ("/", "Audiospective/0.1", "probe"),
        ("/api/test-sentry", "Audiospective/0.1", "test"),
        ("/api/export", "x", "export"),
        ("/auth/spotify", "x", "sign-in"),
        ("/share/x", "x", "share"),
        ("/static/x", "x", "static"),
        ("/ops/watch", "x", "ops"),
    ],
)
def test_kinds_are_few(path: str, agent: str, kind: str) -> None:
    assert kind_for(path, agent) == kind


async def test_a_log_that_takes_nothing_changes_no_answer(site: Site, stranger: httpx.AsyncClient) -> None:
    object.__setattr__(site.parts, "log_file", LogFile(site.parts.settings.home / "x", most_waiting=1))
    for _ in range(3):
        assert (await stranger.get("/privacy")).status_code == 200
    assert site.parts.log_file.dropped == 2
