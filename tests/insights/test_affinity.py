"""What two people have in common, against plain loops."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.insights.affinity import affinity
from audiospective.insights.lens import Lens
from audiospective.insights.listening import Listening, see
from audiospective.insights.period import parse
from audiospective.insights.zones import Zone
from tests.cast import Played, artist_of, history_of
from tests.insights import oracle

NOW = datetime(2025, 2, 1, tzinfo=UTC)


def _seen(rows: list[Played], spelling: str) -> Listening:
    zone = Zone("UTC")
    return see(history_of(rows), zone, parse(spelling, NOW, zone), Lens(), NOW)


def _artists(rows: list[Played]) -> Counter[int]:
    return Counter(artist_of(one.track) for one in rows if artist_of(one.track))


@given(oracle.histories, oracle.histories, st.sampled_from(["365d", "90d", "all"]))
def test_overlap_and_what_to_try_are_those_of_plain_loops(mine: list[Played], theirs: list[Played], spelling: str) -> None:
    me, them = _seen(mine, spelling), _seen(theirs, spelling)
    one, other = (_artists(oracle.within(rows, "UTC", me.period)) for rows in (mine, theirs))
    found = affinity(me, them)
    overlap = 0.0
    for artist in one:
        overlap += min(one[artist] / one.total(), other[artist] / other.total()) if other else 0.0
    assert found.overlap == pytest.approx(overlap * 100, abs=0.051)
    assert set(found.shared) == (one.keys() & other.keys())
    ever = _artists(oracle.counted(mine))
    assert set(found.to_try) == {artist for artist in other if artist not in ever}
    assert found.is_silent is not bool(other)


@given(oracle.histories)
def test_everybody_agrees_with_themselves(rows: list[Played]) -> None:
    seen = _seen(rows, "all")
    found = affinity(seen, seen)
    assert (found.overlap, found.to_try) == ((100.0, ()) if _artists(oracle.counted(rows)) else (0.0, ()))


@given(oracle.histories, oracle.histories)
def test_the_number_is_the_same_for_both(mine: list[Played], theirs: list[Played]) -> None:
    assert affinity(_seen(mine, "all"), _seen(theirs, "all")).overlap == affinity(_seen(theirs, "all"), _seen(mine, "all")).overlap
