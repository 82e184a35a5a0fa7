"""How many answers to people may fail before a release that is watched is taken back."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from audiospective.cli import stand
from audiospective.cli.probing import ANSWERS, Place
from audiospective.cli.stand import NotWell, Stand
from audiospective.operations import releases
from tests.simulators.played import Played, on_a_port


@contextlib.asynccontextmanager
async def _serving(told: dict[str, object], home: Path) -> AsyncIterator[Stand]:
    """A release that is well wherever somebody looks, and tells this of people."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response(told if request.path == ANSWERS else {"version": "1.0.0"})

    with socket.create_server(("127.0.0.1", 0)) as door:
        async with on_a_port(Played(header=""), {"GET /{path:.*}": answer}) as url:
            release = releases.find(home, releases.INSTALLED)
            found = stand.make(release, os.environ, door, "music.example.org", datetime(2026, 11, 24, tzinfo=UTC))
            found.private.close()
            found.place, found.most_bytes = Place(("127.0.0.1", int(url.rpartition(":")[2])), "music.example.org"), 0
            yield found


@pytest.mark.parametrize(
    ("told", "before", "is_well"),
    [
        ({"asked": 4, "failed": 4}, (0, 0), True),
        ({"asked": 5, "failed": 2}, (0, 0), True),
        ({"asked": 6, "failed": 3}, (0, 0), False),
        ({"asked": 104, "failed": 4}, (100, 0), True),
        ({"asked": 106, "failed": 3}, (100, 0), False),
        ({"asked": 106, "failed": 3}, (100, 3), True),
        ({}, (0, 0), True),
    ],
)
async def test_five_must_have_asked_and_half_of_them_in_vain(
    tmp_path: Path, told: dict[str, object], before: tuple[int, int], *, is_well: bool
) -> None:
    async with _serving(told, tmp_path) as one:
        one.answered = before
        with contextlib.nullcontext() if is_well else pytest.raises(NotWell, match=r"failed at 3 of 6 requests of people"):
            await one.watched(0.3)
