"""spotify.com/account/privacy, played: each listener's two packages, so that a newcomer can try an import at once."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from audiospective.simulator import exports, pages
from audiospective.simulator.listeners import Listener
from audiospective.simulator.web_api import WORLD

_WRITERS: dict[str, Callable[[Path, Listener, int], exports.Written]] = {
    "extended": lambda path, listener, now_ms: exports.write_extended(path, listener, until_ms=now_ms),
    "account": lambda path, listener, now_ms: exports.write_account(path, listener, until_ms=now_ms),
}


def routes() -> list[web.RouteDef]:
    """The page, and the downloads."""
    return [web.get("/account/privacy", show), web.get("/account/privacy/{listener}/{package}/my_spotify_data.zip", download)]


async def show(request: web.Request) -> web.Response:
    """Who can be downloaded."""
    return web.Response(text=pages.privacy(request.app[WORLD].listeners), content_type="text/html", headers=pages.HEADERS)


async def download(request: web.Request) -> web.Response:
    """A package as Spotify would have made it now; a few megabytes at most."""
    world = request.app[WORLD]
    listener, write = world.listener(request.match_info["listener"]), _WRITERS.get(request.match_info["package"])
    if listener is None or write is None:
        raise web.HTTPNotFound(text=pages.refusal("There is no such package."), content_type="text/html", headers=pages.HEADERS)
    with tempfile.TemporaryDirectory(prefix="simulator-") as folder:
        path = Path(folder, "my_spotify_data.zip")
        await asyncio.get_running_loop().run_in_executor(None, write, path, listener, world.now_ms)
        body = await asyncio.get_running_loop().run_in_executor(None, path.read_bytes)
    headers = {"Content-Disposition": 'attachment; filename="my_spotify_data.zip"'}
    return web.Response(body=body, content_type="application/zip", headers=headers)
