"""Each box that a machine reads is turned at its source by some table: an environment, a database, a checkout, a page, a provider."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from typing import Any

from audiospective.operations.boxes import Op, boxes
from audiospective.operations.judge import Status
from tests.operations import (
    test_cloud_boxes,
    test_code_boxes,
    test_database_boxes,
    test_error_boxes,
    test_health_boxes,
    test_log_boxes,
    test_person_boxes,
    test_rollback_boxes,
    test_self_hosted_boxes,
    test_site_boxes,
    test_smoke_boxes,
    test_spotify_boxes,
    test_suite_boxes,
    test_surroundings,
    test_sweep_boxes,
    test_windows,
)

#: Whose rows say last which boxes turn.
TABLES: list[Iterable[tuple[Any, ...]]] = [
    test_cloud_boxes.MUTATIONS,
    test_code_boxes.MUTATIONS,
    test_database_boxes.MUTATIONS,
    test_error_boxes.MUTATIONS,
    test_error_boxes.AT_THE_TRACKER,
    test_health_boxes.MUTATIONS,
    test_log_boxes.MUTATIONS,
    test_person_boxes.MUTATIONS,
    test_person_boxes.PUBLISHED,
    test_rollback_boxes.MUTATIONS,
    test_self_hosted_boxes.MUTATIONS,
    test_site_boxes.MUTATIONS,
    test_smoke_boxes.MUTATIONS,
    test_spotify_boxes.MUTATIONS,
    test_suite_boxes.MUTATIONS,
    test_surroundings.MUTATIONS,
    test_sweep_boxes.MUTATIONS,
    test_windows.MUTATIONS,
]

#: By how a reading's name begins: what holds these boxes in place of a table here.
ELSEWHERE = {
    "browser.": "a browser sees them; test_every_box_that_the_browser_sees_is_turned_by_something holds their tables complete",
}


#: What asks for nothing but an answer: it is unknown where none comes, and nothing that comes is red.
ANSWERED = {"R006", "R024", "R025", "R027", "R036"}
#: What people post: until they have, it waits for them, and that isn't red.
AWAITED = {"R178", "R179"}
#: Nobody can ask for letters about a launch, so that it never applies; test_person_boxes.py holds that.
INAPPLICABLE = {"R180"}


def test_every_box_that_a_machine_reads_is_turned_at_its_source() -> None:
    """But those that are written down whatever they are, and those that are rolled up from others."""
    wanted = {box.id for box in boxes() if box.reading and not box.parts and box.op is not Op.RECORD}
    elsewhere = {box.id for box in boxes() if box.reading.startswith(tuple(ELSEWHERE))}
    turned = [
        one for table in TABLES for *_, red in table for one in (red.items() if isinstance(red, dict) else zip(red, repeat(Status.FAIL)))
    ]
    assert wanted - elsewhere - {box for box, _ in turned} == INAPPLICABLE
    assert wanted - elsewhere - {box for box, status in turned if status is Status.FAIL} == INAPPLICABLE | ANSWERED | AWAITED
