"""R201: a package with a hole that can't wait opens an incident by itself: once, whoever dies or asks again, and noted when it is over."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from audiospective.infra.database import Database, fetch_all
from audiospective.operations import audits, holes, incidents, ledger, paging
from audiospective.operations.boxes import box
from audiospective.operations.incidents import Incident, Stage
from audiospective.operations.judge import Status, judge
from audiospective.operations.providers.osv import Advisory, Package
from tests.clock import FakeClock
from tests.fault.conftest import Killed, Mortal
from tests.simulators.osv import FakeOsv, playing

_PACKAGES = [Package("jinja2", "3.1.0")]


def _hole(severity: str = "HIGH") -> Advisory:
    return Advisory("GHSA-b", "jinja2", "3.1.0", severity, "it opens")


async def _audited(db: Database, clock: FakeClock, *found: Advisory) -> None:
    async with db.transaction() as conn:
        await ledger.append(conn, [audits.entry("mara", _PACKAGES, found)], clock.now())


async def _follow(db: Database, clock: FakeClock) -> int | None:
    async with db.transaction() as conn:
        return await holes.follow(conn, clock.now())


async def _incidents(db: Database, clock: FakeClock) -> list[Incident]:
    async with db.reading() as conn:
        return await incidents.listed(conn, clock.now())


async def _said(db: Database, clock: FakeClock) -> list[str]:
    async with db.reading() as conn:
        found = await incidents.listed(conn, clock.now())
        history = await incidents.history(conn, found)
    assert {update.stage for said in history.values() for update in said} <= {Stage.NOTE.value}
    return [update.said for one in found for update in history[one.id]]


@pytest.mark.parametrize(
    ("severities", "opened"), [([], []), (["MODERATE", "LOW"], []), (["HIGH"], [3]), (["LOW", "HIGH", "CRITICAL"], [2])]
)
async def test_what_cannot_wait_opens_an_incident_as_bad_as_it_is(
    db: Database, clock: FakeClock, severities: list[str], opened: list[int]
) -> None:
    await _audited(db, clock, *map(_hole, severities))
    await _follow(db, clock)
    assert [one.severity for one in await _incidents(db, clock)] == opened


async def test_however_often_it_is_asked_one_incident_is_open(db: Database, clock: FakeClock) -> None:
    await _audited(db, clock, _hole())
    await asyncio.gather(*(_follow(db, clock) for _ in range(8)))
    assert await _follow(db, clock) is None
    assert len(await _incidents(db, clock)) == len(await _said(db, clock)) == 1
    async with db.reading() as conn:
        assert len(await ledger.since(conn, clock.now(), incidents.OPENED)) == 1


async def test_the_next_audit_is_noted_in_it_and_when_it_is_over_too(db: Database, clock: FakeClock) -> None:
    for found in ([_hole()], [_hole("CRITICAL")], []):
        await _audited(db, clock, *found)
        for _ in range(2):
            await _follow(db, clock)
        clock.forward(minutes=1)
    said = await _said(db, clock)
    assert ["(GHSA-b, high)" in said[0], "(GHSA-b, critical)" in said[1], "no hole" in said[2], len(said)] == [True, True, True, 3]
    async with db.reading() as conn:
        left = await fetch_all(conn, "SELECT body FROM outbox", str)
    assert left == ["No package has a hole that can't wait any more. Close it: audiospective ops incident resolve 1"]


async def test_whoever_closed_it_is_not_woken_by_the_same_audit_and_is_by_the_next(db: Database, clock: FakeClock) -> None:
    await _audited(db, clock, _hole())
    number = await _follow(db, clock)
    async with db.transaction() as conn:
        await incidents.resolve(conn, number or 0, said="It can't be reached from outside.", actor="mara", now=clock.now())
    assert await _follow(db, clock) is None
    await _audited(db, clock, _hole())
    assert await _follow(db, clock) == (number or 0) + 1


async def test_operators_hear_of_it_at_once_and_until_somebody_answers(db: Database, clock: FakeClock) -> None:
    await _audited(db, clock, _hole("CRITICAL"))
    await _follow(db, clock)
    async with db.transaction() as conn:
        assert await paging.remind(conn, clock.now()) == ["incident:1:opened:chat", "incident:1:opened:mail"]
        clock.forward(minutes=15)
        later = await paging.remind(conn, clock.now())
        assert "incident:1:page:0:chat" in later
        await ledger.append(conn, [ledger.Entry("mara", incidents.ACKNOWLEDGED, "incident 1", {})], clock.now())
        assert await paging.remind(conn, clock.forward(minutes=5)) == []


@pytest.mark.parametrize("committed", [False, True])
async def test_an_audit_that_is_killed_and_run_again_opens_one(db: Database, dsn: str, clock: FakeClock, *, committed: bool) -> None:
    fake = FakeOsv()
    fake.hole("aiohttp", "GHSA-bbbb", "HIGH")
    async with playing(fake), aiohttp.ClientSession() as http:
        mortal = Mortal(dsn, dies_at=0, committed=committed)
        await mortal.open()
        with pytest.raises(Killed):
            await holes.audit(mortal, http, fake.url, clock, by="mara")
        await mortal.close()
        assert len(await _incidents(db, clock)) == int(committed)
        clock.forward(minutes=1)
        found = await holes.audit(db, http, fake.url, clock, by="mara")
    assert [one.id for one in found.advisories] == ["GHSA-bbbb"]
    assert len(await _incidents(db, clock)) == 1


async def test_an_audit_of_long_ago_says_nothing_of_today(db: Database, clock: FakeClock) -> None:
    await _audited(db, clock)
    for days, status in ((30, Status.PASS), (2, Status.UNKNOWN)):
        clock.forward(days=days)
        async with db.reading() as conn:
            assert judge(box("R201"), (await audits.look(conn, clock.now()))["dependencies.bad"]).status is status
