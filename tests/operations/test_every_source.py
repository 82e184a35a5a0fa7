"""Each box that a machine reads is turned at its source by some table: an environment, a database, a checkout, a page, a provider."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import repeat
from typing import Any

from audiospective.operations.boxes import Op, boxes
from audiospective.operations.judge import Status
from tests.operations import (
    test_cloud_boxes,
    test_code_boxes,
    test_database_boxes,
    test_health_boxes,
    test_rollback_boxes,
    test_self_hosted_boxes,
    test_site_boxes,
    test_spotify_boxes,
    test_surroundings,
    test_windows,
)

#: Whose rows say last which boxes turn.
TABLES: list[Iterable[tuple[str, Any, Collection[str]]]] = [
    test_cloud_boxes.MUTATIONS,
    test_code_boxes.MUTATIONS,
    test_database_boxes.MUTATIONS,
    test_health_boxes.MUTATIONS,
    test_rollback_boxes.MUTATIONS,
    test_self_hosted_boxes.MUTATIONS,
    test_site_boxes.MUTATIONS,
    test_spotify_boxes.MUTATIONS,
    test_surroundings.MUTATIONS,
    test_windows.MUTATIONS,
]

#: Whose tables aren't in TABLES yet. A table that comes takes its boxes from here, or the test says so.
OWED = {
    *("R044", "R084", "R085", "R086", "R090", "R091", "R094", "R108", "R110", "R111", "R112"),
    *("R145", "R146", "R150", "R151", "R153", "R180", "R181", "R182", "R183"),
    *("R211", "R213", "R214", "R215", "R216", "R217", "R218", "R219"),
}

#: By how a reading's name begins: what holds these boxes in place of a table here.
ELSEWHERE = {
    "browser.": "a browser sees them; test_every_box_that_the_browser_sees_is_turned_by_something holds their tables complete",
}


#: What asks for nothing but an answer: it is unknown where none comes, and nothing that comes is red.
ANSWERED = {"R006", "R024", "R025", "R027", "R036"}


def test_every_box_that_a_machine_reads_is_turned_at_its_source() -> None:
    """But those that are written down whatever they are, and those that are rolled up from others."""
    wanted = {box.id for box in boxes() if box.reading and not box.parts and box.op is not Op.RECORD}
    elsewhere = {box.id for box in boxes() if box.reading.startswith(tuple(ELSEWHERE))}
    turned = [
        one for table in TABLES for *_, red in table for one in (red.items() if isinstance(red, dict) else zip(red, repeat(Status.FAIL)))
    ]
    assert wanted - elsewhere - {box for box, _ in turned} == OWED
    assert wanted - elsewhere - {box for box, status in turned if status is Status.FAIL} == OWED | ANSWERED
