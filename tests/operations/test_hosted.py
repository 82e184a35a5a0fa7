"""A release at a host: served, well and written down once; rolled back with the hourly call paused meanwhile; unwell is said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from audiospective.environ import Secret
from audiospective.errors import Conflict
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Database
from audiospective.operations import hosted, ledger, release_record
from audiospective.operations.boxes import box
from audiospective.operations.hosted import Errand
from audiospective.operations.judge import Status, judge
from audiospective.operations.probes.site import Target
from audiospective.operations.providers.qstash import Qstash
from audiospective.operations.providers.vercel import Failed, Vercel, Waiting
from audiospective.outside import GithubSettings, VercelSettings
from audiospective.settings import SchedulerSettings
from tests.operations.providers.conftest import HASTE
from tests.simulators import qstash, vercel
from tests.simulators.played import Played, on_a_port
from tests.simulators.qstash import FakeQstash
from tests.simulators.vercel import FakeVercel

NEW, OLD = "a" * 40, "b" * 40


class Instance(Played):
    """The public address; `status` is what its health says, in turn."""

    statuses: list[str]
    meanwhile: Callable[[], None]

    async def health(self, _: web.Request) -> web.Response:
        """GET /api/health."""
        self.meanwhile()
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        services = {key: {"status": status, "latency": "3ms"} for key in ("database", "redis", "spotify", "scheduler", "sentry")}
        return web.json_response({"status": status, "services": services, "version": "1", "environment": "production"})


@pytest.fixture
async def host() -> AsyncIterator[FakeVercel]:
    fake = FakeVercel()
    fake.built(OLD)
    async with vercel.playing(fake):
        yield fake


@pytest.fixture
async def clockwork() -> AsyncIterator[FakeQstash]:
    async with qstash.playing(FakeQstash()) as fake:
        yield fake


@pytest.fixture
async def instance() -> AsyncIterator[Instance]:
    there = Instance(header="")
    there.statuses, there.meanwhile = ["healthy"], lambda: None
    async with on_a_port(there, {"GET /api/health": there.health}):
        yield there


@pytest.fixture
async def errand(db: Database, host: FakeVercel, clockwork: FakeQstash, instance: Instance) -> AsyncIterator[Errand]:
    clockwork.schedule(f"{instance.url}/api/cron/archive")
    async with aiohttp.ClientSession() as http:
        waiting = Waiting(every_s=0.005, build_s=0.5, alias_s=0.5)
        settings = VercelSettings(Secret("good"), "prj_1", "", host.url)
        hosting = Vercel(http, settings, GithubSettings(), SystemClock(), patience=HASTE, waiting=waiting)
        scheduler = Qstash(http, SchedulerSettings(clockwork.url, Secret("good")), instance.url, patience=HASTE)
        target = Target(instance.url, instance.url, "1")
        yield Errand(db, http, hosting, scheduler, target, SystemClock(), "mara", lambda _: None, 0.005)


async def _events(db: Database) -> list[str]:
    async with db.reading() as conn:
        return [line.subject for line in await ledger.whole(conn)]


async def test_a_release_is_deployed_and_written_down_once(errand: Errand, db: Database, host: FakeVercel) -> None:
    done = [await hosted.deploy(errand, NEW, "1.1.0") for _ in range(2)]
    assert [(one.release.id, one.left, one.wrong) for one in done] == [("dpl_2", "dpl_1", []), ("dpl_2", "dpl_2", [])]
    assert (await _events(db), host.count("POST /v13/deployments")) == (["release.deployed:dpl_2"], 1)


async def test_a_rollback_pauses_the_hourly_call_meanwhile(errand: Errand, db: Database, host: FakeVercel, clockwork: FakeQstash) -> None:
    await hosted.deploy(errand, NEW, "1.1.0")
    done = await hosted.roll_back(errand, "last-good")
    assert (done.release.id, done.left, host.serving) == ("dpl_1", "dpl_2", "dpl_1")
    assert (
        clockwork.count("POST /v2/schedules/hourly-archive-production/pause"),
        clockwork.shown["hourly-archive-production"]["isPaused"],
    ) == (1, False)
    assert (await _events(db))[-1] == "release.rolled_back:dpl_1"


@pytest.mark.parametrize(("serves", "status"), [("dpl_1", Status.PASS), ("dpl_2", Status.FAIL), ("", Status.UNKNOWN)])
async def test_who_is_served_after_a_rollback_is_asked_of_the_host(
    errand: Errand, host: FakeVercel, instance: Instance, tmp_path: Path, serves: str, status: Status
) -> None:
    """Somebody else may let the newer one serve meanwhile, and the host may fall silent."""
    await hosted.deploy(errand, NEW, "1.1.0")
    instance.meanwhile = partial(setattr, host, "serving", serves) if serves else partial(host.trouble, "GET", 503)
    await hosted.roll_back(errand, "dpl_1")
    found = await release_record.look(errand.db, tmp_path, "", SystemClock().now())
    assert judge(box("R206"), found["rollback.serves_target"]).status is status


async def test_a_rollback_that_fails_lets_the_hourly_call_go_on(
    errand: Errand, db: Database, host: FakeVercel, clockwork: FakeQstash
) -> None:
    await hosted.deploy(errand, NEW, "1.1.0")
    host.job_ends = "failed"
    with pytest.raises(Failed):
        await hosted.roll_back(errand, OLD[:8])
    assert not clockwork.shown["hourly-archive-production"]["isPaused"]
    assert await _events(db) == ["release.deployed:dpl_2"]


@pytest.mark.parametrize(
    ("statuses", "wrong"),
    [
        (["unhealthy", "healthy", "degraded", "healthy"], []),
        (["healthy", "healthy", "unhealthy"], ["the whole is unhealthy"]),
    ],
)
async def test_three_healthy_answers_in_a_row_are_wanted(errand: Errand, instance: Instance, statuses: list[str], wrong: list[str]) -> None:
    instance.statuses = statuses
    assert (await hosted.deploy(errand, NEW, "1.1.0")).wrong == wrong


async def test_a_public_address_that_does_not_answer_is_said(errand: Errand, instance: Instance) -> None:
    instance.trouble("GET", 503, text="<html>")
    (wrong,) = (await hosted.deploy(errand, NEW, "1.1.0")).wrong
    assert "doesn't answer" in wrong


async def test_what_is_not_there_can_not_be_gone_back_to(errand: Errand) -> None:
    with pytest.raises(Conflict, match="no release that one could go back to"):
        await hosted.choose(errand.hosting, "last-good")
    with pytest.raises(Conflict, match="There is no release “dpl_9”; there are dpl_1"):
        await hosted.choose(errand.hosting, "dpl_9")
    assert (await hosted.choose(errand.hosting, "audiospective-1.vercel.app")).id == "dpl_1"
