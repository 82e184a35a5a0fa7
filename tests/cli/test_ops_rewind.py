"""`ops rollback data` and `ops drill data`: who may, what must be said, and how they end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from audiospective.infra.clock import SystemClock
from audiospective.operations import release_state
from tests.cli.conftest import Run
from tests.simulators import others
from tests.simulators.others import FakeNeon
from tests.simulators.played import beside

AT = f"{SystemClock().now() - timedelta(minutes=9):%Y-%m-%dT%H:%M:%SZ}"
WHY = ("--reason", "plays were overwritten")
LEAD, NOOR = ("--by", "Mara Quill"), ("--by", "Noor Haddad")


@pytest.fixture
def neon(monkeypatch: pytest.MonkeyPatch, dsn: str) -> Iterator[FakeNeon]:
    with beside(others.neon, FakeNeon(address=dsn)) as fake:
        for name, value in {"NEON_API_URL": fake.url, "NEON_API_KEY": "good", "NEON_PROJECT_ID": "small-tide-1"}.items():
            monkeypatch.setenv(name, value)
        yield fake


def _restores(fake: FakeNeon) -> int:
    return sum("source_timestamp" in body for body in fake.bodies)


def test_without_a_host_it_says_what_is_to_be_set_and_what_does_it_here(run: Run) -> None:
    done = run("ops", "rollback", "data", AT, "--dry-run")
    assert (done.exit, "NEON_API_KEY and NEON_PROJECT_ID aren't set" in done.err, "ops restore FILE" in done.err) == (3, True, True)


def test_what_is_only_asked_about_or_not_meant_restores_nothing(run: Run, neon: FakeNeon) -> None:
    assert "keep the present one as before-" in run("ops", "rollback", "data", AT, "--dry-run").out
    assert run("ops", "rollback", "data", AT, "--yes-replace").exit == 2  # no reason
    assert run("ops", "rollback", "data", AT, *WHY).exit == 1
    assert run("ops", "rollback", "data", "2020-01-01T00:00Z", *WHY, "--yes-replace").exit == 5
    assert _restores(neon) == 0


def test_whoever_does_not_lead_needs_the_leads_approval(rehearsed: Run, neon: FakeNeon) -> None:
    run = rehearsed
    run("ops", "init", "deployment-lead", "--name", "Mara Quill", "--mail", "mara@example.org")
    words = ("ops", "rollback", "data", AT, *WHY, "--yes-replace")
    assert run(*words, *NOOR).exit == 5
    assert _restores(neon) == 0
    assert run("ops", "rollback", "request", *WHY, *NOOR).exit == 0
    assert run(*words, *NOOR).exit == 5
    assert run("ops", "rollback", "approve", "1", *NOOR).exit == 5
    assert run("ops", "rollback", "approve", "1", *LEAD).exit == 0
    assert run(*words, *NOOR, "--json").json["is_new"]
    assert _restores(neon) == 1
    (line,) = run("ops", "ledger", "show", "--event", "data.rolled_back", "--json").json
    assert (line["actor"], line["body"]["reason"]) == ("Noor Haddad", "plays were overwritten")
    assert "That was done before" in run(*words, *LEAD).out
    assert _restores(neon) == 1


def test_what_is_not_over_or_another_operators_is_told_by_its_exit(run: Run, neon: FakeNeon, tmp_path: Path) -> None:
    words = ("ops", "rollback", "data", AT, *WHY, "--yes-replace", *LEAD)
    with release_state.locked(tmp_path / "home", "Noor", "deploying", SystemClock().now()):
        assert run(*words).exit == 8
    neon.credential = "new"
    assert run(*words).exit == 3
    neon.credential = "good"
    neon.trouble("POST", cut=True, times=1)
    assert run(*words).exit == 6


def test_a_rehearsal_says_how_long_and_how_much(rehearsed: Run, neon: FakeNeon) -> None:
    done = rehearsed("ops", "drill", "data", AT)
    assert (done.exit, "now there are 0 of 0" in done.out) == (0, True)
    rehearsed("ops", "sign", "R042", "--by", "Mara Quill")
    assert rehearsed("ops", "drill", "data", AT, "--json").exit == 1  # the copy knows what came after that moment
    assert [one["name"] for one in neon.branches] == ["main"]
