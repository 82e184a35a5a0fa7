"""`ops` on the command line: what it says, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.simulators import others
from tests.simulators.others import FakeChat
from tests.simulators.played import beside


def test_all_219_boxes_are_listed_with_what_settles_each(run: Run) -> None:
    listed = run("ops", "runbook", "list", "--json").json
    assert len(listed) == 219
    assert {"id", "kind", "command", "threshold", "state"} <= set(listed[0])
    assert {one["state"] for one in listed} == {"pending"}


def test_a_preflight_fails_and_says_why(run: Run) -> None:
    done = run("ops", "preflight", "--url", "http://127.0.0.1:9", "--json")
    found = {one["id"]: one["state"] for one in done.json}
    assert done.exit == 1
    assert (found["R015"], found["R016"], found["R018"], found["R014"]) == ("pass", "pass", "unknown", "unknown")


def test_the_chat_is_tried_once_in_an_hour_where_only_what_is_open_is_looked_at(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with beside(others.chat, FakeChat()) as chat:
        monkeypatch.setenv("SLACK_WEBHOOK_URL", f"{chat.url}/services/T/B/x")
        look = ("ops", "preflight", "--open", "--url", "http://127.0.0.1:9", "--json")
        first, second = [{one["id"]: one for one in run(*look).json} for _ in range(2)]
    assert [said[:25] for said in chat.texts] == ["Deployment channel check ", "This is a test. Alerts ar"]
    assert (first["R005"]["state"], second["R005"]) == ("pass", first["R005"])
    assert second["R018"]["at"] > first["R018"]["at"]


def test_an_instance_that_can_not_be_reached_is_unknown(run: Run) -> None:
    assert run("ops", "health", "--url", "http://127.0.0.1:9").exit == 3


def test_people_sign_by_name_and_the_ledger_holds(run: Run) -> None:
    assert run("ops", "ack", "deployment-lead", "--by", "Mara Quill").exit == 5
    assert run("ops", "init", "deployment-lead", "--name", "Mara Quill", "--mail", "mara@example.org").exit == 1
    assert run("ops", "ack", "deployment-lead", "--by", "Noor").exit == 5
    assert run("ops", "ack", "deployment-lead", "--by", "Mara Quill").exit == 0
    assert run("ops", "sign", "R042", "--by", "Noor", "--json").json[0]["state"] == "signed"
    assert run("ops", "sign", "R018", "--by", "Noor", "--note", "trust me").exit == 2
    assert [one["by"] for one in run("ops", "runbook", "show", "--json").json] == ["Mara Quill", "Noor"]
    assert run("ops", "ledger", "verify", "--json").json == {"lines": 3, "first_broken": None, "first_differing": None}


def test_a_launch_waits_for_people_and_holds(run: Run) -> None:
    done = run("ops", "decide", "incidents")
    assert (done.exit, done.out.startswith("HOLD")) == (4, True)


def test_the_environment_is_verified_in_the_runbooks_lines(run: Run) -> None:
    done = run("ops", "verify-env")
    assert "✅ DATABASE_URL is set" in done.out
    assert done.exit == 1


def test_a_backup_is_made_proven_listed_and_rehearsed(run: Run, tmp_path: Path) -> None:
    run("users", "add", "mara")
    made = run("ops", "backup", "--to", tmp_path / "kept", "--json").json
    assert run("ops", "verify-backup", made["file"]).exit == 0
    assert len(run("ops", "backups", "--folder", tmp_path / "kept", "--json").json) == 1
    assert run("ops", "drill", "restore", "--json").json["rpo_s"] is None
    assert 0 < run("ops", "drill", "restore", "--json").json["rpo_s"] < 600
    settled = {one["id"]: one["state"] for one in run("ops", "runbook", "show", "--json").json}
    assert settled == {"R018": "pass", "R203": "pass"}


def test_a_restore_replaces_only_when_told(run: Run, tmp_path: Path) -> None:
    run("users", "add", "mara")
    made = run("ops", "backup", "--to", tmp_path / "kept", "--no-verify", "--json").json["file"]
    run("users", "add", "noor")
    assert run("ops", "restore", made).exit == 1
    assert run("ops", "restore", made, "--yes-replace").exit == 0
    assert [user["name"] for user in run("users", "list", "--json").json] == ["mara"]
    assert run("ops", "resume").exit == 0


def test_keys_are_rotated_and_it_is_written_down(run: Run) -> None:
    assert run("ops", "rotate-keys", "--json").json == {"resealed": 0, "left": 0, "secrets": 1}
    (key,) = run("ops", "keys", "--json").json
    assert (key["place"], key["permissions"], key["needed"]) == (1, 0, "it seals and signs")
    assert run("ops", "explain", "R202").out.startswith("R202")


def test_a_text_is_compared_with_the_boxes(run: Run, tmp_path: Path) -> None:
    text = tmp_path / "runbook.md"
    text.write_text("- [ ] Coffee is ready\n", encoding="utf-8")
    done = run("ops", "runbook", "lint", text)
    assert (done.exit, "Coffee is ready" in done.out) == (1, True)
    assert run("ops", "runbook", "lint", tmp_path / "none.md").exit == 2


def test_the_matrix_and_wrong_words(run: Run) -> None:
    assert run("ops", "matrix", "--issue", "sign-in", "--affected", "60").out == "roll back at once\n"
    for wrong in (("matrix", "--issue", "weather"), ("ack", "captain"), ("runbook", "run", "chapter-nine"), ("sign", "R999")):
        assert run("ops", *wrong).exit == 2


def test_an_incident_goes_its_way(run: Run) -> None:
    number = run("ops", "incident", "open", "--severity", "2", "--title", "Exports fail", "--say", "We look into it.", "--json").json["id"]
    assert run("ops", "incident", "ack", str(number), "--by", "Mara").exit == 0
    assert run("ops", "incident", "update", str(number), "--stage", "identified", "--say", "A full disk.").exit == 5
    assessed = ("--broken", "Exports", "--affected", "20", "--no-data-at-risk", "--no-rollback")
    assert run("ops", "incident", "assess", str(number), *assessed).exit == 0
    assert run("ops", "incident", "update", str(number), "--stage", "identified", "--say", "A full disk.").exit == 0
    assert run("ops", "incident", "postmortem", str(number), "--summary", "x", "--cause", "y").exit == 2
    assert run("ops", "incident", "act", str(number), "--say", "Alert", "--owner", "Mara", "--due", "2027-01-01").exit == 0
    assert run("ops", "incident", "resolve", str(number), "--say", "Works again.").exit == 0
    assert "# Post-mortem: Exports fail" in run("ops", "incident", "postmortem", str(number), "--summary", "x", "--cause", "y").out
    (listed,) = run("ops", "incident", "list", "--json").json
    assert [one.split()[2] for one in listed["updates"]] == ["investigating:", "note:", "identified:", "resolved:"]
    assert run("ops", "ledger", "verify").exit == 0


def test_what_people_see_can_be_asked_here_too(run: Run) -> None:
    done = run("ops", "status", "--json")
    assert (done.exit, done.json["database"], done.json["open_incidents"]) == (1, "healthy", "0")


def test_what_comes_again_is_measured_and_asks_for_names(run: Run) -> None:
    assert [one["id"] for one in run("ops", "daily", "--url", "http://127.0.0.1:9", "--json").json] == ["R190", "R191", "R192"]
    assert run("ops", "weekly", "--url", "http://127.0.0.1:9").exit in {1, 3, 4}
    assert run("ops", "monthly", "--url", "http://127.0.0.1:9").exit in {1, 3, 4}
    assert run("ops", "watch", "--minutes", "0.01", "--every", "1", "--url", "http://127.0.0.1:9").exit in {1, 3}
    assert run("ops", "watch", "--minutes", "0").exit == 2


def test_a_smoke_test_that_reaches_nobody_leaves_no_token(run: Run) -> None:
    run("users", "add", "mara")
    assert run("ops", "smoke", "--user", "mara", "--url", "http://127.0.0.1:9").exit == 3
    assert run("ops", "smoke", "--user", "nobody").exit == 2
