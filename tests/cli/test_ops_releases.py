"""Releases on the command line, over an instance that runs: out, watched, back; gates, locks, authority, and what is written down."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from audiospective.accounts import people, tokens
from audiospective.bootstrap import Parts
from audiospective.cli.environment import read_settings
from audiospective.cli.main import main
from audiospective.cli.session import with_parts
from audiospective.infra.clock import SystemClock
from audiospective.operations import release_state, releases
from audiospective.operations.health import Observer, State
from tests.cli.conftest import Said
from tests.cli.instance import Up, answers, started
from tests.folders import reachable_folder
from tests.operations.stubs import stub, stub_wheel
from tests.operations.wheels import FEW, NOW, builders_environ, laid_out

pytestmark = pytest.mark.db

Ops = Callable[..., Said]

_BREAKS_DASHBOARDS = """

def render(*_: object) -> Response[bytes]:
    raise RuntimeError("it looks well to whoever looks elsewhere")
"""

_THERE_IS_NOT = [
    ("deploy", "--version", "9.9.9"),
    ("deploy", "--wheel", "none.whl", "--commit", "1a2b3c4d"),
    ("rollback", "--to", "9.9.9"),
    ("freeze",),
]


_DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    """An instance that rehearses, a day ahead of this machine."""
    with reachable_folder() as folder:
        (folder / "home").mkdir(mode=0o700)
        (folder / "home" / "rehearsal-clock").write_text(str(_DAY.total_seconds()), encoding="utf-8")
        with started(folder / "home") as running:
            yield running
        for one in releases.listed(running.home):
            releases.remove(running.home, one)


@pytest.fixture
def ops(up: Up, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Ops:
    """Run an operator's command: `ops("releases")`."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "APP_ENV", "SPOTIFY_API_URL", "SPOTIFY_ACCOUNTS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AUDIOSPECTIVE_HOME", str(up.home))
    monkeypatch.setenv("APP_URL", up.address)

    def run(*words: str | Path) -> Said:
        capfd.readouterr()
        done = main(["ops", *map(str, words)])
        said = capfd.readouterr()
        return Said(done, said.out, said.err)

    return run


def _listed(ops: Ops) -> dict[str, str]:
    return {one["id"]: one["state"] for one in ops("releases", "--json").json}


def _boxes(ops: Ops, *wanted: str) -> list[str]:
    found = {one["id"]: one["state"] for one in ops("runbook", "list", "--json").json}
    return [found[box] for box in wanted]


