"""The smaller providers: what each says is read from its own word for it, and a refusal in an answer of 200 is one (F32)."""

from __future__ import annotations

from datetime import UTC, datetime

import aiohttp
import pytest

from audiospective.environ import Secret
from audiospective.infra.clock import SystemClock
from audiospective.operations.providers.asking import CredentialRefused, Odd, ProviderError, Refused
from audiospective.operations.providers.github import Github
from audiospective.operations.providers.neon import Failed, Neon, Undecided
from audiospective.operations.providers.sentry import MARKER, Sentry
from audiospective.operations.providers.slack import Webhook
from audiospective.operations.providers.statuspages import dependencies
from audiospective.operations.providers.uptimerobot import UptimeRobot
from audiospective.outside import GithubSettings, NeonSettings, SentrySettings, UptimeRobotSettings
from audiospective.settings import TrackerSettings
from tests.operations.providers.conftest import HASTE
from tests.simulators import others, sentry
from tests.simulators.others import FakeChat, FakeGithub, FakeNeon, FakeStatusPage, FakeUptimeRobot
from tests.simulators.sentry import FakeSentry, issue

pytestmark = pytest.mark.http

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
APP = "https://music.example.org"
NOWHERE = "http://127.0.0.1:9"


def _sentry(fake: FakeSentry, http: aiohttp.ClientSession) -> Sentry:
    settings = SentrySettings(Secret("good"), "quill", "archive", fake.url)
    return Sentry(http, settings, TrackerSettings(Secret(fake.dsn), "production"), patience=HASTE)


async def test_a_test_error_is_there_after_a_while_with_stack_and_environment(http: aiohttp.ClientSession) -> None:
    async with sentry.playing(FakeSentry()) as fake:
        errors = _sentry(fake, http)
        fake.events["a" * 32] = sentry.raised("a" * 32)
        assert await errors.event("a" * 32) is None
        found = await errors.event("a" * 32)
    assert found is not None
    assert (found.frames, found.environment, found.release) == (1, "production", "1.0.0")


async def test_sentrys_project_keys_and_issues_are_read(http: aiohttp.ClientSession) -> None:
    async with sentry.playing(FakeSentry()) as fake:
        errors = _sentry(fake, http)
        fake.page, fake.issues = 1, [issue("Boom"), issue(f"{MARKER}: An operator asked"), issue("Bang", level="fatal")]
        assert (await errors.project(), await errors.live_keys()) == ("archive", [fake.dsn])
        assert [(one.title, one.count) for one in await errors.issues(NOW)] == [("Boom", 3), ("Bang", 3)]
        fake.is_active = False
        assert await errors.live_keys() == []
        fake.credential = "new"
        with pytest.raises(CredentialRefused, match="look at SENTRY_AUTH_TOKEN"):
            await errors.project()


async def test_a_monitor_is_found_on_any_page(http: aiohttp.ClientSession) -> None:
    async with others.uptimerobot(FakeUptimeRobot(page=1)) as fake:
        robot = UptimeRobot(http, UptimeRobotSettings(Secret("good"), fake.url), patience=HASTE)
        fake.watches("https://music.example.org.evil.example/")
        fake.watches(f"{APP}/api/health")
        found = await robot.monitor(APP)
        assert (found.is_up, found.said, found.latest_ms, found.average_ms) == (True, "up", 120, 140.5)
        assert found.uptime == {1: 100.0, 7: 99.97, 30: 99.9}
        with pytest.raises(Refused, match="has no monitor"):
            await robot.monitor("https://elsewhere.example.org")


@pytest.mark.parametrize(("status", "said"), [(0, "paused"), (1, "not checked yet"), (8, "seems down"), (9, "down"), (77, "status 77")])
async def test_only_up_is_up(http: aiohttp.ClientSession, status: int, said: str) -> None:
    async with others.uptimerobot(FakeUptimeRobot()) as fake:
        fake.watches(APP, status)
        found = await UptimeRobot(http, UptimeRobotSettings(Secret("good"), fake.url), patience=HASTE).monitor(APP)
    assert (found.is_up, found.said) == (False, said)


async def test_uptimerobots_refusals_come_with_status_200(http: aiohttp.ClientSession) -> None:
    async with others.uptimerobot(FakeUptimeRobot(credential="new")) as fake:
        robot = UptimeRobot(http, UptimeRobotSettings(Secret("old"), fake.url), patience=HASTE)
        with pytest.raises(CredentialRefused, match="UPTIMEROBOT_API_KEY"):
            await robot.monitor(APP)
        fake.trouble("POST", 200, {"stat": "fail", "error": {"type": "internal", "message": "try later"}})
        with pytest.raises(Odd, match="with status 200: try later"):
            await robot.monitor(APP)


async def test_a_chat_has_its_own_word_for_it(http: aiohttp.ClientSession) -> None:
    async with others.chat(FakeChat()) as fake:
        slack = Webhook(http, Secret(f"{fake.url}/services/T/B/x"), patience=HASTE)
        await slack.post("Launch <!channel> & more")
        await Webhook(http, Secret(f"{fake.url}/api/webhooks/1/x"), patience=HASTE).post("Launch")
        assert fake.texts == ["Launch &lt;!channel&gt; &amp; more", "Launch"]
        fake.says = "no_team"
        with pytest.raises(Odd, match=r"says “no_team” instead of “ok”"):
            await slack.post("x")


