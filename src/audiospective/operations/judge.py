"""A box and a reading → a verdict. Pure; what couldn't be read is unknown, and unknown is never green."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from operator import ge, gt, le, lt
from typing import Final

import msgspec

from audiospective.operations.boxes import Box, Op, share


class Status(StrEnum):
    """How a box stands."""

    PASS = "pass"  # noqa: S105 (a word, not a secret)
    FAIL = "fail"
    UNKNOWN = "unknown"
    """Its source couldn't be read."""
    PENDING = "pending"
    """Nobody has looked yet, or too long ago; or a person must."""
    SIGNED = "signed"
    """Somebody answers for it by name."""
    NOT_APPLICABLE = "not-applicable"
    WAIVED = "waived"
    """The deployment lead lets it pass, with a reason."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a probe saw. `problem` says why nothing was seen, `inapplicable` why there is nothing to see; `note` goes beside the value.

    `waits` says for whom it waits while it isn't as the box wants: that isn't red yet.
    """

    value: float | str | None = None
    source: str = ""
    note: str = ""
    problem: str = ""
    inapplicable: str = ""
    waits: str = ""
    evidence: dict[str, object] = field(default_factory=dict)


class Verdict(msgspec.Struct, frozen=True):
    """What is to be believed of a box, and why."""

    box: str
    status: Status
    value: str
    reason: str


def judge(box: Box, reading: Reading | None) -> Verdict:
    """The verdict of a reading; None where no probe reads what the box asks."""
    if reading is None:
        return Verdict(box.id, Status.PENDING, "", f"a person answers for it: {box.command}")
    if reading.inapplicable:
        return Verdict(box.id, Status.NOT_APPLICABLE, "", reading.inapplicable)
    if reading.problem or reading.value is None or box.op is None:
        return Verdict(box.id, Status.UNKNOWN, "", reading.problem or "nothing was read")
    said = f"{_shown(reading.value, box)} {box.unit}".strip()
    held = _holds(box.op, reading.value, box.threshold)
    if held is None:
        return Verdict(box.id, Status.UNKNOWN, said, f"“{reading.value}” can't be compared with {box.wants}")
    if not held and reading.waits:
        return Verdict(box.id, Status.PENDING, said, f"{said}, waits for {reading.waits}")
    reason = f"{said}, wanted {box.wants}" if box.op is not Op.RECORD else said
    return Verdict(box.id, Status.PASS if held else Status.FAIL, said, f"{reason}; {reading.note}" if reading.note else reason)


def judged(boxes: Iterable[Box], readings: Mapping[str, Reading], stands: Mapping[str, Status]) -> list[tuple[Reading, Verdict]]:
    """What is to be believed of every box that a probe can read, roll-ups last; `stands` tells of boxes that aren't among these."""
    wanted = [box for box in boxes if box.reading]
    found = [_judged(box, readings.get(box.reading) or _unread(box)) for box in wanted if not box.parts]
    known = {**stands, **{verdict.box: verdict.status for _, verdict in found}}
    return found + [_judged(box, rolled_up(box, known, readings)) for box in wanted if box.parts]


def _judged(box: Box, reading: Reading) -> tuple[Reading, Verdict]:
    return reading, judge(box, reading)


def _unread(box: Box) -> Reading:
    return Reading(problem=f"{box.reading} can't be read on this profile")


#: How a box may stand for a gate to open.
GOOD: Final = frozenset({Status.PASS, Status.SIGNED, Status.NOT_APPLICABLE, Status.WAIVED})


def rolled_up(box: Box, statuses: Mapping[str, Status], readings: Mapping[str, Reading]) -> Reading:
    """The reading of a roll-up: green when every part is; never assumed of one that wasn't looked at."""
    red: list[str] = []
    dim: list[str] = []
    for part in box.parts:
        name, _, wanted = part.partition("=")
        status = statuses.get(name, Status.PENDING) if not wanted else _as_part(readings.get(name), wanted)
        if status not in GOOD:
            (red if status is Status.FAIL else dim).append(f"{name} {status.value}")
    if red:
        return Reading(", ".join(red), "roll-up")
    return Reading(source="roll-up", problem=", ".join(dim)) if dim else Reading("green", "roll-up", " ".join(box.parts))


def _as_part(reading: Reading | None, wanted: str) -> Status:
    if reading is None or reading.value is None:
        return Status.NOT_APPLICABLE if reading and reading.inapplicable else Status.UNKNOWN
    return Status.PASS if str(reading.value) == wanted else Status.FAIL


_COMPARED: Final[dict[Op, Callable[[float, float], bool]]] = {Op.LESS: lt, Op.AT_MOST: le, Op.AT_LEAST: ge, Op.MORE: gt}


def _holds(op: Op, value: float | str, threshold: str) -> bool | None:
    """None for what can't be compared."""
    if op is Op.RECORD:
        return True
    if op is Op.IS:
        return str(value) == threshold
    if isinstance(value, str) or value != value:  # noqa: PLR0124 (a number that isn't one)
        return None
    return _COMPARED[op](value, float(threshold))


def _shown(value: float | str, box: Box) -> str:
    if isinstance(value, str):
        return value
    if box.is_share:
        return share(value)
    return f"{value:,.4g}" if value < 1 else f"{value:,.10g}"