def test_where_it_runs_is_asked_of_the_instance_by_whoever_was_not_told(ops: Ops, up: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("APP_URL")
    said = ops("health", "--json")
    assert [one["state"] for one in said.json if one["id"] in {"R060", "R061", "R063", "R065"}] == ["pass"] * 4
    seen = with_parts(lambda parts: Observer(parts.db, parts.spotify, parts.clock).health())
    assert (read_settings().app_url, seen.services["spotify"].state) == (up.address, State.HEALTHY)
    monkeypatch.setenv("APP_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SPOTIFY_CLIENT_ID", "app")
    monkeypatch.setenv("SPOTIFY_CLIENT_SECRET", "s")
    found = read_settings()
    assert (found.app_url, found.spotify.api_url) == ("http://127.0.0.1:9", "https://api.spotify.com")


def test_a_release_goes_out_and_back_and_everything_is_written_down_once(ops: Ops, up: Up, tmp_path: Path) -> None:
    first = stub_wheel(tmp_path, "1.0.0")  # the one to go back to, here and below; whole ones follow one another in test_f28_releases.py
    done = ops("deploy", "--wheel", first, "--commit", "1a2b3c4d", "--watch", "0.3", "--json")
    assert (done.exit, done.json["release"], done.json["before"], done.json["wrong"]) == (0, "1.0.0-1a2b3c4d", "installed", [])
    assert answers(up.address)
    assert ops("deploy", "--version", "1.0.0", "--watch", "0.3").exit == 0  # serves already
    laid_out(up.home, tmp_path, "1.1.0")
    assert ops("deploy", "--version", "v1.1.0", "--watch", "0.3").out.startswith(f"✅  Production: {up.address} (1.1.0-11000000")
    assert _listed(ops) == {"1.0.0-1a2b3c4d": "last good", "1.1.0-11000000": "serving", "installed": "good"}
    back = ops("rollback", "--reason", "a drill", "--json")
    assert (back.exit, back.json["release"], back.json["seconds"] <= 10) == (0, "1.0.0-1a2b3c4d", True)
    assert ops("ledger", "verify").exit == 0
    assert _boxes(ops, "R038", "R039", "R053", "R054", "R055", "R057", "R058", "R059", "R206") == ["pass"] * 9
    state = release_state.read(up.home)
    facts = [fact.event for fact in state.facts]
    assert [facts.count(event) for event in ("release.deployed", "release.rolled_back", "release.served")] == [2, 1, 3]
    stamped = {fact.at for fact in state.facts if fact.event != "release.laid_out"}  # which the test itself did, at NOW
    stamped |= {at for known in state.releases.values() for at in (known.served_at, known.proved_at) if at}
    assert min(stamped) > SystemClock().now() + _DAY - timedelta(hours=1)


def test_after_a_rollback_nobody_deploys_until_it_is_lifted(ops: Ops, up: Up) -> None:
    frozen = ops("deploy", "--version", "1.1.0")
    assert (frozen.exit, "rolled back from 1.1.0-11000000" in frozen.err) == (5, True)
    assert ops("freeze", "lift").out == "Deploys may go on.\n"
    assert ops("freeze", "--reason", "the launch is on").exit == 0
    assert ops("deploy", "--version", "1.1.0").exit == 5
    frozen_at = release_state.read(up.home).freeze
    assert frozen_at is not None
    assert frozen_at.at > SystemClock().now() + _DAY - timedelta(hours=1)
    assert ops("freeze", "lift").exit == 0
    assert ops("freeze", "lift").out == "Deploys weren't frozen.\n"


def test_a_dry_run_says_what_would_be_done(ops: Ops, up: Up) -> None:
    assert "start it beside 1.0.0-1a2b3c4d" in ops("deploy", "--version", "1.1.0", "--dry-run").out
    done = ops("rollback", "--to", "installed", "--dry-run")
    assert (done.exit, done.out.startswith("audiospective ops rollback --to installed")) == (0, True)
    assert _listed(ops)["1.0.0-1a2b3c4d"] == "serving"


def test_a_second_operator_ends_with_eight(ops: Ops, up: Up) -> None:
    with release_state.locked(up.home, "Mara", "deploying", NOW):
        for words in (("deploy", "--version", "1.1.0"), ("rollback", "--to", "installed")):
            done = ops(*words)
            assert (done.exit, "Mara, deploying" in done.err) == (8, True)


def test_one_that_is_not_well_is_taken_back_by_itself(ops: Ops, up: Up, tmp_path: Path) -> None:
    stub(up.home, tmp_path, "2.0.0", "later")
    done = ops("deploy", "--version", "2.0.0", "--watch", "20")
    assert (done.exit, "The release before serves again" in done.err) == (7, True)
    assert _listed(ops)["2.0.0-20000000"] == "not"
    assert _boxes(ops, "R053", "R054", "R055") == ["pass", "fail", "fail"]
    assert "it was taken back" in ops("rollback", "--to", "2.0.0").err


@contextlib.contextmanager
def _people_at(url: str, token: str) -> Iterator[list[int]]:
    """Somebody who opens that page again and again; what they were answered."""
    answered: list[int] = []
    is_over = threading.Event()

    def visit() -> None:
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/html", "Connection": "close"}
        with httpx.Client(headers=headers, timeout=30) as browser:
            while not is_over.wait(0.2):
                answered.append(browser.get(url).status_code)

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        yield answered
    finally:
        is_over.set()
        visitor.join()


def test_one_that_fails_people_where_nobody_looks_is_taken_back_too(ops: Ops, up: Up, tmp_path: Path) -> None:
    async def token(parts: Parts) -> str:
        async with parts.db.transaction() as conn:
            person = await people.add(conn, "wren", parts.clock.now())
            return await tokens.issue(conn, person.id, "test", parts.clock.now())

    laid_out(up.home, tmp_path, "2.1.0", append={"web/pages/dashboard.py": _BREAKS_DASHBOARDS})
    with _people_at(f"{up.address}/dashboard", with_parts(token)) as answered:
        done = ops("deploy", "--version", "2.1.0", "--watch", "20")
    assert (done.exit, "requests of people" in done.err, "The release before serves again" in done.err) == (7, True, True)
    assert (answered[0], 5 <= answered.count(500) < 50) == (200, True)
    assert _listed(ops)["2.1.0-21000000"] == "not"


def test_what_takes_away_what_the_installation_needs_waits_for_its_upgrade(ops: Ops, up: Up, tmp_path: Path) -> None:
    less = "-- contract: safe from 9001\nALTER TABLE people DROP COLUMN IF EXISTS nothing_anymore;"
    more = {"migrations/9002_less.sql": less, "migrations/9001_more.sql": "SELECT 1;"}
    laid_out(up.home, tmp_path, "3.0.0", append=more, among=FEW)
    done = ops("deploy", "--version", "3.0.0")
    assert (done.exit, "brings 9002_less" in done.err, "upgrade the installation first" in done.err) == (5, True, True)
    assert _listed(ops)["1.0.0-1a2b3c4d"] == "serving"


def test_who_may_not_asks_who_may(ops: Ops, up: Up, tmp_path: Path) -> None:
    stub(up.home, tmp_path, "4.0.0")
    ops("deploy", "--version", "4.0.0", "--watch", "0.1")
    assert _listed(ops)["4.0.0-40000000"] == "serving"
    ops("init", "deployment-lead", "--name", "Mara", "--mail", "mara@example.org", "--zone", "Europe/Lisbon")
    done = ops("rollback", "--to", "1.0.0", "--by", "Noor")
    assert (done.exit, "Mara leads this deployment and must approve" in done.err) == (5, True)
    asked = ops("rollback", "request", "--by", "Noor", "--reason", "nothing loads", "--critical", "--json")
    assert asked.json == {"request": 1, "lead": "Mara"}
    assert ops("rollback", "approve", "1", "--by", "Tove").exit == 5
    assert ops("rollback", "approve", "1", "--by", "Mara").out.startswith("Noor may roll back within the hour")
    assert ops("rollback", "--to", "1.0.0", "--by", "Noor", "--reason", "nothing loads").exit == 0
    assert _listed(ops)["1.0.0-1a2b3c4d"] == "serving"
    assert ops("rollback", "request", "--reason", " ").exit == 2


@pytest.mark.parametrize("words", _THERE_IS_NOT)
def test_what_there_is_not_is_wrong_usage(ops: Ops, words: tuple[str, ...]) -> None:
    ops("freeze", "lift")
    assert ops(*words).exit == 2


def test_where_nothing_runs_a_rollback_chooses_what_starts_next(
    run: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    one, other = (laid_out(home, tmp_path, version, among=FEW) for version in ("1.0.0", "1.1.0"))
    with release_state.changed(home) as state:
        for release in (one, other):
            state.known(release.id).proved_at = NOW
    releases.point(home, other.id)
    assert run("ops", "deploy", "--version", "1.0.0").exit == 3
    done = run("ops", "rollback", "--to", "1.0.0", "--reason", "it doesn't start", "--json")
    assert (done.exit, json.loads(done.out)["is_running"], releases.current(home)) == (0, False, one.id)
    for release in (one, other):
        releases.remove(home, release.id)


def test_a_rehearsal_without_a_round_is_wrong_usage(run: Callable[..., Said]) -> None:
    assert run("ops", "drill", "rollback", "--rounds", "0").exit == 2  # with one: tests/browser/test_launch.py


def test_a_build_is_written_down_with_its_commit(run: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    for name, value in builders_environ().items():
        monkeypatch.setenv(name, value)
    built = run("ops", "build", "--out", tmp_path / "dist", "--json").json
    assert Path(built["wheel"]).stat().st_size == built["bytes"]
    report = tmp_path / "junit.xml"
    report.write_text('<testsuites><testsuite tests="10" failures="0" errors="0" skipped="0"/></testsuites>')
    assert run("ops", "test", "--junit", report).out == "10 of 10 tests passed (100 %).\n"
    found = {one["id"]: one["state"] for one in run("ops", "runbook", "list", "pre-deployment", "--json").json}
    assert (found["R032"], found["R033"]) == ("pass", "pass")
    report.write_text('<testsuites><testsuite tests="10" failures="2" errors="0" skipped="0"/></testsuites>')
    assert run("ops", "test", "--junit", report).exit == 1
    found = {one["id"]: one["state"] for one in run("ops", "runbook", "list", "pre-deployment", "--json").json}
    assert found["R032"] == "fail"
    assert run("ops", "tag", "list").exit == 0
    assert run("ops", "tag", "nonsense").exit == 2
