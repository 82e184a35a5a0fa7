"""Whoever stands before a shut gate reads which command comes next, and each box once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from audiospective.cli.endings import Exit
from audiospective.cli.ops_decide import decision_text
from audiospective.cli.ops_releases import DeployAnswer, deployed_exit, deployed_text
from audiospective.operations import boxes, walk
from audiospective.operations.decide import decide, phase
from audiospective.operations.judge import Status
from audiospective.operations.launch import Standing
from audiospective.operations.probes.browser.arriving import wrong_cards

NOW = datetime(2026, 12, 1, 9, 50, tzinfo=UTC)


def _stands(box: str, status: Status, reason: str = "", at: datetime | None = NOW) -> Standing:
    return Standing(boxes.box(box), status, "", reason, "mara", at)


def test_a_gate_that_nobody_looked_at_names_the_commands_and_who_must_speak() -> None:
    at = phase("t-5")
    found = decide(at, [_stands(box.id, Status.PENDING, "run: audiospective ops preflight", None) for box in at.boxes])
    lines = decision_text(found, at).splitlines()
    assert lines[0] == "HOLD"
    assert lines[1].startswith("  waits for a name: R001, R002, R003, R004, R042, R043 (")
    assert lines[2] == "  not looked at lately, 42 of 48 boxes; next:"
    assert {"    audiospective ops preflight", "    audiospective ops backup"} < set(lines[3:])
    assert len(set(lines)) == len(lines)
    assert not [line for line in lines if "runbook run" in line]  # the chapter by its other name


def test_a_launch_runs_the_first_chapter_once_a_round_and_only_what_is_open_in_it() -> None:
    stage = next(one for one in walk.STAGES if one.name == "before")
    todo = walk.commands([_stands(box.id, Status.PENDING, "run: x", None) for box in stage.boxes], {})
    assert [words for words in todo if "preflight" in words or "runbook" in words] == [["ops", "preflight", "--open"]]


def test_a_launch_sends_its_trial_alert_once_with_the_first_chapter() -> None:
    stage = next(one for one in walk.STAGES if one.name == "before")
    todo = walk.commands([_stands(box.id, Status.PENDING, "run: x", None) for box in stage.boxes], {})
    assert ["ops", "preflight", "--open"] in todo
    assert ["ops", "alerts", "test"] not in todo


def test_a_launch_raises_its_error_once_with_the_other_smoke_tests_or_alone() -> None:
    stage = next(one for one in walk.STAGES if one.name == "smoke")
    assert walk.commands([_stands(box.id, Status.PENDING, "run: x", None) for box in stage.boxes], {"USER": ""}) == [["ops", "smoke"]]
    left = [_stands(box.id, Status.PENDING if box.id > "R109" else Status.PASS, "run: x") for box in stage.boxes]
    assert walk.commands(left, {"USER": ""}) == [["ops", "errors", "test"]]


def test_a_gate_that_says_roll_back_says_how() -> None:
    at = phase("health")
    found = decide(at, [_stands(box.id, Status.FAIL if box.id == "R060" else Status.PASS) for box in at.boxes])
    assert decision_text(found, at).splitlines()[-1] == '  next: audiospective ops rollback --reason "…"'


@pytest.mark.parametrize(
    ("stands", "command", "why"),
    [
        (_stands("R003", Status.PENDING, "run: x", None), "ops ack support-lead --by NAME", "pending: Support Lead online and ready"),
        (
            _stands("R009", Status.UNKNOWN, "nothing was built here yet: audiospective ops build"),
            "ops build",
            "unknown: Build logs accessible",
        ),
        (
            _stands("R019", Status.FAIL, "91 %, wanted < 80 %"),
            "ops preflight",
            "fail: Storage < 80% (400 MB / 512 MB) (91 %",
        ),
    ],
)
def test_what_a_launch_waits_for_is_said_with_its_own_command(stands: Standing, command: str, why: str) -> None:
    (found,) = walk.waiting([stands])
    assert found.command == f"audiospective {command}"
    assert found.why.startswith(why)
    assert "run: " not in found.why


def test_a_release_that_serves_and_is_not_well_says_what_to_do() -> None:
    told = DeployAnswer(
        release="1.1.0-1a2b3c4d",
        version="1.1.0",
        before="installed",
        address="http://127.0.0.1:8000",
        started_s=0,
        laid_out_s=0,
        ready_s=0,
        healthy_s=1.2,
        wrong=["the whole is unhealthy"],
    )
    assert deployed_text(told).splitlines()[1] == "Look: audiospective ops health. Back: audiospective ops rollback"
    assert deployed_exit(told) is Exit.NO
    told["wrong"] = []
    assert "Next: audiospective ops smoke" in deployed_text(told)
    assert deployed_exit(told) is Exit.DONE


def test_a_card_that_is_not_there_shows_nothing() -> None:
    assert wrong_cards({"Tracks": "41"}, {"Plays": 50, "Tracks": 41}) == ["Plays: nothing shown, 50 stored"]
