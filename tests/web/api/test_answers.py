"""What was heard, in the shapes of contract.md §4; the numbers themselves are held in tests/insights and tests/reports."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source, UserId
from audiospective.infra.database import execute
from tests.archive.listens import Heard, batch
from tests.web.site import Site

_TRACK = {
    "id": int,
    "name": str,
    "spotifyId": str,
    "durationMs": int,
    "album": {"name": str, "imageUrl": str},
    "artists": [{"name": str, "spotifyId": str}],
}
_STATS = {
    "totalPlays": int,
    "uniqueTracks": int,
    "uniqueArtists": int,
    "uniqueAlbums": int,
    "estimatedListeningHours": float,
    "listenedMs": int,
    "firstPlayAt": str,
    "lastPlayAt": str,
}
_STREAK = {"days": int, "startDate": str, "endDate": str}

_SHAPES: dict[str, Any] = {
    "/api/stats": _STATS,
    "/api/top-tracks": {"range": str, "tracks": [{"track": _TRACK, "playCount": int, "listenedMs": int}]},
    "/api/top-artists": {
        "range": str,
        "artists": [
            {"artist": {"id": int, "name": str, "spotifyId": str, "imageUrl": None, "genres": []}, "playCount": int, "listenedMs": int}
        ],
    },
    "/api/top-albums": {
        "range": str,
        "albums": [
            {
                "album": {"id": int, "name": str, "spotifyId": str, "imageUrl": str, "artists": [{"name": str, "spotifyId": str}]},
                "playCount": int,
                "listenedMs": int,
            }
        ],
    },
    "/api/genres": {"range": str, "genres": [], "totalPlays": int},
    "/api/activity": {
        "range": str,
        "byHour": {str(hour): int for hour in range(24)},
        "byDayOfWeek": {str(day): int for day in range(7)},
        "heatmap": [[int]],
        "totalPlays": int,
    },
    "/api/recent-plays": {
        "plays": [{"id": str, "playedAt": str, "msPlayed": None, "source": str, "track": _TRACK}],
        "total": int,
        "next": None,
    },
    "/api/gaps": {
        "range": str,
        "from": str,
        "to": str,
        "provenPercent": float,
        "likelyLost": int,
        "proven": [],
        "gaps": [{"from": str, "to": str, "reason": str, "sentence": str, "likelyLost": int}],
    },
    "/api/comparison?range=1d": {"range": str, "thisWeek": _STATS, "lastWeek": dict, "changes": dict},
    "/api/analytics/trends?range=1d&interval=hour": {
        "interval": str,
        "range": str,
        "data": [{"date": str, "plays": int, "uniqueTracks": int, "uniqueArtists": int}],
    },
    "/api/analytics/discovery": {
        "range": str,
        "totalPlays": int,
        "newTracks": int,
        "repeatTracks": int,
        "discoveryRate": float,
        "averageRepeats": float,
    },
    "/api/analytics/streaks": {
        "currentStreak": _STREAK,
        "longestStreak": _STREAK,
        "totalActiveDays": int,
        "totalDaysSinceFirstPlay": int,
    },
    "/api/analytics/diversity": {
        "range": str,
        "genreDiversity": {"score": float, "uniqueGenres": int, "totalPlays": int, "topGenres": []},
        "artistDiversity": {"score": float, "uniqueArtists": int, "totalPlays": int, "concentrationIndex": float},
    },
}


def _shape(told: Any, wanted: Any) -> Any:
    """`told` with its values as types, looked at as far as `wanted` does."""
    if isinstance(wanted, dict) and isinstance(told, dict):
        return {name: _shape(value, wanted.get(name)) for name, value in told.items()}
    if isinstance(wanted, list) and isinstance(told, list):
        return [_shape(told[0], wanted[0])] if told and wanted else []
    return type(told) if isinstance(wanted, type) else told


@pytest.fixture
async def listened(site: Site) -> None:
    """Mara has heard three plays of two songs."""
    person = await site.listener()
    heard = [Heard(-600, "Tide"), Heard(-300, "Harbour"), Heard(0, "Tide")]
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(UserId(person.id), Source.API, *heard)])


@pytest.mark.usefixtures("listened")
async def test_every_answer_has_its_shape(mara: httpx.AsyncClient) -> None:
    for path, wanted in _SHAPES.items():
        answer = await mara.get(path)
        assert answer.status_code == 200
        assert (path, _shape(answer.json(), wanted)) == (path, wanted)


@pytest.mark.usefixtures("listened")
async def test_times_are_utc_with_a_z(mara: httpx.AsyncClient) -> None:
    told = (await mara.get("/api/stats?range=all")).json()
    assert (told["totalPlays"], told["lastPlayAt"]) == (3, "2026-03-18T19:00:00Z")


@pytest.mark.usefixtures("listened")
async def test_the_newest_plays_come_a_page_at_a_time(mara: httpx.AsyncClient) -> None:
    first = (await mara.get("/api/recent-plays?limit=2")).json()
    second = (await mara.get(f"/api/recent-plays?limit=2&before={first['next']}")).json()
    assert [play["track"]["name"] for play in first["plays"] + second["plays"]] == ["Tide", "Harbour", "Tide"]
    assert (first["total"], second["next"]) == (3, None)


async def test_nobody_hears_what_another_heard(site: Site, listened: None) -> None:
    async with site.script(await site.token("otto")) as otto:
        assert (await otto.get("/api/stats?user_id=1", headers={"X-User": "1"})).json()["totalPlays"] == 0


async def test_an_empty_archive_answers_too(mara: httpx.AsyncClient) -> None:
    assert {path: (await mara.get(path)).status_code for path in _SHAPES} == dict.fromkeys(_SHAPES, 200)


@pytest.mark.usefixtures("listened")
async def test_genres_are_those_that_spotify_told_of_the_artists(site: Site, mara: httpx.AsyncClient) -> None:
    async with site.parts.db.transaction() as conn:
        await execute(conn, "UPDATE artists SET genres = '{ambient,dub}'")
    genres = (await mara.get("/api/genres?range=all")).json()["genres"]
    assert genres == [{"genre": "ambient", "count": 3, "percentage": 100.0}, {"genre": "dub", "count": 3, "percentage": 100.0}]
    assert (await mara.get("/api/top-artists?range=all")).json()["artists"][0]["artist"]["genres"] == ["ambient", "dub"]
    diversity = (await mara.get("/api/analytics/diversity?range=all")).json()["genreDiversity"]
    assert (diversity["score"], diversity["uniqueGenres"], diversity["topGenres"]) == (100.0, 2, genres)
