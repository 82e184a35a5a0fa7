"""When somebody is due again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.archive.proofs import LATE
from audiospective.collect.rhythm import TroubleKind, after_success, after_trouble

_NOW = datetime(2026, 3, 18, 19, 30, tzinfo=UTC)
_MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (the zone is beside)


def ahead(user: int, now: datetime, *, fill_s: int = 0, silent: timedelta = timedelta(0), lost_track: bool = False) -> timedelta:
    return after_success(user, now, fill_s=fill_s, head_at=now - silent, lost_track=lost_track) - now


@given(st.integers(1, 10**6), _MOMENTS, st.integers(0, 100_000))
def test_nobody_who_listens_waits_longer_than_an_hour(user: int, now: datetime, fill_s: int) -> None:
    assert timedelta(minutes=1) <= ahead(user, now, fill_s=fill_s) <= timedelta(minutes=61)


@given(st.integers(1, 10**6), _MOMENTS)
def test_a_person_is_swept_hourly_at_a_second_of_their_own(user: int, now: datetime) -> None:
    first = now + ahead(user, now)
    later = first + timedelta(seconds=7)
    assert abs(later + ahead(user, later) - first - timedelta(hours=1)) < timedelta(milliseconds=1)


def test_people_are_spread_over_the_hour() -> None:
    assert len({(_NOW + ahead(user, _NOW)).minute for user in range(1000)}) == 60


@given(st.integers(1, 10**6), _MOMENTS, st.integers(1_500, 100_000))
def test_a_page_is_asked_for_before_it_can_be_full_again(user: int, now: datetime, fill_s: int) -> None:
    assert ahead(user, now, fill_s=fill_s) + LATE <= timedelta(seconds=fill_s)


@given(st.integers(1, 10**6), _MOMENTS, st.integers(1, 100_000))
def test_whoever_skips_every_30_seconds_is_asked_every_ten_minutes(user: int, now: datetime, fill_s: int) -> None:
    assert ahead(user, now, lost_track=True) == timedelta(minutes=10)
    assert ahead(user, now, fill_s=1) <= timedelta(minutes=10)


@given(st.integers(1, 10**6), _MOMENTS)
def test_who_hasnt_listened_for_a_week_is_asked_every_other_hour(user: int, now: datetime) -> None:
    assert ahead(user, now, silent=timedelta(days=8)) - ahead(user, now) == timedelta(hours=1)


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
