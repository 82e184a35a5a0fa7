"""`users`: who has an archive here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_somebody_is_added_listed_shown_and_deleted(run: Run, export_file: Path) -> None:
    assert run("users", "add", "Mara L.", "--json").json["name"] == "mara-l"
    run("import", export_file, "--user", "mara-l")
    assert [(one["name"], one["plays"]) for one in run("users", "list", "--json").json] == [("mara-l", 3)]
    assert run("users", "show", "mara-l", "--json").json["timeZone"] == "UTC"
    gone = run("users", "delete", "mara-l")
    assert (gone.exit, "Deleted mara-l" in gone.out, "asr1." in gone.out) == (0, True, True)
    assert run("users", "list", "--json").json == []


def test_an_empty_instance_says_what_to_do(run: Run) -> None:
    assert "users add NAME" in run("users", "list").out


def test_a_name_is_taken_once(run: Run) -> None:
    run("users", "add", "mara")
    again = run("users", "add", "mara")
    assert (again.exit, again.out, "taken" in again.err) == (1, "", True)


def test_a_name_without_a_letter_is_bad_input(run: Run) -> None:
    said = run("users", "add", "!!!")
    assert (said.exit, said.out, "!!!" in said.err) == (2, "", True)


@pytest.mark.parametrize(
    "words", [["users", "show", "otto"], ["users", "delete", "otto"], ["users", "token", "otto"], ["stats", "--user", "otto"]]
)
def test_an_unknown_listener_is_bad_input_and_those_who_are_there_are_named(run: Run, words: list[str]) -> None:
    run("users", "add", "mara")
    said = run(*words)
    assert (said.exit, said.out) == (2, "")
    assert "“otto”" in said.err
    assert "Known: mara." in said.err


def test_a_token_is_the_one_line_on_stdout(run: Run) -> None:
    run("users", "add", "mara")
    said = run("users", "token", "mara")
    assert (said.exit, said.out.startswith("as_"), said.out.count("\n")) == (0, True, 1)
    assert run("users", "token", "mara", "--json").json["token"] != said.out.strip()


@pytest.mark.parametrize("command", ["list", "add", "show", "delete", "token"])
def test_each_explains_itself_with_an_example(run: Run, command: str) -> None:
    said = run("users", command, "--help")
    assert (said.exit, f"audiospective users {command}" in " ".join(said.out.split())) == (0, True)


def test_spotifys_rules_are_said_before_anybody_signs_in(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_URL", "http://192.168.0.26:8000")
    said = run("users", "apps")
    assert (said.exit, "simulator  the operator's" in said.out, "would refuse http://192.168.0.26:8000" in said.out) == (0, True, True)
    (app,) = run("users", "apps", "--json").json
    assert (app["seatsTaken"], [rule["stands"] for rule in app["rules"]]) == (0, ["warn", "good", "warn"])


def test_who_was_made_an_operator_is_told_to_programs_too(run: Run) -> None:
    run("users", "add", "mara")
    assert run("users", "operator", "mara", "--json").json == {"name": "mara", "operator": True, "role": "lead"}
    assert run("users", "operator", "mara", "--role", "viewer").out == "mara is an operator (viewer).\n"
    assert run("users", "operator", "mara", "--no-longer", "--json").json == {"name": "mara", "operator": False, "role": None}
    assert run("users", "operator", "mara", "--no-longer").out == "mara is no longer an operator.\n"
