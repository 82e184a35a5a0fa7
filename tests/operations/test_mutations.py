"""One thing broken turns its own box red, and the roll-ups that hold it, and nothing else: for each box that a machine reads.

What is found is told by readings alone, so most ask the judge; that the record says the same is asked of a whole world and a broken one.
"""

from __future__ import annotations

from audiospective.infra.database import Connection
from audiospective.operations import boxes as data
from audiospective.operations import launch, ledger
from audiospective.operations.boxes import Box, Op, boxes
from audiospective.operations.judge import GOOD, Reading, Status, judged
from tests.clock import FakeClock

READ = [box for box in boxes() if box.reading and not box.parts]
JUDGED = [box for box in READ if box.op is not Op.RECORD]
ROLLED = [box for box in boxes() if box.parts]


def good(box: Box) -> float | str:
    if box.op is Op.IS:
        return box.threshold
    if box.op is Op.RECORD:
        return 1
    limit = float(box.threshold)
    return limit if box.op in {Op.AT_MOST, Op.AT_LEAST} else limit + 0.01 if box.op is Op.MORE else limit - 0.01


def bad(box: Box) -> float | str:
    if box.op is Op.IS:
        return f"not {box.threshold}"
    limit = float(box.threshold)
    return limit - 0.01 if box.op is Op.AT_LEAST else limit + 0.01 if box.op is Op.AT_MOST else limit


def whole() -> dict[str, Reading]:
    """A world in which every box is green: each reading as the strictest of its boxes wants it."""
    strictest = sorted(READ, key=lambda one: -float(one.threshold) if one.op is Op.LESS else 0)
    found = {one.reading: Reading(good(one)) for one in strictest}
    named = [part.partition("=") for box in ROLLED for part in box.parts if "=" in part]
    return found | {name: Reading(value) for name, _, value in named}


def _verdicts(readings: dict[str, Reading]) -> dict[str, Status]:
    """As the launch record has them of a ledger in which nothing else stands."""
    return {one.box: one.status for _, one in judged(boxes(), readings, {})}


def expected(box: Box, *, also: frozenset[str]) -> set[str]:
    """The boxes of the same reading for which that is bad too, and whatever rolls any of them up."""
    red = {box.id} | also
    while more := {one.id for one in ROLLED if red & set(one.parts)} - red:
        red |= more
    return red


def test_in_a_whole_world_every_box_that_is_read_is_green() -> None:
    found = _verdicts(whole())
    assert {box: status for box, status in found.items() if status not in GOOD} == {}
    assert len(found) == len(READ) + len(ROLLED)


def test_one_bad_reading_turns_its_boxes_red_and_no_other() -> None:
    well, odd = whole(), {}
    for box in JUDGED:
        red = {one for one, status in _verdicts(well | {box.reading: Reading(bad(box))}).items() if status is Status.FAIL}
        same = frozenset(one for one in red if data.box(one).reading == box.reading)
        if box.id not in red or red != expected(box, also=same):
            odd[box.id] = red
    assert odd == {}


def test_one_source_that_is_silent_turns_its_boxes_unknown_and_no_other() -> None:
    well, odd = whole(), {}
    for box in READ:
        found = _verdicts(well | {box.reading: Reading(problem="nobody answers")})
        dim = {one for one, status in found.items() if status is Status.UNKNOWN}
        if dim != expected(box, also=frozenset(one.id for one in READ if one.reading == box.reading)) or Status.FAIL in found.values():
            odd[box.id] = dim
    assert odd == {}


async def test_what_is_recorded_is_what_was_judged(conn: Connection, clock: FakeClock) -> None:
    """Whole; with each second reading bad, with each second silent; and whole once more, over all that."""
    names = sorted({box.reading for box in JUDGED})
    broken = {box.reading: Reading(bad(box)) for box in JUDGED if box.reading in names[::2]}
    for readings in (whole(), whole() | broken, whole() | dict.fromkeys(names[1::2], Reading(problem="nobody answers")), whole()):
        clock.forward(minutes=1)
        found = await launch.record(conn, boxes(), readings, actor="test", now=clock.now())
        lines = await ledger.newest(conn, launch.JUDGED)
        assert {one.box: one.status for one in found} == _verdicts(readings)
        assert {box: (line.at, line.actor, line.told()["status"]) for box, line in lines.items()} == {
            box: (clock.now(), "test", status.value) for box, status in _verdicts(readings).items()
        }
        stands = await launch.standings(conn, [*READ, *ROLLED], clock.now())
        assert {one.box.id: one.status for one in stands} == _verdicts(readings)


async def test_a_part_that_is_not_looked_at_counts_as_it_was_found(conn: Connection, clock: FakeClock) -> None:
    broken = next(box for box in JUDGED if any(box.id in one.parts for one in ROLLED))
    await launch.record(conn, boxes(), whole() | {broken.reading: Reading(bad(broken))}, actor="test", now=clock.now())
    found = await launch.record(conn, ROLLED, whole(), actor="test", now=clock.now())
    red = {one.box for one in found if one.status is Status.FAIL}
    assert red == {one.id for one in ROLLED if broken.id in one.parts}
    assert {one.status for one in found if one.box not in red} <= GOOD
