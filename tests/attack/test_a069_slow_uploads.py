"""A069: uploads that hardly come hold few connections and no files for long, and stand in nobody's way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from audiospective.web.api import imports
from tests.web.site import Site

_PART = '--x\r\nContent-Disposition: form-data; name="f"; filename="a.json"\r\n\r\n['
_HONEST = ("StreamingHistory_music_0.json", b'[{"endTime":"2024-05-06 18:43","artistName":"A","trackName":"T","msPlayed":216783}]')


def _folder(site: Site) -> Path:
    return site.parts.settings.home / "uploads"


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110 (files have no event)
            await asyncio.sleep(0.01)


async def _begin(site: Site, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """An upload of which the first bytes come and no more."""
    host, _, port = site.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"Host: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 500000"
    writer.write(f"POST /api/imports HTTP/1.1\r\n{head}\r\n\r\n{_PART}".encode())
    return reader, writer


async def test_forty_at_once_hold_three_files_and_nobody_else(site: Site) -> None:
    token, other = await site.token(), await site.token("noor")
    begun = [await _begin(site, token) for _ in range(40)]
    answers = [asyncio.create_task(reader.readline()) for reader, _ in begun]
    await _until(lambda: sum(one.done() for one in answers) == 37)
    assert {one.result()[:12] for one in answers if one.done()} == {b"HTTP/1.1 429"}
    assert len(list(_folder(site).glob("incoming-*"))) == 3
    async with site.script(other) as honest:
        assert (await honest.post("/api/imports", files={"files": _HONEST})).status_code == 202
    for (_, writer), answer in zip(begun, answers, strict=True):
        answer.cancel()
        writer.close()
    await _until(lambda: not list(_folder(site).glob("incoming-*")))
    assert len(site.app.state.uploads) == 0


async def test_one_that_takes_for_ever_is_let_go_and_leaves_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "_ABANDONED_S", 0.3)
    reader, writer = await _begin(site, await site.token())
    assert (await asyncio.wait_for(reader.readline(), 60)).startswith(b"HTTP/1.1 400")
    assert list(_folder(site).glob("incoming-*")) == []
    writer.close()
