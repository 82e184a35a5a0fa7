"""The smoke tests walk as a listener does, see what is wrong, and leave nothing behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.infra.database import Database, fetch_all
from audiospective.operations.boxes import boxes
from audiospective.operations.judge import Status, judge
from audiospective.operations.probes import journey
from audiospective.operations.probes.journey import NAMES, Traveller
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock
from tests.web.site import NOWHERE, Site, opened


async def _traveller(site: Site) -> Traveller:
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.API, Heard(-600, "Tide & Low"), Heard(-300, "=SUM(A1)"), Heard(0, "Tide & Low"))])
    return Traveller(await site.token(), ("canary-name",), plays=3, rows=3, is_connected=False)


async def test_every_box_of_a_good_instance_is_green(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    async with opened(db, clock, tmp_path) as site, aiohttp.ClientSession() as http:
        found = await journey.look(http, site.url, await _traveller(site))
        async with db.reading() as conn:
            assert await fetch_all(conn, "SELECT id FROM shares", str) == []
    verdicts = {box.id: judge(box, found[box.reading]).status for box in boxes() if box.reading in found}
    assert set(verdicts.values()) == {Status.PASS, Status.NOT_APPLICABLE}
    assert len(verdicts) == 19


@pytest.mark.parametrize(
    ("change", "red"),
    [
        ({"plays": 99}, {"R075"}),
        ({"rows": 99}, {"R090", "R093"}),
        ({"canaries": ("Test Share",)}, {"R106"}),
    ],
)
async def test_what_is_wrong_turns_its_own_boxes_red(
    db: Database, clock: FakeClock, tmp_path: Path, change: dict[str, object], red: set[str]
) -> None:
    async with opened(db, clock, tmp_path) as site, aiohttp.ClientSession() as http:
        other: Traveller = replace(await _traveller(site), **change)  # type: ignore[arg-type]  # fields of a traveller
        found = await journey.look(http, site.url, other)
    assert {box.id for box in boxes() if box.reading in found and judge(box, found[box.reading]).status is Status.FAIL} == red


async def test_where_nothing_answers_everything_is_unknown() -> None:
    async with aiohttp.ClientSession() as http:
        found = await journey.look(http, NOWHERE, Traveller("x", (), 0, 0, is_connected=True))
    assert len(found) == len(NAMES)
    assert all(reading.problem for reading in found.values())
