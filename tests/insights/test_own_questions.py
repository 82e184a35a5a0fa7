"""Our own questions against plain programs."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audiospective.archive.plays import Flag, Kind
from audiospective.insights import forgotten, milestones, obsessions, on_this_day, sessions, skips
from audiospective.insights.lens import Lens
from audiospective.insights.listening import Listening, see
from audiospective.insights.milestones import What
from audiospective.insights.period import parse
from audiospective.insights.zones import Zone
from tests.cast import Played, artist_of, history_of
from tests.insights import oracle

NOW = datetime(2025, 2, 20, 12, tzinfo=UTC)
asked = given(st.one_of(oracle.histories, oracle.close), oracle.zones, oracle.spellings)
_hours = st.integers(0, 500).map(lambda hour: datetime(2022, 1, 1, tzinfo=UTC) + timedelta(hours=7 * hour))
_loved = st.lists(st.builds(Played, at=_hours, track=st.integers(0, 2)), max_size=120, unique_by=lambda one: one.at)


def listening(rows: list[Played], zone: str, spelling: str = "all") -> Listening:
    named = Zone.named(zone)
    return see(history_of(rows), named, parse(spelling, NOW, named), Lens(), NOW)


@asked
def test_a_session_is_plays_that_follow_within_half_an_hour(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    groups: list[list[Played]] = []
    for one in oracle.within(rows, zone, seen.period):
        if groups and one.at - groups[-1][-1].at <= timedelta(minutes=30):
            groups[-1].append(one)
        else:
            groups.append([one])
    found = sessions.sessions(seen)
    assert found.count == len(groups)
    assert found.openers == tuple(sorted(Counter(g[0].track + 100 for g in groups).items(), key=lambda pair: (-pair[1], pair[0]))[:5])
    assert list(found.by_hour) == [sum(oracle.local(g[0], zone).hour == hour for g in groups) for hour in range(24)]
    if groups:
        assert found.longest is not None
        assert found.longest.listened_ms == max(sum(map(oracle.heard_ms, group)) for group in groups)


@asked
def test_round_numbers_are_reached_by_the_play_that_reaches_them(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    plays = oracle.within(rows, zone, seen.period)
    found = {(one.what, one.number): one.at for one in milestones.milestones(seen)}
    expected = {}
    if plays:
        expected[What.PLAYS, 1] = expected[What.TRACKS, 1] = plays[0].at
    named = [one for one in plays if artist_of(one.track)]
    if named:
        expected[What.ARTISTS, 1] = named[0].at
    assert found == expected


@asked
def test_the_longest_return_broke_the_longest_silence(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    by_track = defaultdict(list)
    for one in oracle.within(rows, zone, seen.period):
        by_track[one.track].append(one.at)
    silences = [two - one for at in by_track.values() for one, two in itertools.pairwise(at)]
    found = milestones.longest_return(seen)
    assert (found.at - found.before if found else None) == (max(silences) if silences else None)


@given(_loved, oracle.zones)
def test_a_week_belongs_to_the_track_that_ran_on_repeat(rows: list[Played], zone: str) -> None:
    weeks: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    for one in oracle.counted(rows):
        weeks[oracle.local(one, zone).isocalendar()[:2]][one.track] += 1
    expected = {
        (week, track + 100, plays)
        for week, counts in weeks.items()
        for track, plays in counts.items()
        if plays >= 10 and plays >= sum(counts.values()) * 0.15
    }
    found = obsessions.obsessions(listening(rows, zone), limit=500)
    assert {(one.monday.isocalendar()[:2], one.track_id, one.plays) for one in found} == expected
    assert all(one.monday.weekday() == 0 for one in found)


@given(_loved)
def test_what_was_loved_and_not_heard_for_a_year_is_forgotten(rows: list[Played]) -> None:
    plays, last = Counter[int](), {}
    for one in oracle.counted(rows):
        plays[one.track + 100] += 1
        last[one.track + 100] = one.at
    expected = {(track, count) for track, count in plays.items() if count >= 10 and last[track] < NOW - timedelta(days=365)}
    assert {(one.track_id, one.plays) for one in forgotten.forgotten(listening(rows, "UTC"))} == expected


@given(st.one_of(oracle.histories, _loved), oracle.zones)
def test_this_day_in_other_years(rows: list[Played], zone: str) -> None:
    today = NOW.date().replace(month=1, day=5)
    days = Counter(oracle.local(one, zone).date() for one in oracle.counted(rows))
    expected = [
        (day, plays) for day, plays in sorted(days.items(), reverse=True) if (day.month, day.day) == (1, 5) and day.year < today.year
    ]
    named = [one for one in oracle.counted(rows) if artist_of(one.track)]
    with_names = {oracle.local(one, zone).date() for one in named}
    found = on_this_day.on_this_day(listening(rows, zone), today)
    assert [(one.day, one.plays) for one in found] == [(day, plays) for day, plays in expected if day in with_names]


@asked
def test_a_skip_is_what_ended_before_thirty_seconds(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    first, last = seen.period.first_day, seen.period.last_day
    begun = [one for one in rows if one.kind is Kind.TRACK and one.ms >= 0]
    begun = [one for one in begun if first is None or last is None or first <= oracle.local(one, zone).date() <= last]
    found = skips.skips(seen)
    assert (found.told, found.skipped) == (len(begun), sum(one.ms < 30_000 for one in begun))


def test_a_skip_that_the_source_calls_one_counts_however_long_it_was() -> None:
    seen = listening([Played(NOW - timedelta(days=2), 1, 90_000)], "UTC")
    seen.history.flags[:] |= np.uint8(Flag.SKIPPED)
    assert skips.skips(seen).rate == 100.0
