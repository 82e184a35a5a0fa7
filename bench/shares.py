"""A shared report as its visitors get it: the whole answer of the server, from the frozen snapshot."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any

from audiospective.accounts import people
from audiospective.archive.ingest import store
from audiospective.archive.plays import Batch, Source, UserId
from audiospective.bootstrap import Parts, assemble
from audiospective.infra.database import Database
from audiospective.reports import ask, share
from audiospective.reports.share import Wanted
from audiospective.settings import load
from audiospective.web.app import create_app
from bench.figure import Figure
from bench.listens import made_up
from bench.server import settle

_PLAYS, _RUNS = 20_000, 200
_ADDRESS = "http://127.0.0.1:8000"

App = Callable[[Any, Any, Any], Awaitable[None]]


async def figures(dsn: str, db: Database) -> list[Figure]:
    """Half of all visitors get the page, and its picture, within so many ms; each visitor comes from an address of their own."""
    async with assemble(load({"DATABASE_URL": dsn, "APP_URL": _ADDRESS, "APP_SECRET": "b" * 64})) as parts:
        share_id = await _published(parts)
        await settle(db)
        app = create_app(parts)
        page = await _median_ms(app, f"/share/{share_id}")
        picture = await _median_ms(app, f"/share/{share_id}/card.png")
    return [
        Figure(f"shared report of {_PLAYS:,} plays, page", page, "ms", "≤ 5"),
        Figure("  its picture, drawn once", picture, "ms"),
    ]


async def _published(parts: Parts) -> str:
    now = parts.clock.now()
    async with parts.db.transaction() as conn:
        person = await people.add(conn, "bench-share", now)
        await store(conn, [Batch(UserId(person.id), Source.EXTENDED, made_up(_PLAYS, now))])
        listening = await ask.listening(conn, parts.cache, person, "365d", now)
        return (await share.publish(conn, parts.sealer, listening, Wanted("A year", "Of everything"))).id


async def _median_ms(app: App, path: str) -> float:
    times = []
    for visitor in range(_RUNS):
        began = time.perf_counter()
        status = await _get(app, path, f"10.0.{visitor // 250}.{visitor % 250}")
        times.append((time.perf_counter() - began) * 1000)
        assert status == 200
    return median(times)


async def _get(app: App, path: str, address: str) -> int:
    """The status of an answer, without a network between: uvicorn's share is the same for every page."""
    scope: dict[str, object] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
    }
    scope |= {"raw_path": path.encode(), "query_string": b"", "root_path": "", "client": (address, 1), "server": ("127.0.0.1", 8000)}
    scope |= {"headers": [(b"host", b"127.0.0.1:8000"), (b"accept", b"text/html"), (b"accept-encoding", b"gzip")], "state": {}}
    told: list[int] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            told.append(message["status"])

    await app(scope, receive, send)
    return told[0]
