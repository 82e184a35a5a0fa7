"""Every question gives what a slow and plain program gives, for any history, zone and range."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from audiospective.archive.plays import Source
from audiospective.insights import activity, comparison, discovery, recent, stats, streaks, top, trends
from audiospective.insights.lens import Lens
from audiospective.insights.listening import Listening, see
from audiospective.insights.period import of_days, parse
from audiospective.insights.zones import Zone
from tests.cast import Played, album_of, artist_of, history_of
from tests.insights import oracle

NOW = datetime(2025, 2, 20, 12, tzinfo=UTC)
asked = given(st.one_of(oracle.histories, oracle.close), oracle.zones, oracle.spellings)


def listening(rows: list[Played], zone: str, spelling: str) -> Listening:
    named = Zone.named(zone)
    return see(history_of(rows), named, parse(spelling, NOW, named), Lens(), NOW)


@asked
def test_totals(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    expected = oracle.within(rows, zone, seen.period)
    found = stats.stats(seen)
    assert found.total_plays == len(expected)
    assert found.listened_ms == sum(map(oracle.heard_ms, expected))
    assert found.unique_tracks == len({one.track for one in expected})
    assert found.unique_artists == len({artist_of(one.track) for one in expected} - {0})
    assert found.unique_albums == len({album_of(one.track) for one in expected} - {0})
    assert found.first_play_at == (expected[0].at if expected else None)


@asked
def test_tops_by_plays_and_by_time(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    expected = oracle.within(rows, zone, seen.period)
    tracks = {track: track + 100 if artist_of(track) else 0 for track in range(10)}
    for ask, ids in (
        (top.tracks, tracks),
        (top.artists, {t: artist_of(t) for t in range(10)}),
        (top.albums, {t: album_of(t) for t in range(10)}),
    ):
        for by in top.By:
            found = [(one.id, one.plays, one.listened_ms) for one in ask(seen, 5, by)]
            assert found == oracle.ranking(expected, ids, by is top.By.TIME)[:5]


@asked
def test_hours_and_weekdays(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    expected = [[0] * 24 for _ in range(7)]
    for one in oracle.within(rows, zone, seen.period):
        moment = oracle.local(one, zone)
        expected[moment.isoweekday() % 7][moment.hour] += 1
    found = activity.activity(seen)
    assert [list(row) for row in found.heatmap] == expected
    assert sum(found.by_hour) == sum(found.by_weekday) == found.total_plays == stats.stats(seen).total_plays


@asked
def test_days_add_up_and_none_is_missing(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    expected = oracle.within(rows, zone, seen.period)
    buckets = trends.trends(seen, trends.Interval.DAY)
    by_day = {bucket.start: bucket.plays for bucket in buckets}
    assert sum(by_day.values()) == len(expected)
    assert all(by_day[oracle.local(one, zone).date()] for one in expected)
    starts = [bucket.start for bucket in buckets]
    assert all(isinstance(one, date) and later - one == timedelta(days=1) for one, later in itertools.pairwise(starts))


@asked
def test_weeks_and_months_add_up_to_the_days(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    for interval in (trends.Interval.WEEK, trends.Interval.MONTH):
        buckets = trends.trends(seen, interval)
        assert sum(bucket.plays for bucket in buckets) == len(seen)
        assert all(bucket.unique_artists <= bucket.unique_tracks <= bucket.plays for bucket in buckets)
        assert max((bucket.unique_artists for bucket in buckets), default=0) <= stats.stats(seen).unique_artists


@asked
def test_each_step_has_what_was_new_in_it_wherever_weeks_begin(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    for interval, week_starts in ((trends.Interval.WEEK, 0), (trends.Interval.WEEK, 6), (trends.Interval.MONTH, 0)):
        steps = trends.newness(seen, interval, week_starts)
        starts = [one.start for one in steps]
        assert starts == [one.start for one in trends.trends(seen, interval, week_starts)]
        assert all(one.weekday() == week_starts if interval is trends.Interval.WEEK else one.day == 1 for one in starts)
        whole = [pair for pair in itertools.pairwise(steps) if pair[0].start >= (seen.period.first_day or date.min)]
        for step, after in whole:
            found = discovery.discovery(seen.over(of_days(step.start, after.start - timedelta(days=1))))
            assert (step.tracks, step.new) == (found.new_tracks + found.repeat_tracks, found.new_tracks)


@asked
def test_a_page_at_a_time_gives_every_play_once_newest_first(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    found, cursor = [], None
    while True:
        page = recent.recent(seen, 3, cursor)
        found += [(play.ended_at, play.track_id - 100) for play in page.plays]
        cursor = page.next
        if cursor is None:
            break
    expected = [(one.at, one.track) for one in oracle.within(rows, zone, seen.period)]
    assert sorted(found) == sorted(expected)
    assert [at for at, _ in found] == sorted((at for at, _ in expected), reverse=True)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(1, 4)), max_size=15, unique=True), st.integers(1, 4))
def test_of_plays_at_one_moment_each_is_told_once(heard: list[tuple[int, int, int]], size: int) -> None:
    rows = [Played(NOW + timedelta(minutes=step), track, ms * 60_000, Source.ACCOUNT) for step, track, ms in heard]
    seen = listening(sorted(rows, key=lambda one: (one.at, one.track, one.ms)), "UTC", "all")
    found: list[recent.Recent] = []
    cursor, is_more = None, True
    while is_more:
        page = recent.recent(seen, size, cursor)
        found, cursor = [*found, *page.plays], page.next
        is_more = cursor is not None
    told = [(one.ended_at, one.track_id - 100, one.ms_played) for one in found]
    assert sorted(told, key=str) == sorted(((one.at, one.track, one.ms) for one in rows), key=str)
    assert len({one.id for one in found}) == len(rows)


@asked
def test_new_and_known_tracks(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    expected = oracle.within(rows, zone, seen.period)
    first: dict[int, date] = {}
    for one in oracle.counted(rows):
        first.setdefault(one.track, oracle.local(one, zone).date())
    new = {one.track for one in expected if first[one.track] >= (seen.period.first_day or date.min)}
    found = discovery.discovery(seen)
    assert (found.total_plays, found.new_tracks) == (len(expected), len(new))
    assert found.new_tracks + found.repeat_tracks == len({one.track for one in expected})


@asked
def test_the_period_before_ends_where_this_one_begins(rows: list[Played], zone: str, spelling: str) -> None:
    seen = listening(rows, zone, spelling)
    found = comparison.comparison(seen)
    before = seen.period.previous()
    if before is None or before.last_day is None or seen.period.first_day is None:
        assert found.before is None
        return
    assert before.last_day + timedelta(days=1) == seen.period.first_day
    assert found.before is not None
    assert found.before.total_plays == len(oracle.within(rows, zone, before))


@given(oracle.histories, oracle.zones)
def test_streaks(rows: list[Played], zone: str) -> None:
    found = streaks.streaks(listening(rows, zone, "all"))
    days = sorted({oracle.local(one, zone).date() for one in oracle.counted(rows)})
    best, run = 0, 0
    for place, day in enumerate(days):
        run = run + 1 if place and day - days[place - 1] == timedelta(days=1) else 1
        best = max(best, run)
    assert (found.longest.days, found.active_days) == (best, len(days))


@given(oracle.histories, st.integers(0, 200_000), st.integers(0, 200_000))
def test_a_stricter_lens_never_counts_more(rows: list[Played], one: int, other: int) -> None:
    history, zone = history_of(rows), Zone("UTC")
    loose, strict = (see(history, zone, parse("all", NOW, zone), Lens(min_ms), NOW) for min_ms in sorted((one, other)))
    assert len(strict) <= len(loose)


left_out = st.builds(
    Lens,
    artists=st.frozensets(st.integers(1, 4), max_size=2),
    albums=st.frozensets(st.integers(1, 5), max_size=2),
    tracks=st.frozensets(st.integers(100, 109), max_size=2),
    hours=st.frozensets(st.tuples(st.integers(0, 23), st.integers(0, 23)), max_size=2),
)


@given(oracle.histories, oracle.zones, left_out)
def test_what_is_left_out_counts_nowhere_and_the_rest_stays(rows: list[Played], zone: str, lens: Lens) -> None:
    named = Zone.named(zone)
    seen = see(history_of(rows), named, parse("all", NOW, named), lens, NOW)

    def is_out(one: Played) -> bool:
        hour = oracle.local(one, zone).hour
        between = any(first <= hour <= last if first <= last else hour >= first or hour <= last for first, last in lens.hours)
        return between or artist_of(one.track) in lens.artists or album_of(one.track) in lens.albums or one.track + 100 in lens.tracks

    expected = [one for one in oracle.counted(rows) if not is_out(one)]
    assert stats.stats(seen).total_plays == len(expected)
    assert stats.stats(seen).listened_ms == sum(map(oracle.heard_ms, expected))
