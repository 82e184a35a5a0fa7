"""Boxes on the terminal: how each stands, and what that means for the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from audiospective.bootstrap import Parts
from audiospective.cli.endings import Exit
from audiospective.cli.output import answer
from audiospective.operations import launch, record
from audiospective.operations.boxes import Box
from audiospective.operations.judge import Status
from audiospective.operations.launch import Standing

_MARKS = {
    Status.PASS: "✅",
    Status.FAIL: "❌",
    Status.UNKNOWN: "❔",
    Status.PENDING: "⏳",
    Status.SIGNED: "✍️",
    Status.NOT_APPLICABLE: "➖",
    Status.WAIVED: "⚠️",
}


class BoxAnswer(TypedDict):
    """A box with how it stands."""

    id: str
    chapter: str
    box: str
    kind: str
    command: str
    threshold: str
    state: str
    value: str
    reason: str
    by: str
    at: datetime | None


async def standings(parts: Parts, wanted: Sequence[Box]) -> list[BoxAnswer]:
    """How these boxes stand now."""
    async with parts.db.reading() as conn:
        return [_answer(one) for one in await launch.standings(conn, wanted, parts.clock.now())]


async def on_record(parts: Parts) -> list[BoxAnswer]:
    """Every box that was checked or signed, as the launch record has it."""
    async with parts.db.reading() as conn:
        return [_answer(one) for one in await record.recorded(conn) if one.at is not None]


def ended(rows: list[BoxAnswer], as_json: bool) -> int:
    """Print the boxes; the worst of them decides how the command ends."""
    answer(rows, as_json=as_json, text=board)
    states = {row["state"] for row in rows}
    for state, end in ((Status.FAIL, Exit.NO), (Status.UNKNOWN, Exit.UNREACHABLE), (Status.PENDING, Exit.WAITS)):
        if state in states:
            return end
    return Exit.DONE


def board(rows: Sequence[BoxAnswer]) -> str:
    """A line each, and a count."""
    lines = [f"{_MARKS[Status(row['state'])]} {row['id']}  {row['box']}  ({row['reason']})" for row in rows]
    counts = {state: sum(row["state"] == state for row in rows) for state in Status}
    summary = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    return "\n".join([*lines, f"{len(rows)} boxes: {summary}."])


def _answer(one: Standing) -> BoxAnswer:
    box = one.box
    return BoxAnswer(
        id=box.id,
        chapter=box.chapter,
        box=box.text,
        kind=box.kind.value,
        command=box.command,
        threshold=box.wants,
        state=one.status.value,
        value=one.value,
        reason=one.reason,
        by=one.by,
        at=one.at,
    )
