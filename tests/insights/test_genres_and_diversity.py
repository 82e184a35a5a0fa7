"""Genres and diversity beside a plain count."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from audiospective.insights import diversity, genres
from audiospective.insights.lens import Lens
from audiospective.insights.listening import see
from audiospective.insights.period import parse
from audiospective.insights.zones import Zone
from tests.cast import Played, artist_of, history_of
from tests.insights import oracle

NOW = datetime(2025, 2, 20, 12, tzinfo=UTC)
_told = st.dictionaries(st.integers(1, 6), st.lists(st.sampled_from(["ambient", "bossa nova", "dub", "fado"]), max_size=3))


@given(oracle.histories, oracle.spellings, _told)
def test_a_play_counts_for_each_genre_of_its_artist(rows: list[Played], spelling: str, told: dict[int, list[str]]) -> None:
    zone = Zone.named("Europe/Lisbon")
    seen = see(history_of(rows), zone, parse(spelling, NOW, zone), Lens(), NOW)
    expected = oracle.within(rows, "Europe/Lisbon", seen.period)
    counts = Counter(genre for one in expected for genre in set(told.get(artist_of(one.track), [])))
    found = genres.genres(seen, told)
    assert [(genre.name, genre.plays) for genre in found.all] == sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    assert found.total_plays == len(expected)


@given(st.lists(st.integers(1, 500), max_size=30))
def test_diversity_is_shannons_entropy_and_herfindahls_sum(counts: list[int]) -> None:
    found = diversity.spread(counts)
    shares = [count / sum(counts) for count in counts]
    most = math.log(len(counts)) if len(counts) > 1 else 0
    score = -sum(share * math.log(share) for share in shares) / most * 100 if most else 0
    assert math.isclose(found.score, score, abs_tol=0.06)
    assert math.isclose(found.concentration, sum(share**2 for share in shares), abs_tol=0.0001)


def test_equal_shares_are_as_varied_as_can_be() -> None:
    found = diversity.spread([7, 7, 7, 7])
    assert (found.score, found.concentration) == (100.0, 0.25)


def test_one_thing_alone_is_not_varied() -> None:
    found = diversity.spread([12])
    assert (found.score, found.concentration, found.different) == (0.0, 1.0, 1)
