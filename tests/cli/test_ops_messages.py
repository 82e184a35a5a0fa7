"""`ops announce`, `ops alerts`, `ops support`: what operators say and hear."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run


def test_all_27_are_drafted_and_what_is_not_known_is_named(run: Run) -> None:
    said = run("ops", "announce", "draft", "--all", "--json")
    assert (said.exit, len(said.json)) == (1, 27)
    assert "version, status not known" in said.json[0]["refused"]


def test_a_message_is_drafted_from_facts(run: Run) -> None:
    said = run("ops", "announce", "draft", "M01", "--fact", "version=v1.0.0", "--fact", "status=All systems operational")
    assert (said.exit, "Audiospective v1.0.0 is now LIVE" in said.out) == (0, True)


@pytest.mark.parametrize("words", [[], ["M99"], ["M01", "--fact", "version"], ["M01", "--all"]])
def test_a_draft_that_can_not_be_is_bad_input(run: Run, words: list[str]) -> None:
    said = run("ops", "announce", "draft", *words)
    assert (said.exit, said.out) == (2, "")


def test_one_draft_that_lacks_a_fact_ends_as_all_of_them_do(run: Run) -> None:
    said = run("ops", "announce", "draft", "M01")
    assert (said.exit, "version, status not known" in said.out) == (1, True)


def test_drafts_from_before_wait_for_what_the_launch_finds_out_and_are_not_red_for_it(run: Run) -> None:
    run("ops", "launch", "new", "1.0.0", "--window", "2026-12-01T14:30Z")
    for role, name in (("deployment-lead", "Mara Quill"), ("monitoring-lead", "Noor Haddad"), ("support-lead", "Ilse Brandt")):
        run("ops", "init", role, "--name", name)
    run("ops", "init", "backup-engineer", "--name", "Tomás Vega")
    run("ops", "announce", "fact", "rollback_plan=Ready", "dashboards=Open")
    drafts = {one["id"]: one for one in run("ops", "announce", "draft", "--all", "--json").json}
    assert {one for one, draft in drafts.items() if draft["waits"]} == {"M01", "M03", "M14", "M20", "M23", "M24"}
    assert "M01 waits for what the launch finds out: status" in drafts["M01"]["refused"]
    assert {one["id"]: one["state"] for one in run("ops", "runbook", "show", "--json").json}["R041"] == "pass"
    assert "- 14:00 UTC: Pre-deployment checks\n- 14:30 UTC: Deployment begins\n- 14:45 UTC: Smoke tests" in drafts["M21"]["body"]
    assert "10:00" not in drafts["M21"]["body"] + drafts["M22"]["body"]


def test_a_message_is_left_to_be_sent_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_WEBHOOK_URL", "http://127.0.0.1:9/hush")
    send = ["ops", "announce", "send", "M22", "--fact", "version=v1.0.0"]
    first, second = run(*send), run(*send)
    assert (first.exit, second.exit) == (0, 1)
    assert "hush" not in first.out + first.err + second.err


def test_what_a_person_posts_is_not_sent_and_what_has_no_channel_is_not_stored(run: Run) -> None:
    assert "posted by a person" in run("ops", "announce", "send", "M16").err
    assert "isn't set up" in run("ops", "announce", "send", "M08", *_MAIL).err


_MAIL = [word for name in ("recipient=Ana", "sender=Mara", "code_url=https://example.org/code") for word in ("--fact", name)]


def test_without_a_chat_the_team_reads_it_in_the_inbox_once_a_launch(run: Run) -> None:
    run("ops", "launch", "new", "1.0.0")
    assert "inbox" in run("ops", "announce", "send", "M22").out
    assert run("ops", "announce", "send", "M22").exit == 1
    assert "inbox" in run("ops", "announce", "plan").out
    settled = {one["id"]: one["state"] for one in run("ops", "runbook", "show", "--json").json}
    assert settled["R129"] == "pass"


def test_what_is_public_waits_for_two_green_hours(run: Run) -> None:
    run("ops", "launch", "new", "1.0.0")
    assert run("ops", "announce", "confirm", "M02", "--url", "http://127.0.0.1:9/").exit == 5


def test_the_record_fills_in_what_it_knows_and_people_the_rest(run: Run) -> None:
    run("ops", "launch", "new", "1.0.0", "--window", "2026-12-01T10:00Z")
    run("ops", "init", "deployment-lead", "--name", "Mara Quill")
    first = {one["id"]: one for one in run("ops", "announce", "draft", "--all", "--json").json}
    assert len(first) == 27
    assert "v1.0.0" in first["M22"]["body"]
    assert "status" in first["M01"]["refused"]
    assert run("ops", "announce", "fact", "status=All systems operational").exit == 0
    second = {one["id"]: one for one in run("ops", "announce", "draft", "--all", "--json").json}
    assert "All systems operational" in second["M01"]["body"]
    settled = {one["id"]: one["state"] for one in run("ops", "runbook", "show", "--json").json}
    assert settled["R041"] == "pass"


def test_a_page_that_can_not_be_reached_confirms_nothing(run: Run) -> None:
    assert run("ops", "announce", "confirm", "M05", "--url", "http://127.0.0.1:9/").exit == 3


def test_alerts_are_listed_and_silenced(run: Run) -> None:
    silenced = run("ops", "alerts", "silence", "cpu", "--minutes", "90", "--reason", "Import")
    assert silenced.exit == 0
    assert {row["rule"]: row["state"] for row in run("ops", "alerts", "list", "--json").json}["cpu"] == "silenced"
    assert run("ops", "alerts", "silence", "weather", "--minutes", "90", "--reason", "Import").exit == 2


def test_where_no_channel_is_set_up_the_test_says_by_which_settings(run: Run) -> None:
    said = run("ops", "alerts", "test", "--json")
    assert (said.exit, said.json["mail"]) == (1, "not set up: SMTP_URL with ALERT_EMAIL")
    assert set(said.json) == {"chat", "mail", "sms"}


@pytest.mark.parametrize(
    ("question", "part"), [("Q1", "user-read-recently-played"), ("q2", "every hour"), ("Q3", "Delete"), ("Q4", "encrypted")]
)
def test_each_question_has_an_answer(run: Run, question: str, part: str) -> None:
    assert part in run("ops", "support", "answer", question).out


def test_no_more_permissions_are_explained_than_are_asked_for(run: Run) -> None:
    assert "user-top-read" not in run("ops", "support", "answer", "Q1").out
    assert run("ops", "support", "answer", "Q5").exit == 2
