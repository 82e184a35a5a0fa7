"""The runbook's 219 boxes, as data: what each says, the command that settles it, and what a reading must be.

`boxes.tsv` beside this file has a row for each. To change a threshold, change the row; to add a check, name a reading and measure it in
`probes/`.
"""

from __future__ import annotations

import csv
import hashlib
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files

import msgspec

from audiospective.errors import Invalid


class Kind(StrEnum):
    """How a box comes to be ticked."""

    CHECK = "check"
    ACTION = "action"
    WATCH = "watch"
    DRILL = "drill"
    MESSAGE = "message"
    SIGNOFF = "signoff"


class Op(StrEnum):
    """How a reading is compared with the threshold."""

    LESS = "<"
    AT_MOST = "<="
    AT_LEAST = ">="
    MORE = ">"
    IS = "is"
    RECORD = "record"
    """Whatever it is, it is written down."""


class Box(msgspec.Struct, frozen=True):
    """One box. `reading` is "" where only a person can settle it; `is_must` boxes can't be waved through."""

    id: str
    chapter: str
    text: str
    kind: Kind
    command: str
    reading: str
    op: Op | None
    threshold: str
    unit: str
    fresh: timedelta
    """So long a result is believed."""
    is_must: bool

    @property
    def parts(self) -> tuple[str, ...]:
        """What a roll-up is made of, boxes and readings as NAME=VALUE; empty for every other box."""
        return tuple(self.reading.removeprefix(_ROLL_UP).split()) if self.reading.startswith(_ROLL_UP) else ()

    @property
    def wants(self) -> str:
        """The threshold in words; "" where there is none."""
        if self.op is None or self.op is Op.RECORD:
            return "recorded" if self.op else ""
        return f"{self.op} {share(float(self.threshold)) if self.is_share else self.threshold} {self.unit}".strip()

    @property
    def is_share(self) -> bool:
        """Whether its figure is a part of 1, which people read in per cent."""
        return self.unit in _SHARES


def share(value: float) -> str:
    """A part of 1 in per cent."""
    return f"{100 * value:.4g} %"


_SHARES = ("of requests", "of the quota", "of visits", "of the processors")
_ROLL_UP = "all of "

CHAPTERS = ("pre-deployment", "deployment", "verification", "monitoring", "rollback", "incidents")


@cache
def boxes() -> tuple[Box, ...]:
    """All of them, in the runbook's order."""
    text = files("audiospective.operations").joinpath("boxes.tsv").read_text(encoding="utf-8")
    return tuple(_box(row) for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def digest() -> str:
    """It changes with every box, threshold and reading."""
    return hashlib.sha256(files("audiospective.operations").joinpath("boxes.tsv").read_bytes()).hexdigest()


def of_chapter(chapter: str) -> tuple[Box, ...]:
    """The boxes of a chapter, or of `all`; raises Invalid."""
    if chapter == "all":
        return boxes()
    if chapter not in CHAPTERS:
        raise Invalid(f"“{chapter[:40]}” isn't a chapter; use all, {', '.join(CHAPTERS)}.", field="CHAPTER")
    return tuple(box for box in boxes() if box.chapter == chapter)


def box(box_id: str) -> Box:
    """The box of that id, as in R019; raises Invalid."""
    found = next((one for one in boxes() if one.id == box_id.upper()), None)
    if found is None:
        raise Invalid(f"“{box_id[:20]}” isn't a box; they are R001 to R{len(boxes()):03d}.", field="BOX")
    return found


def _box(row: dict[str, str]) -> Box:
    return Box(
        id=row["id"],
        chapter=row["chapter"],
        text=row["text"],
        kind=Kind(row["kind"]),
        command=row["command"],
        reading=row["reading"],
        op=Op(row["op"]) if row["op"] else None,
        threshold=row["threshold"],
        unit=row["unit"],
        fresh=timedelta(minutes=int(row["fresh_min"])),
        is_must=row["weight"] == "must",
    )
