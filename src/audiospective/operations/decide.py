"""Go, hold or roll back? Computed from how the boxes stand, with the reasons; and the runbook's matrix of rollbacks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from audiospective.errors import Invalid
from audiospective.operations.judge import GOOD, Status
from audiospective.operations.launch import Standing


class Gate(StrEnum):
    """What is to be done."""

    GO = "go"
    HOLD = "hold"
    ROLL_BACK = "roll-back"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the boxes say, and which of them; `waits` are those that a person must settle."""

    gate: Gate
    reasons: tuple[str, ...]
    waits: tuple[str, ...]


#: Failing after a deployment, each of these means that the service is gone or broken for all (runbook, "Rollback Triggers").
_GONE: Final = frozenset({"R060", "R061", "R067", "R205", "R208", "R015"})


def decide(standings: Sequence[Standing], *, deployed: bool) -> Decision:
    """Go only when every box is green; unknown is never green. Once deployed, a service that is gone is rolled back."""
    failed = [one for one in standings if one.status is Status.FAIL]
    unknown = [one for one in standings if one.status is Status.UNKNOWN]
    waits = tuple(one.box.id for one in standings if one.status is Status.PENDING)
    reasons = tuple(f"{one.box.id} {one.status}: {one.box.text} – {one.reason}" for one in (*failed, *unknown))
    if deployed and any(one.box.id in _GONE for one in failed):
        return Decision(Gate.ROLL_BACK, reasons, waits)
    is_green = all(one.status in GOOD for one in standings)
    return Decision(Gate.GO if is_green else Gate.HOLD, reasons, waits)


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
