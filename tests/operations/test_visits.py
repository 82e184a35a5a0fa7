"""Visits are counted without cookies, and nobody can be found again two days later."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audiospective.infra.database import Database, fetch_all
from audiospective.operations import visits
from audiospective.operations.visits import Visitors, is_robot
from tests.clock import FakeClock

_SALT = b"drawn today" * 3


@pytest.fixture
def visitors() -> Visitors:
    return Visitors(lambda: _SALT)


async def _counted(db: Database, clock: FakeClock) -> visits.Visits:
    async with db.reading() as conn:
        return await visits.count(conn, clock.now() - timedelta(hours=6), clock.now() + timedelta(seconds=1))


async def test_pages_soon_after_one_another_are_one_visit(db: Database, clock: FakeClock, visitors: Visitors) -> None:
    for _ in range(3):
        visitors.saw(clock.now(), "203.0.113.7", "Firefox")
        await visitors.flush(db)
        clock.forward(minutes=2)
    visitors.saw(clock.now(), "203.0.113.8", "Firefox")
    await visitors.flush(db)
    found = await _counted(db, clock)
    assert (found.visits, found.pages, found.bounced, found.seconds) == (2, 4, 1, 120.0)


async def test_whoever_comes_back_later_comes_anew(db: Database, clock: FakeClock, visitors: Visitors) -> None:
    for _ in range(2):
        visitors.saw(clock.now(), "203.0.113.7", "Firefox")
        await visitors.flush(db)
        clock.forward(minutes=31)
    assert (await _counted(db, clock)).bounced == 2


async def test_processes_share_the_days_number(db: Database, clock: FakeClock, visitors: Visitors) -> None:
    other = Visitors(lambda: b"another" * 4)
    for one in (visitors, other):
        one.saw(clock.now(), "203.0.113.7", "Firefox")
        await one.flush(db)
    assert (await _counted(db, clock)).visits == 1


async def test_no_address_is_kept_and_the_number_is_thrown_away(db: Database, clock: FakeClock, visitors: Visitors) -> None:
    visitors.saw(clock.now(), "203.0.113.7", "Firefox")
    await visitors.flush(db)
    async with db.transaction() as conn:
        (row,) = await fetch_all(conn, "SELECT v::text FROM visits v", str)
        assert "203" not in row.replace("2030", "")
        assert len(await fetch_all(conn, "SELECT day::text FROM visit_salts", str)) == 1
        await visits.forget(conn, clock.now() + timedelta(days=3))
        assert await fetch_all(conn, "SELECT day::text FROM visit_salts", str) == []


@pytest.mark.parametrize("agent", ["", "Googlebot/2.1", "curl/8", "Mozilla/5.0 HeadlessChrome/140", "Audiospective/0.1", "UptimeRobot/2.0"])
def test_programs_are_no_visitors(agent: str) -> None:
    assert is_robot(agent)


def test_browsers_are() -> None:
    assert not is_robot("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
