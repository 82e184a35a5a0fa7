"""What pages say to those of whom something usual isn't so."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from audiospective.reports import chapter_answers as told
from audiospective.web.views.told_lists import skip_lists
from tests.web.sample import named, rendered
from tests.web.sample_insights import a_story

NOW = datetime(2026, 11, 22, 21, 48, tzinfo=UTC)


def test_whoever_has_no_archive_now_is_not_told_to_press_it() -> None:
    page = rendered(named("history-empty"))
    assert "Nothing is archived yet." in page
    assert "Archive now" not in page


def test_each_comparison_is_ended_by_a_button_of_its_own_name() -> None:
    names = re.findall(r'<button class="btn btn-s" type="submit" aria-label="(End it[^"]+)"', rendered(named("comparisons")))
    assert len(names) == len(set(names)) == rendered(named("comparisons")).count(">End it<")


def test_of_somebody_who_skips_nothing_no_skips_are_told() -> None:
    story = a_story(NOW, "Marrow Coast")
    rows = [story.skips.most[0], *(told.ArtistSkipsAnswer(story.skips.most[0].what, 20, 0, 0.0, None) for _ in range(2))]
    some, none = (replace(story, skips=told.SkipsByArtistAnswer("all", most, rows[1:])) for most in (rows, rows[1:]))
    assert [(one.id, len(one.items)) for one in skip_lists(some)] == [("skipped", 1), ("finished", 2)]
    assert skip_lists(none) == ()
