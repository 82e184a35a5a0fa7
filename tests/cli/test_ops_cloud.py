"""`ops cron`, `ops ci`, `ops env` on the command line, built in and in the cloud; what can't be asked ends with 3."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from audiospective.infra.clock import SystemClock
from audiospective.operations import release_state
from audiospective.operations.env_diff import Difference, Differs, of_file, with_hosting
from audiospective.operations.providers.ports import Variable
from audiospective.settings import NAMES, Secret
from tests.cli.conftest import Run
from tests.cli.instance import NO_AUTHORITIES
from tests.simulators import others, qstash, vercel
from tests.simulators.others import FakeGithub
from tests.simulators.played import beside
from tests.simulators.qstash import FakeQstash
from tests.simulators.vercel import FakeVercel

APP = "https://music.example.org"


@pytest.fixture
def fake_qstash(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeQstash]:
    with beside(qstash.playing, FakeQstash()) as fake:
        monkeypatch.setenv("QSTASH_URL", fake.url)
        monkeypatch.setenv("QSTASH_TOKEN", "good")
        monkeypatch.setenv("APP_URL", APP)
        yield fake


def test_the_clouds_schedule_is_made_seen_paused_and_gone_on_with(run: Run, fake_qstash: FakeQstash) -> None:
    cloud = ("--profile", "cloud")
    assert run("ops", "cron", "status", *cloud).exit == 1
    assert run("ops", "cron", "ensure", *cloud).out == "created hourly-archive-production: 0 * * * * UTC\n"
    assert run("ops", "cron", "ensure", *cloud).out == "It is as it should be; nothing was done.\n"
    assert run("ops", "cron", "pause", *cloud).exit == 0
    says = {row["what"]: row["says"] for row in run("ops", "cron", "status", *cloud, "--json").json}
    assert (says["active"], says["hourly"]) == ("paused", "one")
    assert run("ops", "cron", "resume", *cloud).exit == 0
    assert run("ops", "cron", "run-now", *cloud).out.startswith("msg_")
    assert fake_qstash.published == [f"{APP}/api/cron/archive"]
    assert run("ops", "ledger", "verify", "--json").json["lines"] == 5


def test_a_scheduler_that_is_not_set_up_or_refuses_is_no_answer(run: Run, fake_qstash: FakeQstash, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_qstash.credential = "new"
    done = run("ops", "cron", "status", "--profile", "cloud")
    assert (done.exit, "look at QSTASH_TOKEN" in done.err) == (3, True)
    monkeypatch.delenv("QSTASH_TOKEN")
    assert run("ops", "cron", "ensure", "--profile", "cloud").exit == 3


def test_the_built_in_schedule_lives_with_its_worker(run: Run, dsn: str) -> None:
    assert run("ops", "cron", "ensure").exit == 3
    with psycopg.connect(dsn) as conn:
        conn.execute("INSERT INTO worker_heartbeats (name, beat_at) VALUES ('w', now())")
    assert run("ops", "cron", "ensure").exit == 0
    assert run("ops", "cron", "pause").exit == 0
    says = {row["what"]: row["says"] for row in run("ops", "cron", "status", "--json").json}
    assert (says["active"], says["hourly"]) == ("paused", "one")
    assert run("ops", "cron", "ensure").out == "resumed the built-in schedule\n"
    assert run("ops", "cron", "run-now").out == "0 people are due now\n"


def test_a_workflow_is_started_and_waited_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("ops", "ci", "run", "pr-checks").exit == 3
    with beside(others.github, FakeGithub()) as fake:
        for name, value in {"GITHUB_API_URL": fake.url, "GITHUB_TOKEN": "good", "GITHUB_REPOSITORY": "mara/audiospective"}.items():
            monkeypatch.setenv(name, value)
        assert run("ops", "ci", "run", "pr-checks").exit == 0
        assert fake.dispatched == ["pr-checks.yml@main"]
        brief = ("--minutes", "0.001", "--every", "0.01")
        assert run("ops", "ci", "wait", "--commit", "a" * 40, *brief).exit == 3
        fake.run("a" * 40)
        assert run("ops", "ci", "wait", "--commit", "a" * 40, *brief, "--json").json["jobs"]["build"] == "success"
        fake.run("a" * 40, conclusion="failure")
        assert run("ops", "ci", "wait", "--commit", "a" * 40, *brief).exit == 1
    assert run("ops", "ci", "wait").exit == 2


def test_a_workflow_deploys_a_commit_once(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in (("init", "-qb", "main"), ("commit", "-qm", "x", "--allow-empty")):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@x", *words], cwd=tmp_path, check=True)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()
    deploy = ("ops", "deploy", "--via", "ci")
    assert run(*deploy).exit == 3
    with beside(others.github, FakeGithub()) as fake:
        for name, value in {"GITHUB_API_URL": fake.url, "GITHUB_TOKEN": "good", "GITHUB_REPOSITORY": "mara/audiospective"}.items():
            monkeypatch.setenv(name, value)
        assert "deploy-production.yml on main" in run(*deploy, "--dry-run").out
        fake.run(commit)
        assert run(*deploy, "--json").json["conclusion"] == "success"
        fake.run(commit, conclusion="failure")
        assert run(*deploy).exit == 1
        assert fake.dispatched == []


@pytest.fixture
def unbuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[FakeGithub, str]]:
    """A commit that no workflow has run for."""
    for words in (("init", "-qb", "main"), ("commit", "-qm", "x", "--allow-empty")):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@x", *words], cwd=tmp_path, check=True)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()
    with beside(others.github, FakeGithub()) as fake:
        for name, value in {"GITHUB_API_URL": fake.url, "GITHUB_TOKEN": "good", "GITHUB_REPOSITORY": "mara/audiospective"}.items():
            monkeypatch.setenv(name, value)
        yield fake, commit


_BRIEF = ("ops", "deploy", "--via", "ci", "--minutes", "0.001", "--every", "0.01")


def test_a_workflow_that_is_not_over_in_time_ends_with_6_and_is_not_begun_again(run: Run, unbuilt: tuple[FakeGithub, str]) -> None:
    fake, commit = unbuilt
    done = run(*_BRIEF)
    assert (done.exit, "is not begun after 0.001 minutes" in done.err) == (6, True)
    assert run(*_BRIEF).exit == 6  # asked for a moment ago, though no run is listed yet
    assert fake.dispatched == ["deploy-production.yml@main"]
    fake.run(commit, status="in_progress", conclusion=None)
    done = run(*_BRIEF)
    assert (done.exit, "is in_progress after" in done.err) == (6, True)
    fake.runs.clear()
    fake.run(commit)
    assert run(*_BRIEF).exit == 0
    assert len(fake.dispatched) == 1


def test_whether_a_silent_host_started_it_is_not_known(run: Run, unbuilt: tuple[FakeGithub, str]) -> None:
    fake, commit = unbuilt
    fake.trouble("POST", cut=True, times=1)
    assert run(*_BRIEF).exit == 6
    fake.run(commit)
    assert run(*_BRIEF).exit == 0
    assert fake.dispatched == []


def test_a_workflow_that_was_refused_is_asked_for_again(run: Run, unbuilt: tuple[FakeGithub, str]) -> None:
    fake, _ = unbuilt
    fake.trouble("POST", 422, {"message": "No ref found"}, times=1)
    assert run(*_BRIEF).exit == 3
    assert run(*_BRIEF).exit == 6
    assert fake.dispatched == ["deploy-production.yml@main"]


def test_who_waits_for_a_workflow_does_not_lock_its_own_deployment_out(run: Run, unbuilt: tuple[FakeGithub, str], tmp_path: Path) -> None:
    fake, commit = unbuilt
    taken: list[bool] = []

    def deploys(request: str) -> None:
        with release_state.locked(tmp_path / "home", "the workflow", request, SystemClock().now()):
            taken.append(True)

    fake.run(commit)
    fake.on_jobs = lambda: deploys("deploying")
    assert run(*_BRIEF).exit == 0
    assert taken == [True]


def test_the_environment_is_compared_without_showing_it(run: Run, tmp_path: Path) -> None:
    assert run("ops", "env", "diff").exit == 0
    (tmp_path / ".env").write_text("SPOTIFY_API_URL=http://127.0.0.1:1\nSPOTIFI_CLIENT_ID=hush\n", encoding="utf-8")
    done = run("ops", "env", "diff")
    assert (done.exit, done.out) == (1, "SPOTIFY_API_URL: different\nSPOTIFI_CLIENT_ID: there alone\n")
    assert run("ops", "env", "diff", "--profile", "cloud").exit == 3


@contextlib.asynccontextmanager
async def _hosting(fake: FakeVercel) -> AsyncIterator[FakeVercel]:
    async with vercel.playing(fake):
        yield fake


def test_the_hosts_environment_is_compared_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeVercel(variables={"SPOTIFY_API_URL": ("encrypted", "http://elsewhere"), "NODE_ENV": ("plain", "production")})
    with beside(_hosting, fake):
        for name, value in {"VERCEL_API_URL": fake.url, "VERCEL_TOKEN": "good", "VERCEL_PROJECT_ID": "prj_1"}.items():
            monkeypatch.setenv(name, value)
        done = run("ops", "env", "diff", "--profile", "cloud", "--json")
    said = {one["name"]: one["how"] for one in done.json}
    assert (done.exit, said["SPOTIFY_API_URL"], said["NODE_ENV"], said["DATABASE_URL"]) == (1, "different", "there alone", "here alone")
    assert "elsewhere" not in done.out


def test_what_can_only_be_written_is_not_called_equal() -> None:
    here = {"SENTRY_DSN": "x", "PATH": "/bin", "APP_ENV": "production"}
    there = [Variable("SENTRY_DSN", None), Variable("APP_ENV", Secret("production"))]
    assert with_hosting(here, there, list(NAMES)) == [Difference("SENTRY_DSN", Differs.WRITE_ONLY)]
    assert of_file({"APP_ENV": "production"}, {"APP_ENV": "production"}, list(NAMES)) == []


def _script(folder: Path, environ: dict[str, str], *words: str) -> tuple[int, list[str]]:
    script = Path(__file__).parents[2] / "verify-production-env.sh"
    done = subprocess.run([script, *words], cwd=folder, env=environ, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


@pytest.fixture
def whole() -> dict[str, str]:
    """The environment that the runbook asks for."""
    names = "DATABASE_URL NEXTAUTH_URL NEXTAUTH_SECRET NODE_ENV SPOTIFY_CLIENT_ID SPOTIFY_CLIENT_SECRET UPSTASH_REDIS_REST_URL "
    names += "UPSTASH_REDIS_REST_TOKEN QSTASH_URL QSTASH_TOKEN QSTASH_CURRENT_SIGNING_KEY QSTASH_NEXT_SIGNING_KEY SENTRY_DSN "
    names += "SENTRY_AUTH_TOKEN SENTRY_ENVIRONMENT"
    return dict.fromkeys(names.split(), "hush") | NO_AUTHORITIES | {"PATH": "/usr/bin:/bin"}


@pytest.mark.programs
@pytest.mark.parametrize("profile", ["self-hosted", "cloud"])
def test_the_runbooks_script_prints_the_runbooks_lines(profile: str, whole: dict[str, str], tmp_path: Path) -> None:
    code, lines = _script(tmp_path, whole, "--profile", profile)
    assert (code, len(lines), lines[0], lines[-1]) == (0, 16, "✅ DATABASE_URL is set", "✅ All required environment variables verified!")
    assert "hush" not in "".join(lines)


@pytest.mark.programs
def test_the_runbooks_script_ends_with_one_where_a_variable_is_missing(whole: dict[str, str], tmp_path: Path) -> None:
    del whole["SPOTIFY_CLIENT_ID"]
    assert _script(tmp_path, whole)[0] == 1


def test_a_release_goes_out_at_the_host_and_comes_back(rehearsed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run = rehearsed
    monkeypatch.setenv("APP_URL", "http://127.0.0.1:9")
    fake = FakeVercel(builds=["READY"], jobs_last=0)
    fake.built("b" * 40)
    cloud = ("--profile", "cloud", "--by", "Mara Quill")
    assert run("ops", "deploy", *cloud, "--commit", "a" * 40).exit == 3
    with beside(vercel.playing, fake):
        for name, value in {"VERCEL_API_URL": fake.url, "VERCEL_TOKEN": "good", "VERCEL_PROJECT_ID": "prj_1"}.items():
            monkeypatch.setenv(name, value)
        assert run("ops", "deploy", *cloud, "--commit", "abc").exit == 2
        assert "build aaaaaaaa" in run("ops", "deploy", *cloud, "--commit", "a" * 40, "--dry-run").out
        done = run("ops", "deploy", *cloud, "--commit", "a" * 40, "--json")
        assert (done.exit, done.json["release"], "doesn't answer" in done.json["wrong"][0]) == (1, "dpl_2", True)  # nothing is at APP_URL
        assert run("ops", "rollback", *cloud, "--dry-run").out == "audiospective ops rollback --profile cloud --to dpl_1\n"
        assert fake.serving == "dpl_2"
        fake.trouble("POST /v13/deployments", 402, {"error": {"code": "payment_required", "message": "Quota"}})
        refused = run("ops", "deploy", *cloud, "--commit", "c" * 40)
        assert (refused.exit, "refuses a new deployment (402: Quota)" in refused.err) == (3, True)
