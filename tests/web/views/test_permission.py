"""What is said of Spotify's permission, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from audiospective.accounts.grants import GrantState
from audiospective.web.views.permission import permission

_NOW = datetime(2026, 3, 18, 19, 30, tzinfo=UTC)


def state(days_left: float, word: str = "active") -> GrantState:
    return GrantState(word, None, "app", "", _NOW - timedelta(days=182 - days_left), _NOW)


@pytest.mark.parametrize(
    ("days_left", "word", "kind", "title"),
    [
        (181, "active", "good", "Connected to Spotify."),
        (31, "active", "good", "Connected to Spotify."),
        (30, "active", "warn", "Spotify’s permission ends in 30 days."),
        (3, "active", "warn", "Spotify’s permission ends in 3 days."),
        (0.2, "active", "warn", "Spotify’s permission ends in 1 day."),
        (0, "active", "bad", "Spotify’s permission has ended."),
        (100, "ended", "bad", "Spotify’s permission has ended."),
    ],
)
def test_its_end_is_foretold_thirty_days_before(days_left: float, word: str, kind: str, title: str) -> None:
    found = permission(state(days_left, word), _NOW)
    assert found is not None
    assert (found.kind, found.title) == (kind, title)


def test_a_listener_without_spotify_has_none() -> None:
    assert permission(None, _NOW) is None
