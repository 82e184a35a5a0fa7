"""The shapes of the API, over a real archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import pytest

from audiospective.archive.history import HistoryCache
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.errors import Invalid
from audiospective.infra.database import Connection, fetch_all
from audiospective.insights.listening import Listening
from audiospective.insights.trends import Interval
from audiospective.reports import answers, ask
from tests.archive.listens import EVENING, Heard, batch

NOW = datetime(2026, 3, 18, 22, tzinfo=UTC)
_ADD = "INSERT INTO people (name, display_name, created_at) VALUES ('mara', 'Mara', %(now)s) RETURNING id"


@dataclass(frozen=True, slots=True)
class Mara:
    """A listener in Lisbon, where it is the same time as in UTC that day."""

    id: int
    time_zone: str = "Europe/Lisbon"


@pytest.fixture
async def mara(conn: Connection) -> Mara:
    user = (await fetch_all(conn, _ADD, int, now=EVENING))[0]
    heard = [Heard(200, "Low Tide Choir"), Heard(500, "Estuary"), Heard(900, "Low Tide Choir"), Heard(-600_000, "Estuary")]
    await store(conn, [batch(user, Source.API, *heard), batch(user, Source.ACCOUNT, Heard(3_600, "Ladeira", 90_000, address=False))])
    return Mara(user)


async def seen(conn: Connection, mara: Mara, spelling: str = "7d") -> Listening:
    return await ask.listening(conn, HistoryCache(), mara, spelling, NOW)


def plain(answer: object) -> dict[str, object]:
    found: dict[str, object] = msgspec.json.decode(msgspec.json.encode(answer))
    return found


async def test_stats(conn: Connection, mara: Mara) -> None:
    assert plain(answers.stats(await seen(conn, mara))) == {
        "totalPlays": 4,
        "uniqueTracks": 3,
        "uniqueArtists": 1,
        "uniqueAlbums": 1,
        "estimatedListeningHours": 0.2,
        "listenedMs": 690_000,
        "firstPlayAt": "2026-03-18T19:03:20Z",
        "lastPlayAt": "2026-03-18T20:00:00Z",
    }


async def test_top_tracks_by_plays_then_by_earliest(conn: Connection, mara: Mara) -> None:
    found = await answers.top_tracks(conn, await seen(conn, mara), 10)
    assert [(one.track.name, one.play_count) for one in found.tracks] == [("Low Tide Choir", 2), ("Estuary", 1), ("Ladeira", 1)]
    first = plain(found.tracks[0].track)
    assert sorted(first) == ["album", "artists", "durationMs", "id", "name", "spotifyId"]
    assert first["album"] == {"name": "Estuary", "imageUrl": "https://i.scdn.co/image/estuary"}


async def test_top_artists_and_albums(conn: Connection, mara: Mara) -> None:
    listening = await seen(conn, mara)
    (artist,) = (await answers.top_artists(conn, listening, 10)).artists
    (album,) = (await answers.top_albums(conn, listening, 10)).albums
    assert (artist.artist.name, artist.play_count, artist.artist.genres) == ("Marrow Coast", 4, [])
    assert (album.album.name, album.play_count) == ("Estuary", 3)


async def test_activity_names_its_hours_and_days(conn: Connection, mara: Mara) -> None:
    found = answers.activity(await seen(conn, mara))
    assert (found.by_hour["19"], found.by_hour["20"], found.by_day_of_week["3"], found.total_plays) == (3, 1, 4, 4)
    assert (len(found.by_hour), len(found.by_day_of_week), len(found.heatmap), len(found.heatmap[0])) == (24, 7, 7, 24)


async def test_recent_plays_lead_from_page_to_page(conn: Connection, mara: Mara) -> None:
    listening = await seen(conn, mara, "all")
    first = await answers.recent_plays(conn, listening, 3, None)
    second = await answers.recent_plays(conn, listening, 3, first.next)
    assert [play.track.name for play in (*first.plays, *second.plays)] == [
        "Ladeira",
        "Low Tide Choir",
        "Estuary",
        "Low Tide Choir",
        "Estuary",
    ]
    assert (first.total, second.next) == (5, None)
    assert [(play.ms_played, play.source) for play in first.plays[:2]] == [(90_000, "spotify-account"), (None, "spotify-api")]


async def test_comparison_with_the_week_before(conn: Connection, mara: Mara) -> None:
    found = answers.comparison(await seen(conn, mara))
    assert found.last_week is not None
    assert (found.this_week.total_plays, found.last_week.total_plays) == (4, 1)
    assert plain(found)["changes"]["totalPlays"] == {"value": 3.0, "percentage": 300.0}  # type: ignore[index]  # plain JSON


async def test_trends_have_every_day(conn: Connection, mara: Mara) -> None:
    found = answers.trends(await seen(conn, mara), Interval.DAY)
    assert [(step.date, step.plays) for step in found.data][-2:] == [("2026-03-17", 0), ("2026-03-18", 4)]
    assert len(found.data) == 7


async def test_discovery_and_streaks(conn: Connection, mara: Mara) -> None:
    listening = await seen(conn, mara)
    assert plain(answers.discovery(listening))["newTracks"] == 2
    found = answers.streaks(await seen(conn, mara, "all"))
    assert (found.current_streak.days, found.longest_streak.days, found.total_active_days, found.total_days_since_first_play) == (
        1,
        1,
        2,
        8,
    )


async def test_a_bad_range_is_refused(conn: Connection, mara: Mara) -> None:
    with pytest.raises(Invalid, match="isn't a range"):
        await seen(conn, mara, "fortnight")


async def test_lately_is_the_shortest_range_with_plays(conn: Connection, mara: Mara) -> None:
    later = datetime(2026, 5, 1, tzinfo=UTC)
    assert (await ask.lately(conn, HistoryCache(), mara, later)).period.spelling == "90d"
