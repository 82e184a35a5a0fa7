"""Who may do what: each role everything that the one before it may, and the lead all."""

from __future__ import annotations

from itertools import pairwise

import pytest

from audiospective.errors import NotAllowed
from audiospective.operations import roles
from audiospective.operations.boxes import box, boxes
from audiospective.operations.roles import Act, Role


def test_each_role_may_what_the_one_before_may() -> None:
    for less, more in pairwise(Role):
        assert {act for act in Act if roles.may(less, act)} <= {act for act in Act if roles.may(more, act)}
        assert {one.id for one in boxes() if roles.may_sign(less, one)} <= {one.id for one in boxes() if roles.may_sign(more, one)}


def test_a_viewer_only_looks() -> None:
    assert not any(roles.may(Role.VIEWER, act) for act in Act)
    assert not any(roles.may_sign(Role.VIEWER, one) for one in boxes())


@pytest.mark.parametrize(
    ("role", "box_id", "may"),
    [
        (Role.SUPPORT, "R003", True),
        (Role.SUPPORT, "R002", False),
        (Role.MONITOR, "R002", True),
        (Role.MONITOR, "R001", False),
        (Role.LEAD, "R001", True),
    ],
)
def test_people_answer_for_what_is_theirs(role: Role, box_id: str, may: bool) -> None:
    assert roles.may_sign(role, box(box_id)) is may


def test_a_refusal_says_whom_to_ask() -> None:
    with pytest.raises(NotAllowed, match="monitor"):
        roles.demand(Role.SUPPORT, Act.OPEN)
