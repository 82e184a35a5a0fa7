"""A017, A018: no other site's page may read what ours answers, whatever origin it claims."""

from __future__ import annotations

import httpx
import pytest

_ORIGINS = (
    "null",
    "https://evil.example",
    "http://127.0.0.1",
    "http://127.0.0.1.evil.example",
    "https://localhost",
    "file://",
    "chrome-extension://abcdefghijklmnop",
    "http://[::1]:1",
)
_PATHS = ("/", "/dashboard", "/api/stats", "/api/health", "/api/share?id=x", "/share/x", "/api/export?format=json", "/static/x", "/nowhere")


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
async def test_no_answer_opens_itself_to_another_origin(visitor: httpx.AsyncClient, method: str) -> None:
    for path in _PATHS:
        for origin in _ORIGINS:
            asked = {"Origin": origin, "Sec-Fetch-Site": "cross-site", "Access-Control-Request-Method": "POST"}
            headers = (await visitor.request(method, path, headers=asked)).headers
            assert not [name for name in headers if name.startswith("access-control-")], (path, origin)
            assert headers["cross-origin-resource-policy"] == "same-origin"
            assert headers["cross-origin-opener-policy"] == "same-origin"
            assert headers["x-content-type-options"] == "nosniff"


async def test_an_honest_page_reads_its_own(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/api/stats")).status_code == 200
