"""`ops watch`, `rounds`, `errors`, `feedback`, `publish`, `probe`, `logs`, `dashboards`: what they say, and how they end."""

from __future__ import annotations

from pathlib import Path

from audiospective.bootstrap import LOG
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


def test_the_log_is_read_and_filtered(run: Run, tmp_path: Path) -> None:
    log = tmp_path / "home" / LOG
    log.parent.mkdir(parents=True)
    log.write_text("[11:00:01] POST /api/cron/archive 200 (2.3s)\n[11:00:02] info worker.started\n[11:00:03] error web.failed\n")
    assert run("ops", "logs", "--grep", "/api/cron").out == "[11:00:01] POST /api/cron/archive 200 (2.3s)\n"
    assert run("ops", "logs", "--level", "warning").out == "[11:00:03] error web.failed\n"
    assert run("ops", "logs", "--lines", "1", "--follow", "--seconds", "0.6").out == "[11:00:03] error web.failed\n"
    assert run("ops", "logs", "--grep", "(").exit == 2
    assert run("ops", "logs", "--level", "loud").exit == 2


def test_all_dashboards_stand_on_one_page(run: Run) -> None:
    told = run("ops", "dashboards", "--json").json
    assert told["requests"] == "nobody asked, p95 –"
    assert "/ops/watch" in told["pages"]


def test_a_part_of_the_chapters_is_asked_for_by_itself(run: Run) -> None:
    assert run("ops", "db", "count", "--json").json == {"plays": 0}
    assert run("ops", "db", "size", "--json").json["connections"] >= 1
    assert {one["id"] for one in run("ops", "db", "check", "--json").json} >= {"R015", "R016", "R017", "R019", "R020"}
    assert run("ops", "db", "slow").exit == 3  # no question was timed yet, or this server counts none
    assert run("ops", "db", "slow", "--most", "0").exit == 2
    assert [one["id"] for one in run("ops", "services", "check", "heartbeat", "--json").json] == ["R150", "R151"]
    assert run("ops", "services", "check", "telegraph").exit == 2


def test_whoever_acts_is_one_of_the_team(run: Run) -> None:
    assert run("ops", "--as", "Mara Quill", "sign", "R042").exit == 5
    run("ops", "init", "deployment-lead", "--name", "Mara Quill", "--mail", "mara@example.org")
    signed = run("ops", "sign", "R042", "--as", "mara quill", "--json")
    assert signed.json[0]["by"] == "mara quill"
    assert run("ops", "sign", "R042", "--as").exit == 2
    assert run("ops", "sign", "R042", "--json").json[0]["by"] != "mara quill"
