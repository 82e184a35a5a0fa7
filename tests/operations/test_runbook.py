"""Every box is there, has a command, and turns red when, and only when, its own reading is bad."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.errors import Invalid
from audiospective.operations import boxes as data
from audiospective.operations.boxes import CHAPTERS, Box, Kind, Op, boxes
from audiospective.operations.judge import Reading, Status, judge

_MEASURED = [box for box in boxes() if box.reading and box.op is not Op.RECORD]


def _good(box: Box) -> float | str:
    if box.op is Op.IS:
        return box.threshold
    limit = float(box.threshold)
    return limit if box.op in {Op.AT_MOST, Op.AT_LEAST} else limit + 0.01 if box.op is Op.MORE else limit - 0.01


def _bad(box: Box) -> float | str:
    if box.op is Op.IS:
        return f"not {box.threshold}"
    limit = float(box.threshold)
    return limit - 0.01 if box.op is Op.AT_LEAST else limit + 0.01 if box.op is Op.AT_MOST else limit


def test_all_219_boxes_are_there_in_order() -> None:
    assert [box.id for box in boxes()] == [f"R{number:03d}" for number in range(1, 220)]
    assert {box.chapter for box in boxes()} == set(CHAPTERS)
    assert sum(len(data.of_chapter(chapter)) for chapter in CHAPTERS) == 219


def test_a_box_says_what_settles_it() -> None:
    said = [box.id for box in boxes() if box.text and box.command.startswith("ops ") and (box.op is None) == (not box.reading)]
    assert said == [box.id for box in boxes()]


def test_a_bad_reading_turns_a_box_red_and_a_good_one_green() -> None:
    found = {box.id: (judge(box, Reading(_good(box))).status, judge(box, Reading(_bad(box))).status) for box in _MEASURED}
    assert {box: both for box, both in found.items() if both != (Status.PASS, Status.FAIL)} == {}


@given(st.sampled_from(boxes()), st.one_of(st.none(), st.text(), st.floats()), st.text(min_size=1))
def test_what_could_not_be_read_is_never_green(box: Box, value: float | str | None, problem: str) -> None:
    assert judge(box, Reading(value, problem=problem)).status in {Status.UNKNOWN}
    assert judge(box, None).status is Status.PENDING


@given(st.sampled_from(_MEASURED), st.sampled_from([math.nan, math.inf, -math.inf]))
def test_a_number_that_is_none_is_no_pass_by_accident(box: Box, value: float) -> None:
    if math.isnan(value):
        assert judge(box, Reading(value)).status is not Status.PASS


def test_what_can_not_apply_says_why() -> None:
    found = judge(data.box("R012"), Reading(inapplicable="a socket"))
    assert (found.status, found.reason) == (Status.NOT_APPLICABLE, "a socket")


@pytest.mark.parametrize("wrong", ["R000", "R220", "x", ""])
def test_a_box_that_there_is_not_is_refused(wrong: str) -> None:
    with pytest.raises(Invalid, match="R001 to R219"):
        data.box(wrong)


def test_kinds_are_those_of_the_runbook() -> None:
    counts = {kind: sum(box.kind is kind for box in boxes()) for kind in Kind}
    assert counts == {Kind.CHECK: 128, Kind.WATCH: 49, Kind.ACTION: 17, Kind.SIGNOFF: 15, Kind.MESSAGE: 6, Kind.DRILL: 4}
