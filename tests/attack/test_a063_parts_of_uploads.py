"""A063, A078: an upload in more parts than any form has, or with headers beyond all measure, is let go before it costs anything."""

from __future__ import annotations

import httpx
import pytest

from tests.web.site import Site

_HEADERS = {"Content-Type": "multipart/form-data; boundary=x"}
_FILE = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.json"\r\n\r\n[]\r\n--x--\r\n'


@pytest.mark.parametrize(
    ("before", "status"),
    [
        (b"--x\r\n\r\n\r\n" * 2_100, 413),
        (b"--x\r\n" + b"a:b\r\n" * 5_000 + b"\r\n\r\n", 400),
        (b"--x\r\nContent-Disposition: " + b"a" * 20_000 + b"\r\n\r\n\r\n", 400),
    ],
    ids=["parts", "headers", "a long header"],
)
async def test_it_is_let_go(site: Site, mara: httpx.AsyncClient, before: bytes, status: int) -> None:
    answer = await mara.post("/api/imports", content=before + _FILE, headers=_HEADERS)
    assert (answer.status_code, list((site.parts.settings.home / "uploads").iterdir())) == (status, [])


async def test_fields_around_a_file_are_passed_over(mara: httpx.AsyncClient) -> None:
    field = b'--x\r\nContent-Disposition: form-data; name="form_token"\r\n\r\nabc\r\n'
    answer = await mara.post("/api/imports", content=field * 20 + _FILE, headers=_HEADERS)
    assert answer.status_code == 202
