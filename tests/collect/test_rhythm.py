"""When somebody is due again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.collect.rhythm import TroubleKind, after_success, after_trouble

_NOW = datetime(2026, 3, 18, 19, 30, tzinfo=UTC)
_MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (the zone is beside)


@given(st.integers(1, 10**6), _MOMENTS)
def test_the_next_sweep_lies_a_quarter_to_five_quarters_of_an_hour_ahead(user: int, now: datetime) -> None:
    ahead = after_success(user, now, fetched=50, new=3) - now
    assert timedelta(minutes=15) <= ahead < timedelta(minutes=75, seconds=1)


@given(st.integers(1, 10**6), _MOMENTS)
def test_a_person_is_swept_hourly_at_a_second_of_their_own(user: int, now: datetime) -> None:
    first = after_success(user, now, fetched=50, new=0)
    second = after_success(user, first + timedelta(seconds=7), fetched=50, new=0)
    assert abs(second - first - timedelta(hours=1)) < timedelta(milliseconds=1)


def test_people_are_spread_over_the_hour() -> None:
    minutes = {after_success(user, _NOW, fetched=0, new=0).minute for user in range(1000)}
    assert len(minutes) == 60


@pytest.mark.parametrize(("fetched", "new", "soon"), [(50, 50, True), (50, 49, False), (20, 20, False), (0, 0, False)])
def test_fifty_new_plays_bring_the_next_sweep_forward(fetched: int, new: int, soon: bool) -> None:
    due = after_success(7, _NOW, fetched=fetched, new=new)
    assert (due == _NOW + timedelta(minutes=25)) is soon


def test_silence_is_answered_with_ever_longer_waits_up_to_an_hour() -> None:
    waits = [(after_trouble(1, _NOW, TroubleKind.UNREACHABLE, troubles=n) - _NOW) // timedelta(minutes=1) for n in range(8)]
    assert waits == sorted(waits)
    assert waits[0] in {2, 3}
    assert waits[-1] in {60, 61}


@given(st.integers(1, 10**6), st.integers(1, 172_800))
def test_a_pause_that_spotify_tells_is_never_cut_short(user: int, pause_s: int) -> None:
    due = after_trouble(user, _NOW, TroubleKind.PAUSED, troubles=0, pause_s=pause_s)
    assert timedelta(seconds=pause_s) <= due - _NOW < timedelta(seconds=pause_s + 60)


@pytest.mark.parametrize("kind", list(TroubleKind))
def test_every_kind_of_trouble_ends_in_a_later_try(kind: TroubleKind) -> None:
    assert after_trouble(1, _NOW, kind, troubles=10**6, pause_s=1) > _NOW
