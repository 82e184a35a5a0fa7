"""Days, seasons, cohorts, decades, taste, first and last times, movement: against plain programs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audiospective.archive.plays import Evidence, Kind, country_code
from audiospective.insights import (
    cohorts,
    comparison,
    days,
    decades,
    diversity,
    firsts,
    movement,
    places,
    seasons,
    sessions,
    skips,
    spoken,
    streaks,
    taste,
    top,
)
from audiospective.insights.lens import Lens
from audiospective.insights.listening import Listening, see
from audiospective.insights.period import parse
from audiospective.insights.zones import Zone, month_number, months
from tests.cast import Played, album_of, artist_of, history_of
from tests.insights import oracle

NOW = datetime(2025, 2, 20, 12, tzinfo=UTC)
_moments = st.integers(0, 1_150 * 4).map(lambda quarter: datetime(2022, 1, 1, 5, tzinfo=UTC) + timedelta(hours=6 * quarter))
#: Years of it, few enough artists that each comes again.
lives = st.lists(st.builds(Played, at=_moments, track=st.integers(0, 9)), max_size=80, unique_by=lambda one: (one.at, one.track))
asked = given(st.one_of(oracle.histories, lives), oracle.zones, oracle.spellings)


def listening(rows: list[Played], zone: str = "UTC", spelling: str = "all") -> Listening:
    named = Zone.named(zone)
    return see(history_of(rows), named, parse(spelling, NOW, named), Lens(), NOW)


def months_of(rows: Iterable[Played], zone: str) -> dict[int, set[int]]:
    """Months since 1970 with a play, by named artist."""
    found = defaultdict(set)
    for one in oracle.counted(rows):
        if artist_of(one.track):
            found[artist_of(one.track)].add(month_number(oracle.local(one, zone).date()))
    return found


@given(st.lists(st.dates(date(1999, 1, 1), date(2040, 1, 1)), max_size=30))
def test_months_are_counted_from_1970(given_days: list[date]) -> None:
    found = months(np.array([(day - date(1970, 1, 1)).days for day in given_days], np.int32))
    assert found.tolist() == [(day.year - 1970) * 12 + day.month - 1 for day in given_days]


@asked
def test_every_day_of_every_year_has_its_plays(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    expected = Counter(oracle.local(one, zone).date() for one in oracle.within(rows, zone, seen.period))
    found = {date(one.year, 1, 1) + timedelta(days=place): plays for one in days.days(seen) for place, plays in enumerate(one.plays)}
    assert {day: plays for day, plays in found.items() if plays} == expected
    assert all(len(one.plays) == (date(one.year + 1, 1, 1) - date(one.year, 1, 1)).days for one in days.days(seen))


@asked
def test_seasons_are_quarters_that_begin_in_december(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    expected = Counter(oracle.local(one, zone).month % 12 // 3 for one in oracle.within(rows, zone, seen.period))
    assert {one.quarter: one.plays for one in seasons.seasons(seen) if one.plays} == expected


def test_an_artist_belongs_to_the_season_in_which_most_of_its_plays_fall() -> None:
    winter = [Played(datetime(2024, 1, 3, tzinfo=UTC) + timedelta(hours=n), 3) for n in range(30)]
    always = [Played(datetime(2024, month, 9, tzinfo=UTC) + timedelta(hours=n), 1) for month in range(1, 13) for n in range(20)]
    found = seasons.seasons(listening(winter + always))
    assert (found[0].artist_id, found[0].artist_plays, found[0].artist_share) == (artist_of(3), 30, 100.0)
    assert {one.artist_id for one in found[1:]} == {artist_of(1)}


@given(lives, oracle.zones, st.sampled_from(["all", "2022", "2023-05", "2023-01-01..2024-03-31"]))
def test_what_became_of_the_artists_of_a_month(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    heard, now = months_of(rows, zone), month_number(oracle.local(Played(NOW), zone).date())
    begins = [month_number(oracle.local(one, zone).date()) for one in oracle.counted(rows)]
    for cohort in cohorts.cohorts(seen):
        month = month_number(cohort.month)
        mine = [those for those in heard.values() if min(those) == month]
        assert (cohort.found, cohort.is_begin) == (len(mine), month == min(begins))
        for after, kept in zip(cohorts.AFTER, cohort.kept, strict=True):
            looked = range(month + after, month + after + 3)
            assert kept == (sum(not those.isdisjoint(looked) for those in mine) if looked[-1] < now else None)


@given(lives)
def test_every_artist_is_of_one_cohort(rows: list[Played]) -> None:
    assert sum(one.found for one in cohorts.cohorts(listening(rows))) == len(months_of(rows, "UTC"))


@given(oracle.histories, st.dictionaries(st.integers(1, 6), st.integers(1955, 2025)), oracle.zones, oracle.spellings)
def test_decades_add_up_to_the_plays_whose_album_has_a_year(rows: list[Played], released: dict[int, int], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    years = sorted(released[album_of(one.track)] for one in oracle.within(rows, zone, seen.period) if album_of(one.track) in released)
    found = decades.decades(seen, released)
    assert (found.plays, found.known) == (len(seen), len(years))
    assert {decade: plays for decade, plays in found.decades if plays} == Counter(year // 10 * 10 for year in years)
    assert found.median == (years[(len(years) - 1) // 2] if years else None)


@asked
def test_places_count_what_the_source_told(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    size = len(seen.history)
    words = {1: "iOS 17.1 (iPhone14,2)", 2: "Android OS 11 API 30", 3: "Partner google cast_tv"}
    zeros = np.zeros(size, np.int16)
    told = np.arange(size, dtype=np.int32) % 4
    country = np.array([country_code("PT") if n % 3 else 0 for n in range(size)], np.int16)
    found = places.places(seen, Evidence(np.zeros(size, np.int32), told, country, zeros, words, {}))
    names = {1: "iPhone and iPad", 2: "Android", 3: "TV and speakers"}
    assert dict(found.devices) == Counter(names[one] for one in told[seen.row].tolist() if one)
    assert dict(found.countries) == ({"PT": found.countries_told} if found.countries_told else {})
    assert found.countries_told == int((country[seen.row] > 0).sum())


@asked
def test_first_and_last_times(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    times = defaultdict(list)
    for one in oracle.counted(rows):
        times[artist_of(one.track)].append(one.at)
    first, last = seen.period.first_day or date.min, seen.period.last_day or date.max
    new = {
        artist: (at[0], at[-1], len(at))
        for artist, at in times.items()
        if artist and first <= oracle.local(Played(at[0]), zone).date() <= last
    }
    found = firsts.firsts(seen, seen.history.artist_ids, 50)
    assert {one.id: (one.first_at, one.last_at, one.plays) for one in found.newest} == new
    assert [one.first_at for one in found.newest] == sorted((at for at, _, _ in new.values()), reverse=True)
    assert found.found == len(new)


@asked
def test_places_won_and_lost_against_the_period_before(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    now = Counter(artist_of(one.track) for one in oracle.within(rows, zone, seen.period))
    before = seen.period.previous()
    then = Counter(artist_of(one.track) for one in oracle.within(rows, zone, before)) if before else Counter[int]()
    del now[0], then[0]
    found = movement.movement(seen, seen.history.artist_ids, 50)
    assert {one.id: (one.much, one.much_before) for one in found.now} == {one: (count, then[one]) for one, count in now.items()}
    for one in found.now:
        assert one.place == 1 + sum(count > one.much for count in now.values())
        assert one.place_before == (1 + sum(count > one.much_before for count in then.values()) if one.much_before else None)
        assert one.rose == (None if one.place_before is None else one.place_before - one.place)
    assert {one.id for one in found.gone} == set(then) - set(now)
    assert found.compared == bool(then)


@asked
def test_the_streams_of_taste_are_all_plays(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    told = {1: ["fado"], 2: ["noise", "post-punk"], 3: ["fado"]}
    expected = oracle.within(rows, zone, seen.period)
    found = taste.taste(seen, told, largest=2)
    assert sum(sum(one.plays) for one in found.streams) == len(expected)
    assert all(len(one.plays) == len(found.steps) for one in found.streams)
    genres = Counter(told[artist_of(one.track)][0] for one in expected if artist_of(one.track) in told)
    if found.by_genre:
        assert genres.total() * 2 >= len(expected)
        named = {one.name: sum(one.plays) for one in found.streams if one.id != taste.REST}
        assert named == dict(sorted(genres.items(), key=lambda pair: (-pair[1], pair[0]))[:2])


def test_a_clock_that_was_set_to_another_century_breaks_no_stream() -> None:
    seen = listening([Played(datetime(1871, 5, 1, tzinfo=UTC)), Played(datetime(2024, 5, 1, tzinfo=UTC))], "UTC", "all")
    found = taste.taste(seen, {})
    assert (found.steps[0], found.steps[-1]) == (date(1871, 4, 1), date(2024, 4, 1))
    assert sum(sum(one.plays) for one in found.streams) == 2


@asked
def test_the_curve_of_favourites_rises_from_nothing_to_all(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    counts = sorted(Counter(artist_of(one.track) for one in oracle.within(rows, zone, seen.period) if artist_of(one.track)).values())
    found = diversity.favourites(seen)
    assert found.artists == len(counts)
    if counts:
        assert (found.curve[0], found.curve[-1], len(found.curve)) == (0.0, 100.0, 21)
        assert list(found.curve) == sorted(found.curve)
        held = next(few for few in range(1, len(counts) + 1) if sum(counts[-few:]) * 2 >= sum(counts))
        assert (found.half, found.top_ten) == (held, round(sum(counts[-10:]) / sum(counts) * 100, 1))


@asked
def test_the_longest_runs_begin_with_the_longest(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    active = {oracle.local(one, zone).date() for one in oracle.within(rows, zone, seen.period)}
    found = streaks.longest(seen, 500)
    assert sum(one.days for one in found) == len(active)
    assert [one.days for one in found] == sorted((one.days for one in found), reverse=True)
    for one in found:
        assert one.start is not None
        assert one.end is not None
        assert {one.start + timedelta(days=n) for n in range(one.days)} <= active
        assert not {one.start - timedelta(days=1), one.end + timedelta(days=1)} & active


@asked
def test_what_opens_an_evening_began_from_six_on(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    openers, before = Counter[int](), None
    for one in oracle.within(rows, zone, seen.period):
        if (before is None or one.at - before > timedelta(minutes=30)) and oracle.local(one, zone).hour >= 18:
            openers[one.track + 100] += 1
        before = one.at
    expected = tuple(sorted(openers.items(), key=lambda pair: (-pair[1], pair[0]))[:5])
    assert sessions.sessions(seen).evening_openers == expected


@asked
def test_skips_of_artists_add_up(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    found, all_of_it = skips.by_artist(seen, least=1), skips.skips(seen)
    nameless = len([one for one in rows if not artist_of(one.track)])
    assert all_of_it.told - nameless <= sum(one.told for one in found) <= all_of_it.told
    assert [one.skipped / one.told for one in found] == sorted((one.skipped / one.told for one in found), reverse=True)
    assert all(one.completion is not None and 0 <= one.completion <= 100 for one in found)


def test_completion_is_the_share_of_a_track_that_was_heard() -> None:
    seen = listening([Played(NOW - timedelta(days=2), 3, 90_000), Played(NOW - timedelta(days=1), 3, 400_000)])
    assert [(one.artist_id, one.completion) for one in skips.by_artist(seen, least=2)] == [(artist_of(3), 75.0)]  # of three minutes


@asked
def test_any_two_periods_can_be_compared(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    other = parse("2024-06-01..2024-09-30", NOW, seen.zone)
    found = comparison.against(seen, other)
    assert found.now.total_plays == len(oracle.within(rows, zone, seen.period))
    assert found.before is not None
    assert found.before.total_plays == len(oracle.within(rows, zone, other))


@asked
def test_the_top_of_now_is_the_top(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    for by in top.By:
        most = [one.much for one in movement.movement(seen, seen.history.artist_ids, 3, by).now]
        assert most == [one.plays if by is top.By.PLAYS else one.listened_ms for one in top.artists(seen, 3, by)]


@asked
def test_what_is_spoken_is_counted_apart(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    first, last = seen.period.first_day or date.min, seen.period.last_day or date.max
    heard = [one for one in sorted(rows, key=lambda row: row.at) if one.kind is Kind.EPISODE and not 0 <= one.ms < 30_000]
    heard = [one for one in heard if first <= oracle.local(one, zone).date() <= last]
    found = spoken.spoken(seen, 50)
    assert (found.plays, found.listened_ms) == (len(heard), sum(map(oracle.heard_ms, heard)))
    assert {one.id: one.plays for one in found.shows} == Counter(artist_of(one.track) for one in heard if artist_of(one.track))
    assert [one.ended_at for one in found.latest] == sorted((one.at for one in heard), reverse=True)
