"""A launch on the command line: its record, its people, its window, its papers."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.operations.test_launches import TEAM


def test_a_launch_is_opened_once_and_closed(run: Run) -> None:
    assert run("ops", "launch", "new", "1.0.0", "--window", "2026-12-01T10:00Z", "--json").json["version"] == "1.0.0"
    assert run("ops", "launch", "new", "1.1.0").exit == 1
    assert run("ops", "launch", "new", "1.1.0", "--window", "soon").exit == 2
    assert run("ops", "window").exit == 5
    assert run("ops", "launch", "close").exit == 0
    assert run("ops", "launch", "close").exit == 1


def test_a_whole_team_is_named_reached_and_ready(run: Run) -> None:
    for role, name in TEAM.items():
        run("ops", "init", role, "--name", name, "--mail", f"{role}@example.org", "--phone", "+351 21 000 0000", "--zone", "Europe/Lisbon")
    assert run("ops", "contacts").exit == 0
    assert "Mara Quill" in run("ops", "escalate").out
    assert [run("ops", "ready", role, "--by", name).exit for role, name in TEAM.items()] == [4, 4, 4, 0]
    assert [run("ops", "trained", role, "--by", name).exit for role, name in TEAM.items()] == [4, 4, 4, 0]
    assert "+351" not in run("ops", "ledger", "show", "--json").out
    assert run("ops", "waive", "R048", "--by", "Mara Quill", "--reason", "first launch").exit == 0
    assert run("ops", "waive", "R018", "--by", "Mara Quill", "--reason", "no time").exit == 5


def test_nobody_can_be_asked_without_a_terminal(run: Run) -> None:
    assert run("ops", "init").exit == 1
    assert run("ops", "contacts").exit == 1


def test_papers_are_printed(run: Run) -> None:
    assert run("ops", "runbook", "show", "--printable").out.count("☐") == 30
    assert "audiospective ops rollback" in run("ops", "quickref").out
    assert "support@neon.tech" in run("ops", "providers").out
    assert run("ops", "traffic").exit == 3


def test_a_decision_is_written_down_whatever_it_is(run: Run) -> None:
    assert run("ops", "decide", "2h", "--json").json["gate"] == "hold"
    assert run("ops", "decide", "teatime").exit == 2
    (line,) = run("ops", "ledger", "show", "--event", "gate.decided", "--json").json
    assert (line["subject"], line["body"]["gate"]) == ("2h", "hold")


def test_evidence_is_kept_hashed_readable_by_its_owner_alone_and_without_secrets(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_SECRET", "canary-" + "s" * 64)
    run("ops", "incident", "open", "--severity", "3", "--title", "Exports fail", "--say", "We look. canary-" + "s" * 64)
    found = run("ops", "incident", "evidence", "1", "--json").json
    path = Path(found["file"])
    assert (path.stat().st_mode & 0o777, hashlib.sha256(path.read_bytes()).hexdigest()) == (0o600, found["sha256"])
    with zipfile.ZipFile(path) as pack:
        assert pack.namelist() == ["errors.json", "health.json", "ledger.json", "log.txt", "settings.json"]
        assert all(b"canary-" not in pack.read(name) for name in pack.namelist())
    assert "canary-" not in run("ops", "ledger", "show", "--json").out


def test_a_promise_is_closed_only_by_its_proof(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # to read all of them takes a second each time
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p xdist.plugin")
    run("ops", "incident", "open", "--severity", "3", "--title", "Exports fail", "--say", "We look.")
    (tmp_path / "test_red.py").write_text("def test_red() -> None:\n    assert False\n")
    (tmp_path / "test_green.py").write_text("def test_green() -> None:\n    assert True\n")
    done = run("ops", "incident", "done", "1", "test", "--proof", "test_green.py::test_green")
    assert (done.exit, "Nobody promised it" in done.err) == (1, True)
    promised = ("--say", "A test of it", "--owner", "Mara", "--due", "2026-12-01")
    assert run("ops", "incident", "act", "1", *promised, "--for", "party").exit == 2
    assert run("ops", "incident", "act", "1", *promised, "--for", "test").exit == 0
    assert run("ops", "incident", "done", "1", "test", "--proof", "test_red.py::test_red").exit == 1
    assert run("ops", "incident", "done", "1", "test", "--proof", "test_green.py::test_none").exit == 1
    assert run("ops", "incident", "done", "1", "test", "--proof", "test_green.py::test_green").exit == 0
    assert run("ops", "incident", "done", "1", "checklist").exit == 1
    assert run("ops", "incident", "done", "1", "training").exit == 1
    assert run("ops", "incident", "done", "1", "party").exit == 2


def test_a_hotfix_begins_with_a_branch_and_stops_at_the_first_gate_that_is_shut(run: Run, tmp_path: Path) -> None:
    for words in (
        ["init", "-q", "-b", "main"],
        ["-c", "user.name=M", "-c", "user.email=m@example.org", "commit", "-q", "--allow-empty", "-m", "x"],
    ):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    assert run("ops", "hotfix", "start", "Exports Fail").exit == 2
    assert run("ops", "hotfix", "start", "exports-fail").exit == 0
    assert run("ops", "hotfix", "start", "exports-fail").exit == 1
    (tmp_path / "Makefile").write_text("test:\n\t@false\n")
    assert run("ops", "hotfix", "finish", "exports-fail").exit == 5
    assert [one["event"] for one in run("ops", "ledger", "show", "--json").json] == ["hotfix.started"]
