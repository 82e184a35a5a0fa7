"""Stretches of time, against the same arithmetic minute by minute."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from audiospective.archive.proofs import Stretch, joined, within, without

_START = datetime(2026, 3, 18, tzinfo=UTC)


def stretch(pair: tuple[int, int]) -> Stretch:
    return Stretch(_START + timedelta(minutes=min(pair)), _START + timedelta(minutes=max(pair)))


stretches = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(stretch)


def minutes(*given: Stretch) -> set[int]:
    """The minutes that end within."""
    return {minute for one in given for minute in range(61) if one.from_at < _START + timedelta(minutes=minute) <= one.till_at}


@given(st.lists(stretches))
def test_joined_is_the_same_time_in_stretches_that_dont_touch(given: list[Stretch]) -> None:
    whole = joined(given)
    assert minutes(*whole) == minutes(*given)
    assert all(earlier.till_at < later.from_at for earlier, later in itertools.pairwise(whole))


@given(stretches, st.lists(stretches))
def test_without_leaves_what_isnt_taken(whole: Stretch, taken: list[Stretch]) -> None:
    assert minutes(*without(whole, taken)) == minutes(whole) - minutes(*taken)


@given(stretches, st.lists(stretches))
def test_within_is_what_both_have(bounds: Stretch, given: list[Stretch]) -> None:
    assert minutes(*within(given, bounds)) == minutes(*given) & minutes(bounds)
