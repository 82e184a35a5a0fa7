"""A077, A078, A082: requests that no client sends end at the door, and nothing behind them is taken for another request."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from audiospective.web import protocol
from tests.web.site import Site

_HOST = "Host: {host}\r\n"
_REQUESTS = {
    "two lengths": "POST /api/share HTTP/1.1\r\n" + _HOST + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "length and chunks": "POST /auth/sign-out HTTP/1.1\r\n" + _HOST + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
    "chunks twice": "POST /api/share HTTP/1.1\r\n" + _HOST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "chunks unknown": "POST /api/share HTTP/1.1\r\n" + _HOST + "Transfer-Encoding: xchunked\r\nContent-Length: 4\r\n\r\nabcd",
    "negative length": "POST /api/share HTTP/1.1\r\n" + _HOST + "Content-Length: -1\r\n\r\n",
    "a space before the colon": "GET / HTTP/1.1\r\nHost : {host}\r\n\r\n",
    "bare line feeds": "GET /api/health HTTP/1.1\nHost: {host}\n\n",
    "no version": "GET /\r\n\r\n",
    "no host": "GET / HTTP/1.1\r\n\r\n",
    "two hosts": "GET / HTTP/1.1\r\n" + _HOST + "Host: evil.example\r\n\r\n",
    "a tunnel": "CONNECT evil.example:443 HTTP/1.1\r\n" + _HOST + "\r\n",
    "a long header": "GET / HTTP/1.1\r\n" + _HOST + f"X: {'a' * 200_000}\r\n\r\n",
    "many headers": "GET / HTTP/1.1\r\n" + _HOST + "".join(f"X{n}: a\r\n" for n in range(6_000)) + "\r\n",
    "a long address": f"GET /{'a' * 100_000} HTTP/1.1\r\n" + _HOST + "\r\n",
    "a head without end": "GET / HTTP/1.1\r\n" + _HOST + f"X: {'a' * 3_000_000}",
}


async def _answers(site: Site, request: str) -> bytes:
    host = urlsplit(site.url).netloc
    reader, writer = await asyncio.open_connection(*host.split(":"))
    try:
        writer.write(request.replace("{host}", host).encode())
        async with asyncio.timeout(30):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize("name", list(_REQUESTS))
async def test_it_is_refused_once_and_the_connection_ends(site: Site, name: str) -> None:
    request = _REQUESTS[name]
    if name in {"no host", "two hosts"}:
        request = request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
    answer = await _answers(site, request)
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert answer[:13] in {b"", b"HTTP/1.1 400 "}


async def test_an_upgrade_to_a_web_socket_leads_nowhere(site: Site) -> None:
    wish = "GET /dashboard HTTP/1.1\r\n" + _HOST + "Upgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n\r\n"
    assert not (await _answers(site, wish)).startswith(b"HTTP/1.1 101")


async def test_a_head_that_never_ends_is_hung_up_on(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_S", 0.2)
    assert await _answers(site, "GET / HTTP/1.1\r\nX: a") == b""
    assert await _answers(site, "") == b""


async def _is_hung_up_on(site: Site, path: str) -> bool:
    """Whether somebody loses the line who sends the head, and then a letter of the body every now and again."""
    host = urlsplit(site.url).netloc
    reader, writer = await asyncio.open_connection(*host.split(":"))
    writer.write(f"POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {site.url}\r\nContent-Length: 500\r\n\r\n".encode())
    try:
        for _ in range(60):
            writer.write(b"{")
            await writer.drain()
            await asyncio.sleep(0.05)
            if reader.at_eof() or reader.exception() is not None:
                return True
    except ConnectionError:
        return True
    finally:
        writer.close()
    return False


#: A body that is read, one of an upload, and some that are answered without it.
@pytest.mark.parametrize("path", ["/api/vitals", "/2.0", "/auth/token", "/api/imports", "/api/settings", "/nowhere"])
async def test_a_body_that_never_ends_is_hung_up_on(site: Site, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(protocol, "BODY_S", 0.3)
    assert await _is_hung_up_on(site, path)


async def test_an_upload_may_take_longer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "BODY_S", 0.3)
    host = urlsplit(site.url).netloc
    reader, writer = await asyncio.open_connection(*host.split(":"))
    head = f"Host: {host}\r\nAuthorization: Bearer {await site.token()}\r\nContent-Type: multipart/form-data; boundary=x"
    writer.write(f"POST /api/imports HTTP/1.1\r\n{head}\r\nContent-Length: 9\r\n\r\n".encode())
    await asyncio.sleep(0.6)
    writer.write(b"--x--\r\n\r\n")
    assert (await asyncio.wait_for(reader.readline(), 30)).startswith(b"HTTP/1.1 400")
    writer.close()


async def test_an_ordinary_request_beside_them_is_answered(site: Site) -> None:
    answer = await _answers(site, "GET /api/health HTTP/1.1\r\n" + _HOST + "Connection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK")
