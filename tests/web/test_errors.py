"""One tree of errors, told twice: to programs and to people."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from structlog.testing import capture_logs

from audiospective.infra.database import Database
from audiospective.web.visitor import cookie_name, form_token
from tests.clock import FakeClock
from tests.web.site import Site, opened

_WRONG = {
    "/api/stats?range=7x": (400, "VALIDATION_ERROR", "range"),
    "/api/stats?range=2024-13": (400, "VALIDATION_ERROR", "range"),
    "/api/stats?range=": (400, "VALIDATION_ERROR", "range"),
    "/api/stats?range=7d&range=all": (400, "VALIDATION_ERROR", "range"),
    "/api/top-tracks?limit=0": (400, "VALIDATION_ERROR", "limit"),
    "/api/top-albums?limit=51": (400, "VALIDATION_ERROR", "limit"),
    "/api/top-artists?limit=ten": (400, "VALIDATION_ERROR", "limit"),
    "/api/top-artists?limit=1e9": (400, "VALIDATION_ERROR", "limit"),
    "/api/recent-plays?limit=101": (400, "VALIDATION_ERROR", "limit"),
    "/api/recent-plays?before=yesterday": (400, "VALIDATION_ERROR", "before"),
    "/api/analytics/trends?interval=year": (400, "VALIDATION_ERROR", "interval"),
    "/api/export?format=xml": (400, "VALIDATION_ERROR", "format"),
    "/api/imports/77": (404, "NOT_FOUND", None),
    "/api/imports/99999999999999999999": (404, "NOT_FOUND", None),
    "/api/imports/-1": (404, "NOT_FOUND", None),
    "/api/imports/x": (404, "NOT_FOUND", None),
    "/api/genre": (404, "NOT_FOUND", None),
}


async def test_what_was_wrong_and_where(mara: httpx.AsyncClient) -> None:
    answers = {path: await mara.get(path) for path in _WRONG}
    told = {path: answer.json() for path, answer in answers.items()}
    assert {p: (answers[p].status_code, told[p]["error"], told[p]["details"].get("field")) for p in _WRONG} == _WRONG
    assert all(set(one) == {"error", "message", "details"} and one["message"].endswith(".") for one in told.values())


async def test_a_bad_value_is_quoted_and_the_right_one_is_named(mara: httpx.AsyncClient) -> None:
    told = (await mara.get("/api/top-tracks?limit=51")).json()
    assert told["message"] == "limit is “51”; it must be a whole number from 1 to 50."


async def test_unknown_parameters_are_ignored(mara: httpx.AsyncClient) -> None:
    assert (await mara.get("/api/stats?utm_source=mail&user_id=7&user_id=8")).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"theme": "pink"}, "theme"),
        ({"timeZone": "UTC'; DROP"}, "timeZone"),
        ({"displayName": ""}, "displayName"),
        ({"displayName": 7}, "displayName"),
    ],
)
async def test_a_bad_body_names_its_field(mara: httpx.AsyncClient, body: dict[str, object], field: str) -> None:
    answer = await mara.patch("/api/settings", json=body)
    assert (answer.status_code, answer.json()["error"], answer.json()["details"]) == (400, "VALIDATION_ERROR", {"field": field})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'"x"', b"{" * 10_000, b"[" * 10_000, b'{"x":' * 10_000])
async def test_a_body_that_is_no_json_is_a_bad_request(mara: httpx.AsyncClient, body: bytes) -> None:
    answer = await mara.patch("/api/settings", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) in {(400, "BAD_REQUEST"), (400, "VALIDATION_ERROR")}


async def test_a_body_that_is_too_large_is_refused(mara: httpx.AsyncClient) -> None:
    answer = await mara.patch("/api/settings", content=b'{"theme": "' + b"x" * 70_000 + b'"}', headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (413, "PAYLOAD_TOO_LARGE")


async def test_what_nobody_foresaw_is_logged_under_the_number_that_is_told(site: Site, stranger: httpx.AsyncClient) -> None:
    site.app.state.observer = None
    with capture_logs() as logs:
        answer = await stranger.get("/api/health")
    told = answer.json()
    assert (answer.status_code, told["error"]) == (500, "INTERNAL_ERROR")
    assert [line["request_id"] for line in logs if line["event"] == "web.failed"] == [told["details"]["requestId"]]
    assert "AttributeError" not in answer.text
    assert "Traceback" not in answer.text


class _Hungry:
    """What wants more memory than there is, whatever it is asked."""

    def __getattr__(self, name: str) -> object:
        raise MemoryError


async def test_too_little_memory_is_said_and_when_to_try_again(site: Site, stranger: httpx.AsyncClient) -> None:
    site.app.state.observer = _Hungry()
    for _ in range(2):  # it goes on
        answer = await stranger.get("/api/health")
        assert (answer.status_code, answer.json()["error"], answer.headers["retry-after"]) == (503, "INTERNAL_ERROR", "5")
        assert answer.json()["message"].startswith("This instance lacks the memory")


async def test_people_get_a_page_and_programs_json(stranger: httpx.AsyncClient) -> None:
    page = await stranger.get("/nowhere")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    told = await stranger.get("/nowhere", headers={"Accept": "application/json"})
    assert told.json()["error"] == "NOT_FOUND"


@pytest.mark.parametrize("path", ["/<script>alert(1)</script>", "/x?q=<script>alert(1)</script>", "/api/<script>alert(1)</script>"])
async def test_nothing_that_was_asked_comes_back_as_markup(stranger: httpx.AsyncClient, path: str) -> None:
    assert "<script>alert" not in (await stranger.get(path)).text


async def test_a_database_out_of_reach_is_said_and_when_to_try_again(site: Site, mara: httpx.AsyncClient) -> None:
    await site.parts.db.close()
    answer = await mara.get("/api/stats")
    assert (answer.status_code, answer.json()["error"], answer.headers["retry-after"]) == (503, "DATABASE_ERROR", "5")


async def test_a_database_without_our_schema_is_said_and_told_in_a_line_to_who_runs_it(
    empty_dsn: str, clock: FakeClock, tmp_path: Path
) -> None:
    bare = Database(empty_dsn, size=2)
    await bare.open()
    async with opened(bare, clock, tmp_path) as site, site.browser() as client:
        with capture_logs() as logs:
            answers = [await client.get(path) for path in ("/", "/status")]
    await bare.close()
    assert [(one.status_code, one.headers["retry-after"], one.headers["content-type"]) for one in answers] == [
        (503, "5", "text/html; charset=utf-8")
    ] * 2
    assert "This instance&#39;s database isn&#39;t ready for this version yet" in answers[0].text
    told = [line for line in logs if line["log_level"] == "error"]
    assert [(line["event"], line["wanted"], line["path"]) for line in told] == [
        ("web.unmigrated", "audiospective migrate", path) for path in ("/", "/status")
    ]
    assert not any("exc_info" in line for line in logs)


async def test_who_leaves_while_sending_is_no_fault_of_ours(site: Site) -> None:
    host = urlsplit(site.url).netloc
    head = f"POST /api/vitals HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n"
    head += f"Origin: {site.url}\r\nSec-Fetch-Site: same-origin\r\n\r\n"
    with capture_logs() as logs:
        _, writer = await asyncio.open_connection(*host.split(":"))
        writer.write(head.encode() + b"{")
        await writer.drain()
        writer.close()
        await asyncio.sleep(0.3)
    assert [line for line in logs if line["event"] == "web.failed"] == []


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("{}/settings?saved=1", "/settings?saved=1"),
        ("https://elsewhere.example.org/settings", ""),
        ("{}//elsewhere.example.org/", ""),
        ("", ""),
    ],
)
async def test_a_form_with_something_wrong_in_it_leads_back_to_its_page(
    site: Site, visitor: httpx.AsyncClient, referer: str, back: str
) -> None:
    token = form_token(site.parts.sealer, visitor.cookies[cookie_name(site.parts.settings)], site.parts.clock.now())
    headers = {"Referer": referer.format(str(visitor.base_url).rstrip("/")), "Accept": "text/html"}
    answer = await visitor.post("/settings/lens", data={"form_token": token, "kind": "artist", "name": "Nobody"}, headers=headers)
    assert answer.status_code == 400
    links = re.findall(r'<a class="btn[^"]*" href="([^"]+)"', answer.text.partition("<main")[2])
    assert links == [*filter(None, [back]), "/dashboard"]


@pytest.mark.parametrize(
    ("path", "back"),
    [("/settings/tokens", "/settings"), ("/settings/tokens/revoke", "/settings"), ("/notices/1/try", "/notices"), ("/auth/sign-out", "")],
)
async def test_an_address_of_forms_that_is_loaded_anew_leads_to_their_page(visitor: httpx.AsyncClient, path: str, back: str) -> None:
    answer = await visitor.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 405
    assert re.findall(r'<a class="btn[^"]*" href="([^"]+)"', answer.text.partition("<main")[2]) == [*filter(None, [back]), "/"]
