"""Who may do what on the operators' pages? Four roles, each with all that the one before it may."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from audiospective.errors import NotAllowed
from audiospective.operations.boxes import Box


class Role(StrEnum):
    """As the runbook's team has them; the backup engineer is a lead who stands by."""

    VIEWER = "viewer"
    SUPPORT = "support"
    MONITOR = "monitor"
    LEAD = "lead"


class Act(StrEnum):
    """What is done by pressing a button."""

    TELL = "tell people how an incident goes"
    OPEN = "open or resolve an incident"
    WATCH = "start or stop a watch"
    PUBLISH = "publish a notice"


_ORDER: Final = tuple(Role)
_FROM: Final = {Act.TELL: Role.SUPPORT, Act.OPEN: Role.MONITOR, Act.WATCH: Role.MONITOR, Act.PUBLISH: Role.LEAD}
#: Boxes that others than a lead answer for (runbook, "Team Readiness", "User Feedback", "Daily Checks").
_SIGNS: Final = {
    Role.SUPPORT: frozenset({"R003", "R154", "R189", "R192", "R204", "R214"}),
    Role.MONITOR: frozenset({"R002", "R190", "R199"}),
}


def may(role: Role, act: Act) -> bool:
    """Whether that role may do it."""
    return _ORDER.index(role) >= _ORDER.index(_FROM[act])


def demand(role: Role, act: Act) -> None:
    """Raises NotAllowed when it may not."""
    if not may(role, act):
        raise NotAllowed(f"As {role} you may not {act}; ask whoever is a {_FROM[act]}.")


def may_sign(role: Role, box: Box) -> bool:
    """Whether that role may answer for the box."""
    if role is Role.LEAD:
        return True
    return any(box.id in boxes for one, boxes in _SIGNS.items() if _ORDER.index(role) >= _ORDER.index(one))
