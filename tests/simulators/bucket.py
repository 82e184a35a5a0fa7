"""An S3-compatible store, played: it checks signatures by arithmetic of its own and keeps what it is sent."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import web

KEY_ID, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "eu-test-1"


@dataclass(slots=True)
class Store:
    """What arrived, by its path; `answer` is what the next callers are told instead of 200, 0 for no answer at all."""

    url: str = ""
    answer: int = 200
    files: dict[str, bytes] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _is_signed(request: web.Request, body: bytes) -> bool:
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})",
        request.headers.get("Authorization", ""),
    )
    if not found or found[1] != KEY_ID or request.headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
        return False
    lines = [request.method, request.rel_url.raw_path, ""]
    lines += [f"{name}:{request.headers[name].strip()}" for name in found[4].split(";")]
    lines += ["", found[4], request.headers["x-amz-content-sha256"]]
    scope = f"{found[2]}/{found[3]}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{request.headers['x-amz-date']}\n{scope}\n" + hashlib.sha256("\n".join(lines).encode()).hexdigest()
    key = _hmac(_hmac(_hmac(_hmac(b"AWS4" + SECRET.encode(), found[2]), found[3]), "s3"), "aws4_request")
    return _hmac(key, text).hex() == found[5]


@contextlib.asynccontextmanager
async def bucket_store() -> AsyncIterator[Store]:
    """A store on a free port."""
    store = Store()

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        if not store.answer:
            await asyncio.sleep(30)
        if store.answer != 200:
            return web.Response(status=store.answer)
        if not _is_signed(request, body):
            store.refused.append(request.path)
            return web.Response(status=403)
        store.files[request.path] = body
        return web.Response(status=200)

    app = web.Application(client_max_size=1 << 28)
    app.router.add_put("/{path:.*}", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    store.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield store
    finally:
        await runner.cleanup()