@pytest.mark.parametrize(
    ("status", "text", "error"),
    [
        (404, "no_service", Refused),
        (410, "channel_is_archived", Refused),
        (403, "invalid_token", CredentialRefused),
        (500, "rollup_error", ProviderError),
    ],
)
async def test_a_chats_refusal_is_told_without_its_address(
    http: aiohttp.ClientSession, status: int, text: str, error: type[ProviderError]
) -> None:
    async with others.chat(FakeChat()) as fake:
        fake.trouble("POST", status, text=text)
        with pytest.raises(error) as caught:
            await Webhook(http, Secret(f"{fake.url}/services/T/B/x"), patience=HASTE).post("x")
    assert text in caught.value.message
    assert "/services" not in caught.value.message
    assert fake.count("POST") == 1


def _github(fake: FakeGithub, http: aiohttp.ClientSession) -> Github:
    return Github(http, GithubSettings(Secret("good"), "mara/audiospective", fake.url), patience=HASTE)


async def test_tags_are_peeled_to_their_commit(http: aiohttp.ClientSession) -> None:
    async with others.github(FakeGithub(tags={"v1": "c" * 40})) as fake:
        assert await _github(fake, http).tag("v1") == "c" * 40
        fake.annotated = False
        assert await _github(fake, http).tag("v1") == "c" * 40
        assert await _github(fake, http).tag("v2") is None


async def test_runs_and_jobs_of_a_commit_are_read(http: aiohttp.ClientSession) -> None:
    async with others.github(FakeGithub(page=1)) as fake:
        ci = _github(fake, http)
        assert await ci.run_of("deploy-production.yml", "a" * 40) is None
        fake.run("a" * 40, status="in_progress", conclusion=None)
        found = await ci.run_of("deploy-production.yml", "a" * 40)
        assert found is not None
        assert (found.status, found.conclusion) == ("in_progress", "")
        assert await ci.jobs(found.id) == {"build": "success", "deploy": "success", "verify": "success"}
        await ci.dispatch("pr-checks.yml", "main")
        assert fake.dispatched == ["pr-checks.yml@main"]
        assert await ci.is_public()
        fake.private = True
        assert not await ci.is_public()


def _neon(fake: FakeNeon, http: aiohttp.ClientSession) -> Neon:
    settings = NeonSettings(Secret("good"), "small-tide-1", fake.url)
    return Neon(http, settings, SystemClock(), patience=HASTE, every_s=0.005, most_s=0.1)


async def test_a_backup_is_a_branch_and_there_is_never_a_second_of_its_name(http: aiohttp.ClientSession) -> None:
    async with others.neon(FakeNeon()) as fake:
        made = await _neon(fake, http).branch("backup-1", NOW)
        assert await _neon(fake, http).branch("backup-1", NOW) == made
        assert fake.bodies == [{"branch": {"name": "backup-1", "parent_id": "br-main", "expires_at": "2026-11-24T10:00:00Z"}}]


async def test_a_restore_keeps_what_was_there(http: aiohttp.ClientSession) -> None:
    async with others.neon(FakeNeon()) as fake:
        assert await _neon(fake, http).restore(NOW, keep_as="before-1") == "br-main"
    assert fake.bodies[0]["preserve_under_name"] == "before-1"


@pytest.mark.parametrize(
    ("ends", "error", "said"), [("failed", Failed, "operation op-1 failed"), ("running", Undecided, "is still running")]
)
async def test_an_operation_that_fails_or_lasts_is_no_success(
    http: aiohttp.ClientSession, ends: str, error: type[ProviderError], said: str
) -> None:
    async with others.neon(FakeNeon(operation_ends=ends)) as fake:
        with pytest.raises(error, match=said):
            await _neon(fake, http).branch("backup-1", NOW)


async def test_neons_storage_is_read_and_never_made_up(http: aiohttp.ClientSession) -> None:
    async with others.neon(FakeNeon()) as fake:
        assert (await _neon(fake, http).storage()).quota_bytes == 536_870_912
        fake.limit = 0
        assert (await _neon(fake, http).storage()).quota_bytes is None
        fake.size = None
        with pytest.raises(Odd, match="doesn't say how large"):
            await _neon(fake, http).storage()
        fake.project = "another"
        with pytest.raises(Odd, match="where small-tide-1 was asked for"):
            await _neon(fake, http).storage()


async def test_incidents_are_told_and_a_page_that_can_not_be_read_is_named(http: aiohttp.ClientSession) -> None:
    async with others.status_page(FakeStatusPage()) as calm, others.status_page(FakeStatusPage()) as other:
        pages = [calm.url, other.url]
        assert await dependencies(http, pages, patience=HASTE) == await dependencies(http, pages[:1], patience=HASTE)
        other.incident("Slow builds")
        other.incident("Over", status="resolved")
        assert [one.name for one in (await dependencies(http, pages, patience=HASTE)).incidents] == ["Slow builds"]
        calm.trouble("GET", 200, text="<html>")
        found = await dependencies(http, [*pages, NOWHERE], patience=HASTE)
        assert (len(found.incidents), len(found.unread)) == (1, 2)
        other.incidents, other.indicator = [], "critical"
        assert [one.name for one in (await dependencies(http, [other.url], patience=HASTE)).incidents] == ["its indicator is critical"]
