"""Go, hold, stop or roll back: by the runbook's decision points, its matrix, and three looks in a row."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.errors import Invalid
from audiospective.operations import boxes as data
from audiospective.operations.boxes import boxes
from audiospective.operations.decide import PHASES, Gate, Phase, collapse, decide, matrix, phase
from audiospective.operations.judge import GOOD, Reading, Status
from audiospective.operations.launch import Standing
from audiospective.operations.paper import CHECKLIST, QUICK, printable


def standings(*statuses: tuple[str, Status]) -> list[Standing]:
    return [Standing(data.box(one), status, "", "", "", None) for one, status in statuses]


def all_of(at: Phase, **but: Status) -> list[Standing]:
    return standings(*((box.id, but.get(box.id, Status.PASS)) for box in at.boxes))


@pytest.mark.parametrize("at", PHASES, ids=lambda at: at.name)
@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.PENDING])
def test_one_box_that_was_not_found_green_holds_the_launch(at: Phase, status: Status) -> None:
    for box in at.boxes:
        expected = Gate.GO if box.id in at.may_be_amber else Gate.HOLD
        assert decide(at, all_of(at, **{box.id: status})).gate is expected


@pytest.mark.parametrize("at", PHASES, ids=lambda at: at.name)
def test_one_red_box_never_lets_it_go(at: Phase) -> None:
    assert decide(at, all_of(at)).gate is Gate.GO
    assert Gate.GO not in {decide(at, all_of(at, **{box.id: Status.FAIL})).gate for box in at.boxes}


@given(st.sampled_from(PHASES), st.data())
def test_it_goes_only_when_every_box_is_good(at: Phase, draw: st.DataObject) -> None:
    statuses = [draw.draw(st.sampled_from(Status)) for _ in at.boxes]
    found = decide(at, standings(*zip((box.id for box in at.boxes), statuses, strict=True)))
    counted = [one for box, one in zip(at.boxes, statuses, strict=True) if box.id not in at.may_be_amber or one is Status.FAIL]
    assert (found.gate is Gate.GO) == all(one in GOOD for one in counted)


@pytest.mark.parametrize(
    ("name", "red", "gate"),
    [
        ("t-5", "R018", Gate.HOLD),
        ("health", "R060", Gate.ROLL_BACK),
        ("health", "R063", Gate.STOP),
        ("health", "R064", Gate.HOLD),
        ("sign-in", "R071", Gate.STOP),
        ("15m", "R131", Gate.HOLD),
        ("15m", "R144", Gate.ROLL_BACK),
        ("1h", "R150", Gate.ROLL_BACK),
        ("1h", "R147", Gate.HOLD),
        ("2h", "R172", Gate.HOLD),
        ("verification", "R131", Gate.HOLD),
        ("rollback", "R205", Gate.ROLL_BACK),
        ("pre-deployment", "R015", Gate.HOLD),
    ],
)
def test_what_a_red_box_means_depends_on_the_moment(name: str, red: str, gate: Gate) -> None:
    at = phase(name)
    found = decide(at, all_of(at, **{red: Status.FAIL}))
    assert (found.gate, found.reasons[0].startswith(red)) == (gate, True)


def test_the_first_sign_in_may_be_missing_after_a_quarter_of_an_hour() -> None:
    at = phase("15m")
    assert decide(at, all_of(at, R142=Status.PENDING)).gate is Gate.GO


def test_a_moment_that_there_is_not_is_refused() -> None:
    with pytest.raises(Invalid, match="t-5, health, sign-in, 15m, 1h, 2h"):
        phase("tomorrow")


_GONE = {"site.home_status": Reading(problem="nobody answers")}
_CUT = {"site.home_status": Reading("200"), "health.database": Reading("unhealthy")}
_BROKEN = {"site.home_status": Reading("200"), "traffic.error_rate": Reading(0.6)}
_FINE = {"site.home_status": Reading("200"), "health.database": Reading("healthy"), "traffic.error_rate": Reading(0.5)}


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        ([_GONE] * 3, "complete failure"),
        ([{"site.home_status": Reading("503")}] * 3, "complete failure"),
        ([_CUT] * 3, "cannot connect"),
        ([_BROKEN] * 3, ">50 % errors"),
        ([_FINE] * 3, ""),
        ([_GONE] * 2, ""),
        ([_GONE, _FINE, _GONE], ""),
        ([_GONE, _CUT, _BROKEN], ""),
        ([{}] * 3, ""),
    ],
)
def test_a_program_rolls_back_only_for_what_three_looks_in_a_row_agree_on(looks: list[Mapping[str, Reading]], said: str) -> None:
    assert collapse(looks) == said


@pytest.mark.parametrize(
    ("issue", "affected", "said"),
    [
        ("data-loss", 0, "roll back at once"),
        ("sign-in", 60, "roll back at once"),
        ("sign-in", 40, "hold"),
        ("feature", 21, "roll back"),
        ("errors", 10, "hold"),
        ("appearance", 100, "fix forward"),
    ],
)
def test_the_matrix_says_what_the_runbook_says(issue: str, affected: float, said: str) -> None:
    assert matrix(issue, affected).startswith(said)


def test_the_checklist_to_print_has_thirty_boxes() -> None:
    empty = printable([], "v1.0.0")
    assert (empty.count("☐"), len(CHECKLIST), sum(len(items) for _, items in CHECKLIST)) == (30, 5, 25)
    assert "Git tag created (v1.0.0)" in empty


def test_the_checklist_is_filled_from_how_the_boxes_stand() -> None:
    full = printable(standings(*((box.id, Status.PASS) for box in boxes())), "v1.0.0")
    assert full.count("☑") == 30
    red = printable(standings(*((box.id, Status.FAIL if box.id == "R018" else Status.SIGNED) for box in boxes())), "v1.0.0")
    assert (red.count("☒"), "☒ Database backup taken" in red, "☐ Pre-Deployment" in red) == (1, True, True)


def test_the_quick_reference_has_a_command_for_each_line() -> None:
    assert all(ours.startswith(("audiospective ops ", "make ", "psql ")) for _, _, ours in QUICK)
