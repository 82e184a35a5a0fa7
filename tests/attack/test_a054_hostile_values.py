"""A039, A052, A054, A056, A061, A062: whatever stands in an address, it is a value: refused in words, or harmless."""

from __future__ import annotations

from urllib.parse import quote_from_bytes

import httpx
import pytest

from tests.clock import FakeClock

_VALUES = (
    b"' OR 1=1 --",
    b"1; DROP TABLE plays",
    b"'||pg_sleep(9)||'",
    b"\x00",
    b"\xed\xa0\x80",
    b"\xff\xfe",
    b"../../etc/passwd",
    b"{{7*7}}${7*7}",
    b"<script>alert(1)</script>",
    b"x" * 5000,
    b"9" * 400,
    b"-1",
    b"1e309",
    b"NaN",
    b"2024-13",
    b"2024-02-30",
    b"2024-12-31..2024-01-01",
    b"0001-01-01..9999-12-31",
    b"9999",
    b"0000",
    "١d".encode(),
    "\u202eall".encode(),
    b"1d\r\nX-Evil: 1",
    b"all\n",
)
_CALLS = (
    "/api/stats?range=",
    "/api/top-tracks?range=",
    "/api/top-artists?limit=",
    "/api/top-albums?by=",
    "/api/genres?range=",
    "/api/activity?range=",
    "/api/recent-plays?limit=",
    "/api/recent-plays?before=",
    "/api/comparison?range=",
    "/api/analytics/trends?interval=",
    "/api/analytics/trends?range=",
    "/api/analytics/diversity?range=",
    "/api/insights?range=",
    "/api/gaps?range=",
    "/api/imports/",
    "/api/share?id=",
)
_PAGES = (
    "/history?q=",
    "/history?before=",
    "/history?on=",
    "/track/",
    "/artist/",
    "/album/",
    "/year/",
    "/dashboard?range=",
    "/insights?range=",
    "/receipt?receipt=",
    "/share/",
    "/calendar/",
    "/cover/album/",
)


@pytest.mark.parametrize("call", _CALLS)
async def test_the_api_refuses_or_ignores_it(mara: httpx.AsyncClient, clock: FakeClock, call: str) -> None:
    for place, value in enumerate(_VALUES):
        if place % 8 == 0:
            clock.forward(seconds=11)
        answer = await mara.get(call + quote_from_bytes(value))
        assert answer.status_code in {200, 400, 404}, (call, value)
        assert "x-evil" not in answer.headers
        assert answer.status_code == 404 or answer.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize("page", _PAGES)
async def test_pages_show_it_as_text_or_not_at_all(visitor: httpx.AsyncClient, clock: FakeClock, page: str) -> None:
    for place, value in enumerate(_VALUES):
        if place % 8 == 0:
            clock.forward(seconds=11)
        answer = await visitor.get(page + quote_from_bytes(value))
        assert answer.status_code in {200, 303, 400, 404}, (page, value)
        assert "<script>alert" not in answer.text
        assert "4949" not in answer.text
