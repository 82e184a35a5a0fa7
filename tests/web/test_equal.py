"""One number everywhere: page, API, command line and shared report say the same of the same days, whatever the history."""

from __future__ import annotations

import asyncio
import random
import re
from typing import Any

import httpx
import pytest
from hypothesis import settings

from audiospective.archive.ingest import store
from audiospective.archive.plays import UNKNOWN_MS, Kind, Source, UserId
from tests.archive.listens import Heard, batch
from tests.cli.conftest import Run, run
from tests.web.site import Site

__all__ = ["run"]

_RANGES = ("2025", "2025-06", "2025-03-01..2025-08-15", "2019")
_NAMES = ("Plays", "Tracks", "Artists")
_DAY = 86_400


def a_history(chance: random.Random) -> dict[Source, list[Heard]]:
    """Up to two hundred listens of the years before now: skips, podcasts, and evenings that two sources tell of."""
    exported = [
        Heard(
            -chance.randrange(60 * _DAY, 800 * _DAY),
            f"song {chance.randrange(12)}",
            chance.choice([0, 12_000, 29_999, 30_000, 200_000]),
            artist=f"artist {chance.randrange(4)}",
            kind=Kind.EPISODE if chance.random() < 0.1 else Kind.TRACK,
        )
        for _ in range(chance.randrange(1, 200))
    ]
    seen = chance.sample(exported, len(exported) // 3)
    swept = [Heard(one.second, one.song, UNKNOWN_MS, artist=one.artist) for one in seen if one.ms >= 30_000 and one.kind is Kind.TRACK]
    return {Source.EXTENDED: exported, Source.API: swept}


def on_page(html: str) -> list[int]:
    """Plays, tracks and artists in the row of numbers."""
    told = dict(re.findall(r"<dt>(\w+)</dt><dd>([\d,]+)</dd>", html))
    return [int(told[name].replace(",", "")) for name in _NAMES]


def listed_on_page(html: str, kind: str) -> list[tuple[str, int]]:
    """Names and plays of a top list, as far as it is shown."""
    section = html.partition(f'aria-labelledby="{kind}-title"')[2].partition("</section>")[0]
    rows = re.findall(r'class="what">.*?<bdi>(.*?)</bdi>.*?class="how"><b>([\d,]+)</b>', section, re.DOTALL)
    return [(name, int(plays.replace(",", ""))) for name, plays in rows]


def listed(told: dict[str, Any], kind: str) -> list[tuple[str, int]]:
    """The same of an answer."""
    return [(one[kind.removesuffix("s")]["name"], one["playCount"]) for one in told[kind]]


@pytest.mark.parametrize("seed", range(max(3, settings().max_examples // 100)))
async def test_page_api_command_and_report_say_the_same(
    site: Site, visitor: httpx.AsyncClient, mara: httpx.AsyncClient, run: Run, seed: int
) -> None:
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        for source, heard in a_history(random.Random(seed)).items():
            await store(conn, [batch(UserId(person.id), source, *heard)])
    for days in _RANGES:
        api = (await mara.get("/api/stats", params={"range": days})).json()
        numbers = [api[name] for name in ("totalPlays", "uniqueTracks", "uniqueArtists")]
        command = (await asyncio.to_thread(run, "stats", "--user", "mara", "--range", days, "--json")).json
        assert command == api
        page = (await visitor.get("/dashboard", params={"range": days})).text
        assert on_page(page) == numbers
        made = (await mara.post("/api/share", json={"title": days, "description": "", "dateRange": days})).json()
        report = (await visitor.get(f"/share/{made['data']['shareId']}")).text
        assert on_page(report) == numbers
        for kind in ("tracks", "artists", "albums"):
            top = (await mara.get(f"/api/top-{kind}", params={"range": days})).json()
            assert (await asyncio.to_thread(run, "top", kind, "--user", "mara", "--range", days, "--json")).json == top
            assert listed_on_page(report, kind) == listed(top, kind)
            assert listed_on_page(page, kind) == listed(top, kind)[:5]
