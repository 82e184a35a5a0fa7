"""`ops watch`, `rounds`, `errors`, `feedback`, `publish`, `probe`, `logs`, `dashboards`: what they say, and how they end."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_a_watch_is_started_looked_at_and_stopped(run: Run) -> None:
    assert run("ops", "watch", "status", "--phase", "2h").exit == 2
    assert run("ops", "watch", "start", "--phase", "2h").exit == 0
    assert run("ops", "watch", "start", "--phase", "2h").exit == 1
    told = run("ops", "watch", "status", "--phase", "2h", "--json")
    assert (told.exit, told.json["running"], told.json["doubt"]) == (4, True, "the 2h watch has seen 0 of 120 minutes")
    assert {"R160", "R167"} <= {one["id"] for one in told.json["boxes"]}
    assert run("ops", "watch", "stop", "--phase", "2h").exit == 0
    assert run("ops", "watch", "status", "--phase", "2h").exit == 3
    assert run("ops", "watch", "start", "--phase", "fortnight").exit == 2


def test_rounds_are_made_and_kept(run: Run) -> None:
    assert run("ops", "daily", "noon").exit == 2
    assert run("ops", "daily", "afternoon", "--url", "http://127.0.0.1:9", "--json").json[0]["id"] == "R191"
    (made,) = run("ops", "rounds", "--json").json
    assert (made["round"], made["passed"]) == ("afternoon", 1)


def test_feedback_is_kept_and_answered(run: Run) -> None:
    made = run("ops", "feedback", "add", "--channel", "reddit", "--say", "Exports end early", "--json").json["id"]
    listed = run("ops", "feedback", "list")
    assert (listed.exit, "WAITS" in listed.out) == (0, True)
    assert run("ops", "feedback", "reply", made, "--say", "Thank you").exit == 0
    assert "answered" in run("ops", "feedback", "list").out
    assert run("ops", "feedback", "add", "--channel", "pigeon", "--say", "x").exit == 2


def test_there_are_no_errors_at_first_and_a_test_wants_an_operator(run: Run) -> None:
    assert run("ops", "errors", "list").out == "No errors.\n"
    assert run("ops", "errors", "show", "3fa9").exit == 2
    assert run("ops", "errors", "test").exit == 2
    assert run("ops", "errors", "dsn").out.startswith("http://")


def test_all_is_well_is_said_only_while_it_is(run: Run) -> None:
    done = run("ops", "publish", "status")
    assert (done.exit, "Not all systems are operational" in done.err) == (2, True)


def test_a_look_from_outside_is_kept_in_a_file(run: Run, tmp_path: Path) -> None:
    done = run("ops", "probe", "--once", "--url", "http://127.0.0.1:9", "--file", tmp_path / "probe.jsonl")
    assert (done.exit, "DOWN" in done.err) == (1, True)
    assert '"is_up":false' in (tmp_path / "probe.jsonl").read_text()


def test_all_dashboards_stand_on_one_page(run: Run) -> None:
    told = run("ops", "dashboards", "--json").json
    assert told["requests"] == "nobody asked, p95 –"
    assert "/ops/watch" in told["pages"]
