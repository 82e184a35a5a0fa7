"""OSV: holes by package, a batch at a time, each told of by itself."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.simulators.played import Played, on_a_port


@dataclass(slots=True)
class FakeOsv(Played):
    """It wants no credential. `holes` by package as it is queried, each as OSV tells it."""

    header: str = ""
    holes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    more: bool = False

    def hole(self, package: str, name: str, severity: str = "", **told: Any) -> None:
        """One of that package."""
        specific = {"database_specific": {"severity": severity}} if severity else {}
        self.holes.setdefault(package, []).append({"id": name, "summary": "it opens", "modified": "2026-11-01T00:00:00Z"} | specific | told)

    async def batch(self, request: web.Request) -> web.Response:
        """POST /v1/querybatch: an object for each query, empty where nothing is known."""
        results: list[dict[str, Any]] = []
        for query in (await request.json())["queries"]:
            assert query["package"]["ecosystem"] == "PyPI"
            found = [{"id": one["id"], "modified": one["modified"]} for one in self.holes.get(query["package"]["name"], [])]
            results.append(({"vulns": found} if found else {}) | ({"next_page_token": "x"} if self.more else {}))
        return web.json_response({"results": results})

    async def one(self, request: web.Request) -> web.Response:
        """GET /v1/vulns/{id}."""
        found = [hole for holes in self.holes.values() for hole in holes if hole["id"] == request.match_info["id"]]
        return web.json_response(found[0]) if found else web.json_response({"code": 5, "message": "Bug not found."}, status=404)


@contextlib.asynccontextmanager
async def playing(fake: FakeOsv) -> AsyncIterator[FakeOsv]:
    """It, on a free port."""
    async with on_a_port(fake, {"POST /v1/querybatch": fake.batch, "GET /v1/vulns/{id}": fake.one}):
        yield fake
