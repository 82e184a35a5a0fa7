"""The smoke tests walk as a listener does, see what is wrong, and leave nothing behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import aiohttp

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.infra.database import Database, fetch_all
from audiospective.operations import smoke
from audiospective.operations.boxes import boxes
from audiospective.operations.judge import Status, judge
from audiospective.operations.probes import journey
from audiospective.operations.probes.journey import NAMES, Row, Traveller
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock
from tests.web.site import NOWHERE, Site, opened


async def _traveller(site: Site) -> Traveller:
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.API, Heard(-600, "Tide & Low"), Heard(-300, "=SUM(A1)"), Heard(0, "Tide & Low"))])
        rows = await smoke.rows_of(conn, person)
    return Traveller(await site.token(), rows, is_connected=False)


async def test_every_box_of_a_good_instance_is_green(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    async with opened(db, clock, tmp_path) as site, aiohttp.ClientSession() as http:
        found = await journey.look(http, site.url, await _traveller(site))
        async with db.reading() as conn:
            assert await fetch_all(conn, "SELECT id FROM shares", str) == []
    verdicts = {box.id: judge(box, found[box.reading]).status for box in boxes() if box.reading in found}
    assert set(verdicts.values()) == {Status.PASS, Status.NOT_APPLICABLE}
    assert len(verdicts) == 5


async def test_rows_that_the_archive_does_not_hold_turn_their_boxes_red(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    async with opened(db, clock, tmp_path) as site, aiohttp.ClientSession() as http:
        who = await _traveller(site)
        other = replace(who, rows=(Row("2020-01-01T00:00:00.000Z", "Other", "", "", ""), *who.rows[1:], *who.rows))
        found = await journey.look(http, site.url, other)
    assert {box.id for box in boxes() if box.reading in found and judge(box, found[box.reading]).status is Status.FAIL} == {"R090", "R094"}


async def test_where_nothing_answers_everything_is_unknown() -> None:
    async with aiohttp.ClientSession() as http:
        found = await journey.look(http, NOWHERE, Traveller("x", (), is_connected=True))
    assert len(found) == len(NAMES)
    assert all(reading.problem for reading in found.values())
