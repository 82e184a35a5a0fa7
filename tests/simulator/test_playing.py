"""The listeners are believable, and what they hear is a function of time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.simulator.catalogue import catalogue
from audiospective.simulator.listeners import Listener, roster
from audiospective.simulator.playing import Play, last_shown, played_on, plays

OPENED = date(2026, 3, 18)
EVERYONE = roster(OPENED)
VETERAN, REGULAR, NEWCOMER, OWL, PODCASTER = EVERYONE
HOUR, DAY = 3_600_000, 86_400_000
NOW = int(datetime(2026, 3, 18, 19, 30, tzinfo=UTC).timestamp() * 1000)

listeners = st.sampled_from(EVERYONE)
moments = st.integers(NOW - 800 * DAY, NOW + 400 * DAY)


def quarter(listener: Listener) -> list[Play]:
    """What somebody heard in the last ninety days."""
    return list(plays(listener, NOW - 90 * DAY, NOW))


@given(listeners, moments, st.integers(0, 5 * DAY), st.integers(0, 5 * DAY))
def test_a_window_asked_for_in_pieces_is_the_same_window(listener: Listener, since: int, first: int, second: int) -> None:
    pieces = [*plays(listener, since, since + first), *plays(listener, since + first, since + first + second)]
    assert pieces == list(plays(listener, since, since + first + second))


@given(listeners, moments)
def test_forgetting_and_playing_again_gives_the_same(listener: Listener, since: int) -> None:
    once = list(plays(listener, since, since + 3 * DAY))
    played_on.cache_clear()
    assert list(plays(listener, since, since + 3 * DAY)) == once


@given(listeners, moments)
def test_nothing_begins_before_the_last_thing_ended(listener: Listener, since: int) -> None:
    heard = list(plays(listener, since, since + 10 * DAY))
    assert all(one.ended_ms <= other.ended_ms - other.ms_played for one, other in pairwise(heard))


@given(listeners, moments)
def test_nobody_hears_more_of_a_song_than_there_is(listener: Listener, since: int) -> None:
    tracks = catalogue().tracks
    for play in plays(listener, since, since + 5 * DAY):
        assert play.ms_played >= 0
        assert play.track < 0 or play.ms_played <= tracks[play.track].duration_ms


@given(listeners, moments)
def test_no_record_is_heard_before_it_came_out(listener: Listener, since: int) -> None:
    shelf = catalogue()
    for play in plays(listener, since, since + 5 * DAY):
        day = datetime.fromtimestamp(play.ended_ms / 1000, UTC).date().isoformat()
        assert play.track < 0 or shelf.albums[shelf.tracks[play.track].album].released < day


@given(listeners, moments)
def test_the_last_plays_are_those_of_the_ninety_days_that_may_be_shown(listener: Listener, now: int) -> None:
    window = [play for play in plays(listener, now - 90 * DAY, now) if play.is_shown and play.seen_ms <= now]
    assert last_shown(listener, now, 50, 90) == window[::-1][:50]


@given(listeners, st.dates(date(2010, 1, 1), date(2024, 1, 14)))
def test_nobody_listened_before_they_began(listener: Listener, day: date) -> None:
    assert day >= listener.since or played_on(listener, day) == ()


@pytest.mark.parametrize(("listener", "least", "most"), [(VETERAN, 1000, 3000), (REGULAR, 350, 1200), (NEWCOMER, 5, 40), (OWL, 900, 3000)])
def test_everybody_listens_as_much_as_they_say(listener: Listener, least: int, most: int) -> None:
    assert least < len(quarter(listener)) < most


def test_a_quarter_is_made_of_its_own_days_not_from_the_beginning() -> None:
    played_on.cache_clear()
    quarter(VETERAN)
    assert played_on.cache_info().misses == 91


def test_the_podcaster_hears_no_song_and_is_never_shown() -> None:
    assert {play.track for play in quarter(PODCASTER)} == {-1}
    assert last_shown(PODCASTER, NOW, 50, 90) == []


def test_the_owl_listens_at_night_and_the_commuter_in_the_morning() -> None:
    def hours(listener: Listener) -> Counter[int]:
        return Counter(datetime.fromtimestamp(play.ended_ms / 1000, listener.zone).hour for play in quarter(listener))

    owl, commuter = hours(OWL), hours(REGULAR)
    assert sum(owl[hour] for hour in (22, 23, 0, 1, 2, 3)) > 0.7 * owl.total()
    assert commuter[7] > 5 * (commuter[3] + commuter[4] + 1)


def test_workdays_and_weekends_differ() -> None:
    days = Counter(
        datetime.fromtimestamp(play.ended_ms / 1000, REGULAR.zone).weekday() for play in quarter(REGULAR) if play.ms_played > 30_000
    )
    mornings = [play for play in quarter(REGULAR) if datetime.fromtimestamp(play.ended_ms / 1000, REGULAR.zone).hour == 7]
    assert all(datetime.fromtimestamp(play.ended_ms / 1000, REGULAR.zone).weekday() < 5 for play in mornings)
    assert len(days) == 7


def test_there_are_favourites_and_there_is_discovery() -> None:
    songs = Counter(play.track for play in quarter(VETERAN) if play.track >= 0)
    assert sum(count for _, count in songs.most_common(len(songs) // 10)) > 0.3 * songs.total()
    assert sum(count == 1 for count in songs.values()) > 0.2 * len(songs)


def test_favourites_change_with_the_months() -> None:
    def favourites(ago: int) -> set[int]:
        end = NOW - ago * DAY
        return {song for song, _ in Counter(p.track for p in plays(VETERAN, end - 30 * DAY, end) if p.track >= 0).most_common(30)}

    assert len(favourites(0) & favourites(400)) < 15


def test_some_sittings_are_one_record_in_order() -> None:
    tracks = catalogue().tracks
    songs = [play for play in quarter(VETERAN) if play.session.context.startswith("album:")]
    inside = [(tracks[a.track], tracks[b.track]) for a, b in pairwise(songs) if tracks[a.track].album == tracks[b.track].album]
    assert len(inside) > 20
    assert sum(one.number + 1 == other.number for one, other in inside) > 0.8 * len(inside)


def test_some_is_skipped_some_private_and_a_little_arrives_late() -> None:
    year = list(plays(VETERAN, NOW - 365 * DAY, NOW))
    skipped = sum(play.reason_end == "fwdbtn" for play in year) / len(year)
    late = sum(play.session.uploaded_ms > 0 for play in year) / len(year)
    assert 0.05 < skipped < 0.3
    assert 0.002 < late < 0.06
    assert any(play.session.incognito for play in year)


def test_a_late_play_is_shown_only_once_its_device_is_back() -> None:
    late = next(play for play in plays(VETERAN, NOW - 365 * DAY, NOW) if play.session.uploaded_ms > play.ended_ms + HOUR and play.is_shown)
    assert late not in last_shown(VETERAN, late.ended_ms + 1, 50, 90)
    assert late in last_shown(VETERAN, late.seen_ms, 5000, 90)


def test_a_day_of_23_and_one_of_25_hours_still_do_not_overlap() -> None:
    for change in (date(2026, 3, 29), date(2025, 10, 26)):
        days = [play for offset in (-1, 0, 1) for play in played_on(VETERAN, change + timedelta(days=offset))]
        assert days == sorted(days, key=lambda play: play.ended_ms)
