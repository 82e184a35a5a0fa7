"""Planted changes of taste are found to the week, and none is found where there is none."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audiospective.insights.eras import FALSE_ALARMS, Era, eras
from audiospective.insights.lens import Lens
from audiospective.insights.listening import see
from audiospective.insights.period import parse
from audiospective.insights.zones import Zone, day_of, ordinal
from tests.cast import Played, artist_of, history_of
from tests.insights import oracle

NOW = datetime(2025, 2, 20, 12, tzinfo=UTC)
_BEGIN = datetime(2022, 1, 3, 18, tzinfo=UTC)


def found_in(rows: list[Played], zone: str = "UTC", spelling: str = "all") -> tuple[Era, ...]:
    named = Zone.named(zone)
    return eras(see(history_of(rows), named, parse(spelling, NOW, named), Lens(), NOW))


def life(chance: random.Random, *tastes: tuple[int, list[int]], a_day: int = 6) -> list[Played]:
    """Evenings with albums in a row: each taste is (days, tracks), and has favourites of its own."""
    rows, at = [], _BEGIN
    for length, tracks in tastes:
        weights = list(itertools.accumulate(1 / place for place in range(1, len(tracks) + 1)))
        for _ in range(length):
            many = chance.randint(0, 2 * a_day)
            favourite, *others = chance.choices(tracks, cum_weights=weights, k=1 + many)
            for n, other in enumerate(others):
                rows.append(Played(at + timedelta(minutes=4 * n), favourite if chance.random() < 0.3 else other))
            at += timedelta(days=1)
    return rows


@pytest.mark.parametrize("seed", range(8))
def test_planted_changes_are_found_within_a_week(seed: int) -> None:
    chance = random.Random(seed)
    lengths = [chance.randint(100, 300) for _ in range(3)]
    rows = life(chance, (lengths[0], list(range(1, 90))), (lengths[1], list(range(60, 150))), (lengths[2], list(range(150, 240))))
    changes = [_BEGIN.date() + timedelta(days=lengths[0]), _BEGIN.date() + timedelta(days=lengths[0] + lengths[1])]
    found = [one.first_day for one in found_in(rows)[1:]]
    assert len(found) == 2
    assert all(abs((one - planted).days) <= 7 for one, planted in zip(found, changes, strict=True))


def test_noise_that_stays_the_same_has_changes_as_seldom_as_is_stated() -> None:
    tastes = (700, list(range(1, 120)))
    alarms = sum(len(found_in(life(random.Random(seed), tastes, a_day=4))) > 1 for seed in range(20))
    assert alarms <= 2  # of 20 at 1 %: more than two are a matter of 0.1 %
    assert FALSE_ALARMS == 0.01


def test_an_era_is_named_by_who_belongs_to_it() -> None:
    first, second, third = found_in(life(random.Random(5), (200, [3]), (200, [6, 9]), (200, [3])))
    assert [one.artists[0][0] for one in (first, third)] == [artist_of(3)] * 2
    assert {artist for artist, _ in second.artists} == {artist_of(6), artist_of(9)}
    assert first.change == 0.0
    assert min(second.change, third.change) > 0.9


@given(st.one_of(oracle.histories, oracle.close), oracle.zones, oracle.spellings)
@settings(deadline=None)
def test_eras_follow_each_other_and_have_all_plays(rows: list[Played], zone: str, spelling: str) -> None:
    named = Zone.named(zone)
    expected = oracle.within(rows, zone, parse(spelling, NOW, named))
    found = found_in(rows, zone, spelling)
    assert sum(one.plays for one in found) == len(expected)
    if expected:
        assert (found[0].first_day, found[-1].last_day) == tuple(f(oracle.local(one, zone).date() for one in expected) for f in (min, max))
    assert all(two.first_day - one.last_day == timedelta(days=1) for one, two in itertools.pairwise(found))


def test_more_plays_at_the_end_leave_the_chapters_before_as_they_were() -> None:
    rows = life(random.Random(3), (250, list(range(1, 60))), (250, list(range(60, 120))))
    fewer = [one for one in rows if one.at.date() <= day_of(ordinal(date(2023, 4, 1)))]
    assert [one.first_day for one in found_in(fewer)] == [one.first_day for one in found_in(rows)]
