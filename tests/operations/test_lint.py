"""An edited runbook is compared with what is here: whatever is added or gone is found, one by one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.operations.boxes import Box, boxes
from audiospective.operations.lint import Covered, covered, lint


def _shown(one: Covered) -> list[str]:
    if one.kind == "command":
        return ["```bash", one.text, "```"]
    if one.kind == "template":
        return ["```", *one.text.split(" ⏎ "), "```"]
    return [one.text]


def _lines() -> list[list[str]]:
    """A runbook of what is covered, a piece for each."""
    return [*([f"- [ ] **{box.text}** ✅"] for box in boxes()), *(_shown(one) for one in covered())]


def _text(pieces: list[list[str]]) -> str:
    return "\n".join(line for piece in pieces for line in ["# A head, > 5", *piece])


def _bare(piece: list[str]) -> set[str]:
    return {re.sub(r"^- \[ \] |\*\*| ✅$", "", line) for line in piece}


def test_what_is_covered_is_not_found() -> None:
    assert lint(_text(_lines())) == []


@given(st.integers(min_value=0, max_value=len(_lines()) - 1))
def test_each_piece_that_is_taken_out_is_found(place: int) -> None:
    pieces = _lines()
    gone = pieces.pop(place)
    names = [one.text for one in lint(_text(pieces))]
    twins = [piece for piece in pieces if _bare(gone) <= _bare(piece)]  # four boxes stand in the template of a post-mortem
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
        (["**Response Time:** When somebody is awake, on weekdays"], "nothing here goes by this"),
        (["- **Contractors** can deploy whenever their customers ask"], "nothing here goes by this"),
        (["| **Fly.io** | help@fly.example | https://fly.example/support-and-more | 8h |"], "nothing here goes by this"),
    ],
)
def test_whatever_is_added_is_found_with_its_line(added: list[str], what: str) -> None:
    (found,) = lint(_text([*_lines(), added]))
    assert (found.what, found.line > 0) == (what, True)


@given(st.sampled_from(boxes()))
def test_a_changed_threshold_of_a_box_is_found(box: Box) -> None:
    changed = _text(_lines()).replace(f"**{box.text}**", f"**{box.text} and 1 more**")
    found = lint(changed)
    assert found[0].line > 0
    assert any(box.text in one.what + one.text for one in found)


def test_what_was_changed_is_one_finding_with_both_words() -> None:
    (found,) = lint(_text(_lines()).replace("Connections < 50 (of 100 max)", "Connections < 60 (of 100 max)"))
    assert (found.what, found.text) == ("changed; R020 still has “Connections < 50 (of 100 max)”", "**Connections < 60 (of 100 max)** ✅")


@pytest.mark.parametrize(
    ("before", "after", "by"),
    [
        ("**Response Time:** Within 15 minutes", "**Response Time:** Within 5 minutes", "operations/incidents.py ANSWER_WITHIN"),
        ("can request rollback (requires approval)", "can initiate rollback (requires approval)", "operations/authority.py"),
        ("24-48h (Team plan)", "2h (Team plan)", "operations/support.py PROVIDERS"),
        ("Online from 10:00 AM - 2:00 PM UTC", "Online from 8:00 AM - 2:00 PM UTC", "M21"),
    ],
)
def test_changed_response_times_support_hours_and_rights_say_what_still_goes_by_the_old(before: str, after: str, by: str) -> None:
    found = lint(_text(_lines()).replace(before, after))
    assert any(by in one.what and before in one.what and after in one.text for one in found), found


@given(st.sampled_from([one for one in covered() if one.kind == "template"]))
def test_the_first_a_middle_and_the_last_line_of_a_template_count(template: Covered) -> None:
    lines = template.text.split(" ⏎ ")
    for place in {0, len(lines) // 2, len(lines) - 1}:
        line = lines[place]
        pieces = [piece for piece in _lines() if piece != _shown(template)]
        edited = ["```", *lines[:place], f"{line} anew", *lines[place + 1 :], "```"]
        found = lint(_text([*pieces, edited]))
        assert any(template.by in one.what or "no message" in one.what for one in found), line
