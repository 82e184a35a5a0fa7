"""Imports in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from audiospective.collect.imports.detect import Format
from audiospective.insights.completeness import Completeness
from audiospective.insights.zones import Zone
from audiospective.web.views.deck import Deck
from audiospective.web.views.imports import imports_view
from tests.web.sample_imports import an_import

NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
LISBON = Zone("Europe/Lisbon")
IDLE, NOTHING = Deck(True, False, ""), Completeness(None, 1.0, (), ())


def test_a_running_import_says_how_fast_it_goes_and_how_long_it_still_takes() -> None:
    started = NOW - timedelta(seconds=10)
    one = an_import(NOW, "", state="running", rows=50_000, bytes_done=12_000_000, bytes_total=48_000_000, started_at=started)
    view = imports_view(IDLE, one, (), LISBON, complete=NOTHING, now=NOW).current
    assert view is not None
    assert "5,000 rows a second, about 30 seconds left" in view.note


def test_nothing_is_foretold_of_an_import_that_has_just_begun() -> None:
    one = an_import(NOW, "", state="running", rows=50_000, bytes_done=12_000_000, started_at=NOW)
    view = imports_view(IDLE, one, (), LISBON, complete=NOTHING, now=NOW).current
    assert view is not None
    assert "left" not in view.note


def named(fmt: str) -> str:
    """What people read of an import of this format."""
    view = imports_view(IDLE, an_import(NOW, "", state="done", format=fmt), (), LISBON, complete=NOTHING, now=NOW).current
    assert view is not None
    return view.note.partition(", 11 files")[0]


@pytest.mark.parametrize("fmt", [one for one in Format if one not in {Format.YOUR_SPOTIFY, Format.EMPTY}])
def test_every_format_has_a_name_for_people(fmt: Format) -> None:
    assert named(fmt.value) != fmt.value


def test_two_kinds_of_file_of_one_program_are_named_once() -> None:
    assert named("lastfm-csv+lastfm-json") == "Last.fm"
