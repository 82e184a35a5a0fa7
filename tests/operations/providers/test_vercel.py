"""Vercel, deployed to and rolled back; every way in which it doesn't succeed has a name, and none is green (F31)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from audiospective.environ import Secret
from audiospective.infra.clock import SystemClock
from audiospective.operations.providers.asking import CredentialRefused, ProviderError, Refused, Silent
from audiospective.operations.providers.ports import Stage
from audiospective.operations.providers.vercel import Failed, Undecided, Vercel, Waiting
from audiospective.outside import GithubSettings, VercelSettings
from tests.operations.providers.conftest import HASTE
from tests.simulators.vercel import FakeVercel, playing

pytestmark = pytest.mark.http

NEW, OLD = "a" * 40, "b" * 40


@pytest.fixture
async def fake() -> AsyncIterator[FakeVercel]:
    vercel = FakeVercel()
    vercel.built(OLD)
    async with playing(vercel):
        yield vercel


@pytest.fixture
def vercel(fake: FakeVercel, http: aiohttp.ClientSession) -> Vercel:
    settings = VercelSettings(Secret("good"), "prj_1", "team_1", fake.url)
    waiting = Waiting(every_s=0.005, build_s=0.3, alias_s=0.3)
    return Vercel(http, settings, GithubSettings(repository="mara/audiospective"), SystemClock(), patience=HASTE, waiting=waiting)


async def test_a_commit_is_built_promoted_and_served(vercel: Vercel, fake: FakeVercel) -> None:
    done = await vercel.deploy(NEW, version="1.1.0")
    assert (done.commit, done.stage, done.serves, fake.serving) == (NEW, Stage.READY, True, done.id)
    assert fake.bodies[0]["gitSource"] == {"type": "github", "ref": NEW, "sha": NEW, "repoId": 7}
    assert (fake.bodies[0]["target"], fake.bodies[0]["meta"]) == ("production", {"version": "1.1.0"})


async def test_deploying_again_makes_no_second_deployment(vercel: Vercel, fake: FakeVercel) -> None:
    first = await vercel.deploy(NEW, version="1.1.0")
    assert (await vercel.deploy(NEW, version="1.1.0")).id == first.id
    assert fake.count("POST /v13/deployments") == 1


async def test_what_was_begun_before_a_crash_is_gone_on_with(vercel: Vercel, fake: FakeVercel) -> None:
    begun = fake.built(NEW, serves=False, readyState="BUILDING", state="BUILDING")
    assert (await vercel.deploy(NEW, version="1.1.0")).id == begun
    assert fake.count("POST /v13/deployments") == 0


async def test_going_back_waits_until_people_get_the_old_one(vercel: Vercel, fake: FakeVercel) -> None:
    old = fake.serving
    await vercel.deploy(NEW, version="1.1.0")
    fake.stale_looks = 3
    assert (await vercel.rollback(old)).serves
    assert fake.serving == old
    assert (await vercel.rollback(old)).serves  # again is no mistake


async def test_after_a_rollback_a_deployment_is_promoted_again(vercel: Vercel, fake: FakeVercel) -> None:
    old = fake.serving
    new = await vercel.deploy(NEW, version="1.1.0")
    await vercel.rollback(old)
    assert (await vercel.deploy(NEW, version="1.1.0")).id == new.id == fake.serving


def _status(status: int, code: str) -> Callable[[FakeVercel], None]:
    return lambda fake: fake.trouble("POST /v13/deployments", status, {"error": {"code": code, "message": f"It is {code}."}})


def _set(**values: Any) -> Callable[[FakeVercel], None]:
    def do(fake: FakeVercel) -> None:
        for name, value in values.items():
            setattr(fake, name, value)

    return do


@pytest.mark.parametrize(
    ("trouble", "error", "said"),
    [
        (_status(402, "payment_required"), Refused, "refuses a new deployment (402: It is payment_required.)"),
        (_status(409, "conflict"), Refused, "refuses a new deployment (409"),
        (_status(429, "rate_limited"), Refused, "asks to wait before a new deployment"),
        (
            _status(403, "forbidden"),
            CredentialRefused,
            "credential rejected for a new deployment (403: It is forbidden.); look at VERCEL_TOKEN",
        ),
        (_status(500, "internal_server_error"), Silent, "answers a new deployment with 500"),
        (_set(builds=["BUILDING"]), Undecided, "is still building after 0.3 s; run this again"),
        (_set(builds=["BUILDING", "ERROR"]), Failed, "is failed: Command exited with 1.\nInstalling\nBuilding\nDone"),
        (_set(builds=["CANCELED"]), Failed, "is canceled"),
        (_set(builds=["BLOCKED"]), Failed, "is blocked"),
        (_set(builds=["PONDERING"]), Undecided, "is still unknown"),
        (_set(wrong_commit="f" * 40), Failed, "built ffffffff where aaaaaaaa was asked for"),
        (_set(alias_error="The domain is taken"), Failed, "its address failed: The domain is taken"),
        (_set(job_ends="failed"), Failed, "promote to dpl_2 failed; not moved: music.example.org"),
        (_set(job_ends="in-progress"), Undecided, "promote to dpl_2 is still in-progress; run this again"),
        (_set(job_ends="skipped"), Failed, "promote to dpl_2 skipped"),
        (_set(stale_looks=9_999), Undecided, "still serves dpl_1 instead of dpl_2"),
    ],
)
async def test_what_does_not_succeed_is_named(
    vercel: Vercel, fake: FakeVercel, trouble: Callable[[FakeVercel], None], error: type[ProviderError], said: str
) -> None:
    trouble(fake)
    with pytest.raises(error) as caught:
        await vercel.deploy(NEW, version="1.1.0")
    assert said in caught.value.message
    assert fake.count("POST /v13/deployments") == 1  # never a second try of what may have been done


async def test_a_rollback_whose_job_fails_is_no_rollback(vercel: Vercel, fake: FakeVercel) -> None:
    old = fake.serving
    await vercel.deploy(NEW, version="1.1.0")
    fake.job_ends = "failed"
    with pytest.raises(Failed, match=r"rollback to dpl_1 failed; not moved: music\.example\.org"):
        await vercel.rollback(old)
    fake.job_ends = "succeeded"
    assert (await vercel.rollback(old)).serves


async def test_a_plan_that_only_goes_back_one_step_is_told_before_it_is_tried(vercel: Vercel, fake: FakeVercel) -> None:
    older = fake.built("c" * 40, serves=False, candidate=False)
    with pytest.raises(Refused, match="this plan returns to the release before alone"):
        await vercel.rollback(older)
    assert fake.count("POST") == 0


async def test_releases_come_from_all_pages(vercel: Vercel, fake: FakeVercel) -> None:
    for number in range(6):
        fake.built(f"{number}" * 40)
    fake.page = 1
    found = await vercel.releases()
    assert [one.serves for one in found] == [True] + [False] * 6
    assert (found[-1].commit, found[0].can_return) == (OLD, True)


async def test_project_domains_and_logs_are_read(vercel: Vercel, fake: FakeVercel) -> None:
    assert (await vercel.project()).branch == "main"
    assert [one.trouble for one in await vercel.domains()] == [""]
    fake.misconfigured = True
    assert [one.trouble for one in await vercel.domains()] == ["misconfigured"]
    fake.domains[0]["verified"] = False
    assert [one.trouble for one in await vercel.domains()] == ["not verified"]
    assert await vercel.build_log("dpl_1") == ["Installing", "Building", "Done"]
    fake.runtime = [
        {"level": "error", "message": "x", "timestampInMs": 1000, "source": "serverless", "responseStatusCode": 500},
        {"level": "info", "message": "", "timestampInMs": 1000, "source": "delimiter"},
    ]
    assert [(line.level, line.status) for line in await vercel.logs("dpl_1")] == [("error", 500)]
