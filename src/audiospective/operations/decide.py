"""Go, hold, stop or roll back? Computed from how the boxes stand, with the reasons; and the runbook's matrix of rollbacks. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from audiospective.errors import Invalid
from audiospective.operations.boxes import CHAPTERS, Box, boxes, of_chapter
from audiospective.operations.judge import GOOD, Reading, Status
from audiospective.operations.launch import Standing


class Gate(StrEnum):
    """What is to be done."""

    GO = "go"
    HOLD = "hold"
    STOP = "stop"
    """Go no further: look into it at once, or roll back."""
    ROLL_BACK = "roll-back"


class Phase(msgspec.Struct, frozen=True):
    """A moment at which the runbook decides: the first and last box that it looks at, and which of them, failing, mean what."""

    name: str
    first: str
    last: str
    stops: frozenset[str] = frozenset()
    goes_back: frozenset[str] = frozenset()
    may_be_amber: frozenset[str] = frozenset()

    @property
    def boxes(self) -> tuple[Box, ...]:
        """What decides."""
        return tuple(box for box in boxes() if self.first <= box.id <= self.last)


class Decision(msgspec.Struct, frozen=True):
    """What the boxes say, and which of them; `waits` are those that a person must settle."""

    gate: Gate
    reasons: tuple[str, ...]
    waits: tuple[str, ...]


#: Failing after a deployment, each of these means that the service is gone or broken for all (runbook, "Rollback Triggers").
_GONE: Final = frozenset({"R060", "R061", "R067", "R205", "R208", "R015"})
_HEALTH: Final = frozenset({"R060", "R061", "R062", "R063"})

#: The runbook's decision points, in order.
PHASES: Final = (
    Phase("t-5", "R001", "R048"),
    Phase("health", "R060", "R066", stops=_HEALTH, goes_back=frozenset({"R060", "R061"})),
    Phase("sign-in", "R069", "R073", stops=frozenset({"R069", "R070", "R071", "R072", "R073"})),
    Phase("15m", "R130", "R144", goes_back=frozenset({"R144"}), may_be_amber=frozenset({"R142"})),
    Phase("1h", "R145", "R155", goes_back=frozenset({"R149", "R150", "R152", "R153"})),
    Phase("2h", "R156", "R177"),
)


def phase(name: str) -> Phase:
    """A decision point by its name, or a chapter as one; raises Invalid."""
    found = next((one for one in PHASES if one.name == name), None)
    if found is not None:
        return found
    if name not in CHAPTERS:
        raise Invalid(f"“{name[:30]}” is no decision; use {', '.join(one.name for one in PHASES)}, or a chapter.", field="PHASE")
    of = of_chapter(name)
    return Phase(name, of[0].id, of[-1].id, goes_back=frozenset() if name == CHAPTERS[0] else _GONE)


def decide(at: Phase, standings: Sequence[Standing]) -> Decision:
    """Go only when every box is green; unknown is never green. Some, failing, stop the launch or mean that the service is gone."""
    counted = [one for one in standings if not (one.box.id in at.may_be_amber and one.status is not Status.FAIL)]
    failed = [one for one in counted if one.status is Status.FAIL]
    unknown = [one for one in counted if one.status is Status.UNKNOWN]
    waits = tuple(one.box.id for one in counted if one.status is Status.PENDING)
    reasons = tuple(f"{one.box.id} {one.status}: {one.box.text} – {one.reason}" for one in (*failed, *unknown))
    red = {one.box.id for one in failed}
    if red & at.goes_back:
        return Decision(Gate.ROLL_BACK, reasons, waits)
    if red & at.stops:
        return Decision(Gate.STOP, reasons, waits)
    is_green = all(one.status in GOOD for one in counted)
    return Decision(Gate.GO if is_green else Gate.HOLD, reasons, waits)


#: So often in a row, so many seconds apart, must a look find the same before a program rolls back by itself.
LOOKS: Final = 3
APART_S: Final = 30.0
_BROKEN_FROM: Final = 0.5


def collapse(looks: Sequence[Mapping[str, Reading]]) -> str:
    """What three looks in a row agree on that a program may roll back for without a person; "" for anything less."""
    if len(looks) < LOOKS:
        return ""
    for name, said in (("complete failure", _is_gone), ("cannot connect", _is_cut_off), (">50 % errors", _is_broken)):
        if all(said(one) for one in looks[-LOOKS:]):
            return name
    return ""


def _is_gone(look: Mapping[str, Reading]) -> bool:
    home = look.get("site.home_status")
    return home is not None and (bool(home.problem) or str(home.value).startswith("5"))


def _is_cut_off(look: Mapping[str, Reading]) -> bool:
    return (found := look.get("health.database")) is not None and found.value == "unhealthy"


def _is_broken(look: Mapping[str, Reading]) -> bool:
    found = look.get("traffic.error_rate")
    return found is not None and isinstance(found.value, float | int) and found.value > _BROKEN_FROM


#: The runbook's decision matrix: what is wrong, from which share of users on (per cent), and what follows.
MATRIX: Final = (
    ("data-loss", 0, "roll back at once"),
    ("security", 0, "roll back at once"),
    ("sign-in", 50, "roll back at once"),
    ("feature", 20, "roll back"),
    ("errors", 10, "roll back"),
    ("appearance", 0, "fix forward"),
    ("slow", 0, "investigate; roll back when more than twice as slow as usual"),
)


def matrix(issue: str, affected: float) -> str:
    """What the matrix says of an issue that so many per cent of users have; raises Invalid."""
    rule = next((rule for rule in MATRIX if rule[0] == issue), None)
    if rule is None:
        raise Invalid(f"“{issue[:30]}” isn't in the matrix; use {', '.join(name for name, _, _ in MATRIX)}.", field="--issue")
    if not 0 <= affected <= 100:
        raise Invalid(f"{affected:g} isn't a share; use per cent of users, 0 to 100.", field="--affected")
    return rule[2] if affected > rule[1] or rule[1] == 0 else "hold, and decide again in five minutes"
