"""An edited runbook is compared with what is here: whatever is added or gone is found, one by one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.operations.boxes import boxes
from audiospective.operations.lint import Covered, covered, lint


def _shown(one: Covered) -> list[str]:
    if one.kind == "command":
        return ["```bash", one.text, "```"]
    if one.kind == "template":
        return ["```", *one.text.split(" … "), "```"]
    return [one.text]


def _lines() -> list[list[str]]:
    """A runbook of what is covered, a piece for each."""
    return [*([f"- [ ] **{box.text}** ✅"] for box in boxes()), *(_shown(one) for one in covered())]


def _text(pieces: list[list[str]]) -> str:
    return "\n".join(line for piece in pieces for line in ["# A head, > 5", *piece])


def test_what_is_covered_is_not_found() -> None:
    assert lint(_text(_lines())) == []


@given(st.integers(min_value=0, max_value=len(_lines()) - 1))
def test_each_piece_that_is_taken_out_is_found(place: int) -> None:
    pieces = _lines()
    gone = pieces.pop(place)
    names = [one.text for one in lint(_text(pieces))]
    twins = [piece for piece in pieces if piece == gone]
    assert bool(names) == (not twins)
    assert all(name.split(" … ")[0] in "\n".join(gone) for name in names)


@pytest.mark.parametrize(
    ("added", "what"),
    [
        (["- [ ] Coffee is ready"], "no box here"),
        (["```bash", "kubectl get pods", "```"], "no verb for this command"),
        (["```bash", "vercel teardown", "```"], "no verb for this command"),
        (["```", "We are very sorry.", "```"], "no message for this template"),
        (["- Memory > 90% → Slack"], "no rule for this threshold"),
    ],
)
def test_whatever_is_added_is_found_with_its_line(added: list[str], what: str) -> None:
    (found,) = lint(_text([*_lines(), added]))
    assert (found.what, found.line > 0) == (what, True)


def test_the_changed_threshold_of_each_box_is_found() -> None:
    changed = re.sub(r"(?m)^(- \[ \] \*\*.*)\*\* ✅$", r"\1 and 1 more** ✅", _text(_lines()))
    found = {(one.what, one.text) for one in lint(changed)}
    added = {("no box here", f"**{box.text} and 1 more** ✅") for box in boxes()}
    ids = {box.text: box.id for box in boxes()}  # of two boxes of the same words the last is named
    assert found == added | {(f"{box} is no longer in the text", text) for text, box in ids.items()}
