"""The dashboard agrees with the answers, and has room for nothing, little and much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from audiospective.archive.history import HistoryCache
from audiospective.archive.ingest import store
from audiospective.archive.plays import Kind, Source
from audiospective.infra.database import Connection, fetch_all
from audiospective.insights.top import By
from audiospective.reports import answers, ask
from audiospective.reports.dashboard import Dashboard, dashboard
from tests.archive.listens import EVENING, Heard, batch

NOW = datetime(2026, 3, 18, 22, tzinfo=UTC)
_ADD = "INSERT INTO people (name, display_name, created_at) VALUES ('mara', 'Mara', %(now)s) RETURNING id"


@dataclass(frozen=True, slots=True)
class Mara:
    """A listener."""

    id: int
    time_zone: str = "UTC"


@pytest.fixture
async def mara(conn: Connection) -> Mara:
    return Mara((await fetch_all(conn, _ADD, int, now=EVENING))[0])


async def shown(conn: Connection, mara: Mara, spelling: str = "7d") -> Dashboard:
    return await dashboard(conn, await ask.listening(conn, HistoryCache(), mara, spelling, NOW))


async def listen(conn: Connection, mara: Mara, *heard: Heard) -> None:
    await store(conn, [batch(mara.id, Source.EXTENDED, *heard)])


async def test_nothing_at_all(conn: Connection, mara: Mara) -> None:
    found = await shown(conn, mara)
    assert (found.total_plays_ever, found.first_day, found.peak, found.busiest, found.before) == (0, None, None, None, None)
    assert (found.years, found.months, found.top_tracks, found.recent) == ((), (), (), ())


async def test_one_play(conn: Connection, mara: Mara) -> None:
    await listen(conn, mara, Heard(200, "Low Tide Choir", 200_000))
    found = await shown(conn, mara)
    assert (found.stats.total_plays, found.peak) == (1, (3, 19))
    assert found.average_per_day == pytest.approx(1 / 14)
    assert (found.daily[-1].day, found.daily[-1].plays, len(found.daily)) == (date(2026, 3, 18), 1, 14)
    assert [one.card.name for one in found.top_tracks] == ["Low Tide Choir"]


@pytest.mark.parametrize("spelling", ["1d", "7d", "90d", "365d", "all", "2025", "2026-03"])
async def test_a_long_archive_adds_up(conn: Connection, mara: Mara, spelling: str) -> None:
    day = timedelta(days=1).total_seconds()
    await listen(conn, mara, *(Heard(-place * day * 1.3, f"song {place % 40}", 200_000) for place in range(600)))
    listening = await ask.listening(conn, HistoryCache(), mara, spelling, NOW)
    found = await dashboard(conn, listening)
    assert found.stats.total_plays == answers.stats(listening).total_plays == sum(map(sum, found.heatmap))
    assert sum(one.plays for one in found.months) == sum(sum(one.weeks) for one in found.years) == found.total_plays_ever == 600
    assert [one.plays for one in found.top_tracks] == [one.play_count for one in (await answers.top_tracks(conn, listening, 5)).tracks]


async def test_a_track_of_both_periods_changes_and_another_is_new(conn: Connection, mara: Mara) -> None:
    week = timedelta(days=7).total_seconds()
    await listen(
        conn, mara, Heard(100, "old", 200_000), Heard(600, "old", 200_000), Heard(900, "fresh", 200_000), Heard(100 - week, "old", 200_000)
    )
    found = await shown(conn, mara)
    assert {one.card.name: one.change for one in found.top_tracks} == {"old": 1, "fresh": None}
    assert (found.new_share, found.sparks and found.sparks.plays[-2:]) == (50.0, (1, 3))


@pytest.mark.parametrize(
    ("spelling", "week_starts", "first", "steps"),
    [("2025", 0, date(2024, 12, 30), 53), ("7d", 6, date(2025, 9, 21), 26), ("2025-03", 0, date(2024, 10, 7), 26)],
)
async def test_what_was_new_follows_the_range_in_whole_weeks(
    conn: Connection, mara: Mara, spelling: str, week_starts: int, first: date, steps: int
) -> None:
    await _a_song_a_week(conn, mara)
    found = await dashboard(conn, await ask.listening(conn, HistoryCache(), mara, spelling, NOW), week_starts=week_starts)
    assert (found.newness[0].start, len(found.newness)) == (first, steps)
    assert {one.start.weekday() for one in found.newness} == {week_starts}
    assert any(one.new for one in found.newness)


async def test_what_was_new_in_all_years_is_told_by_month(conn: Connection, mara: Mara) -> None:
    await _a_song_a_week(conn, mara)
    found = await shown(conn, mara, "all")
    assert (found.newness_by, found.newness[0].start, len(found.newness)) == ("month", date(2024, 1, 1), 27)


async def _a_song_a_week(conn: Connection, mara: Mara) -> None:
    day = timedelta(days=1).total_seconds()
    await listen(conn, mara, *(Heard(-place * day, f"song {place // 7}", 200_000) for place in range(790)))


async def test_podcasts_are_kept_apart(conn: Connection, mara: Mara) -> None:
    await listen(conn, mara, Heard(100, "Episode", 900_000, kind=Kind.EPISODE))
    found = await shown(conn, mara)
    assert (found.total_plays_ever, found.podcast_plays) == (0, 1)


async def test_a_dashboard_is_kept_until_something_is_stored(conn: Connection, mara: Mara) -> None:
    cache = HistoryCache()
    await listen(conn, mara, Heard(100, "old", 200_000))
    first = await dashboard(conn, await ask.listening(conn, cache, mara, "7d", NOW))
    assert await dashboard(conn, await ask.listening(conn, cache, mara, "7d", NOW)) is first
    await listen(conn, mara, Heard(900, "new", 200_000))
    assert (await dashboard(conn, await ask.listening(conn, cache, mara, "7d", NOW))).stats.total_plays == 2


async def test_by_time_the_longest_heard_is_first_and_its_change_is_in_ms(conn: Connection, mara: Mara) -> None:
    week = timedelta(days=7).total_seconds()
    short = (Heard(100, "short", 40_000), Heard(300, "short", 40_000))
    await listen(conn, mara, *short, Heard(900, "long", 500_000), Heard(900 - week, "long", 200_000))
    found = await dashboard(conn, await ask.listening(conn, HistoryCache(), mara, "7d", NOW), By.TIME)
    assert [(one.card.name, one.listened_ms, one.change) for one in found.top_tracks] == [
        ("long", 500_000, 300_000),
        ("short", 80_000, None),
    ]


@pytest.mark.parametrize("spelling", ["1900-01-01..2999-12-31", "2000-01-01..2300-01-01", "2999"])
async def test_a_range_longer_than_years_before_it_is_shown(conn: Connection, mara: Mara, spelling: str) -> None:
    await listen(conn, mara, Heard(200, "Low Tide Choir", 200_000))
    found = await shown(conn, mara, spelling)
    assert found.stats.total_plays == (spelling != "2999")
    assert (found.sparks is None) == (spelling != "2999")
