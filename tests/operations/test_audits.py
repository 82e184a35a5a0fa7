"""What has to be looked over each month: packages against advisories, and questions that take long."""

from __future__ import annotations

import aiohttp
import pytest

from audiospective.infra.database import Database
from audiospective.operations import audits, ledger
from audiospective.operations.boxes import box
from audiospective.operations.judge import Status, judge
from audiospective.operations.measures import Recorder
from audiospective.operations.providers import osv
from audiospective.operations.providers.asking import Odd, Patience, ProviderError
from audiospective.operations.providers.osv import Advisory, Package
from tests.clock import FakeClock
from tests.simulators.osv import FakeOsv, playing

_PACKAGES = [Package("aiohttp", "3.9.0"), Package("jinja2", "3.1.0"), Package("numpy", "2.0.0")]
_HASTE = Patience(total_s=5, pause_s=0.01, tries=2)


async def _found(fake: FakeOsv) -> list[Advisory]:
    async with playing(fake), aiohttp.ClientSession() as http:
        return await osv.advisories(http, fake.url, _PACKAGES, _HASTE)


@pytest.mark.http
async def test_a_hole_is_told_once_under_the_name_that_says_how_bad_it_is() -> None:
    fake = FakeOsv()
    fake.hole("aiohttp", "PYSEC-2024-1", aliases=["CVE-2024-1", "GHSA-aaaa"])
    fake.hole("aiohttp", "GHSA-aaaa", "MODERATE", aliases=["CVE-2024-1", "PYSEC-2024-1"])
    fake.hole("jinja2", "GHSA-bbbb", "CRITICAL")
    fake.hole("jinja2", "GHSA-cccc", "HIGH", withdrawn="2026-01-01T00:00:00Z")
    fake.hole("numpy", "PYSEC-2024-9")
    found = await _found(fake)
    assert [(one.id, one.severity, one.is_bad) for one in found] == [
        ("GHSA-aaaa", "MODERATE", False),
        ("GHSA-bbbb", "CRITICAL", True),
        ("PYSEC-2024-9", "HIGH", True),
    ]


@pytest.mark.http
async def test_what_could_not_be_asked_whole_is_no_good_news() -> None:
    short = FakeOsv(more=True)
    with pytest.raises(Odd):
        await _found(short)
    lost = FakeOsv()
    lost.trouble("POST /v1/querybatch", 503)
    with pytest.raises(ProviderError):
        await _found(lost)


async def test_the_newest_audit_and_a_months_questions_settle_their_boxes(db: Database, clock: FakeClock) -> None:
    async with db.reading() as conn:
        assert all(one.problem for one in (await audits.look(conn, clock.now())).values())
    recorder = Recorder()
    for ms in (3, 4, 5, 900):
        recorder.note(clock.now(), "query", "all", ms)
    await recorder.flush(db)
    async with db.transaction() as conn:
        await ledger.append(conn, [audits.entry("mara", _PACKAGES, [Advisory("GHSA-b", "jinja2", "3.1.0", "HIGH", "x")])], clock.now())
        found = await audits.look(conn, clock.now())
        assert judge(box("R201"), found["dependencies.bad"]).reason.endswith("3 packages; jinja2 3.1.0: GHSA-b")
        assert judge(box("R200"), found["queries.month_p95_ms"]).status is Status.FAIL
        await ledger.append(conn, [audits.entry("mara", _PACKAGES, [])], clock.now())
        assert judge(box("R201"), (await audits.look(conn, clock.now()))["dependencies.bad"]).status is Status.PASS


def test_what_is_installed_is_known() -> None:
    found = {one.name for one in audits.installed()}
    assert "aiohttp" in found
    assert "audiospective" not in found
