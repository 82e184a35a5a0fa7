"""Every field of the public surface (contract §4), by name: none is missing, and none is there that clients don't know."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source, UserId
from audiospective.infra.database import execute
from tests.archive.listens import Heard, batch
from tests.web.site import Site

_STATS = "totalPlays uniqueTracks uniqueArtists uniqueAlbums estimatedListeningHours listenedMs firstPlayAt lastPlayAt"
_ARTIST = {"": "name spotifyId"}
_TRACK: dict[str, Any] = {"": "id name spotifyId durationMs album artists", "album": {"": "name imageUrl"}, "artists": _ARTIST}
_STREAK = {"": "days startDate endDate"}
_CHANGES = "totalPlays uniqueTracks uniqueArtists uniqueAlbums listenedMs"

#: By address: the names of an object under "", and what is inside those that hold objects or lists of them.
CONTRACT: dict[str, dict[str, Any]] = {
    "/api/stats": {"": _STATS},
    "/api/top-tracks": {"": "range tracks", "tracks": {"": "track playCount listenedMs", "track": _TRACK}},
    "/api/top-artists": {
        "": "range artists",
        "artists": {"": "artist playCount listenedMs", "artist": {"": "id name spotifyId imageUrl genres"}},
    },
    "/api/top-albums": {
        "": "range albums",
        "albums": {"": "album playCount listenedMs", "album": {"": "id name spotifyId imageUrl artists", "artists": _ARTIST}},
    },
    "/api/genres": {"": "range genres totalPlays", "genres": {"": "genre count percentage"}},
    "/api/activity": {
        "": "range byHour byDayOfWeek heatmap totalPlays",
        "byHour": {"": " ".join(map(str, range(24)))},
        "byDayOfWeek": {"": "0 1 2 3 4 5 6"},
    },
    "/api/recent-plays": {"": "plays total next", "plays": {"": "id playedAt msPlayed source track", "track": _TRACK}},
    "/api/comparison": {
        "": "range thisWeek lastWeek changes",
        "thisWeek": {"": _STATS},
        "lastWeek": {"": _STATS},
        "changes": {"": _CHANGES, "totalPlays": {"": "value percentage"}},
    },
    "/api/analytics/discovery": {"": "range totalPlays newTracks repeatTracks discoveryRate averageRepeats"},
    "/api/analytics/streaks": {
        "": "currentStreak longestStreak totalActiveDays totalDaysSinceFirstPlay",
        "currentStreak": _STREAK,
        "longestStreak": _STREAK,
    },
    "/api/analytics/trends?range=7d": {"": "interval range data", "data": {"": "date plays uniqueTracks uniqueArtists"}},
    "/api/analytics/diversity": {
        "": "range genreDiversity artistDiversity",
        "genreDiversity": {"": "score uniqueGenres totalPlays topGenres", "topGenres": {"": "genre count percentage"}},
        "artistDiversity": {"": "score uniqueArtists totalPlays concentrationIndex"},
    },
}


def differences(told: Any, wanted: dict[str, Any], at: str = "") -> list[str]:
    """Names that are missing or too many, with their place."""
    if isinstance(told, list):
        return differences(told[0], wanted, f"{at}[]") if told else [f"{at} is empty, so its fields can't be seen"]
    names = set(wanted[""].split())
    found = [f"{at}.{name}" for name in names ^ set(told)]
    return found + [
        one for name, inside in wanted.items() if name and name in told for one in differences(told[name], inside, f"{at}.{name}")
    ]


@pytest.fixture
async def listened(site: Site) -> None:
    """Mara has heard two songs of an artist with a genre."""
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(UserId(person.id), Source.API, Heard(-300, "Harbour"), Heard(0, "Tide"))])
        await execute(conn, "UPDATE artists SET genres = '{ambient}'")


@pytest.mark.usefixtures("listened")
@pytest.mark.parametrize("path", CONTRACT)
async def test_the_fields_are_those_of_the_contract(mara: httpx.AsyncClient, path: str) -> None:
    answer = await mara.get(path)
    assert (answer.status_code, differences(answer.json(), CONTRACT[path])) == (200, [])


@pytest.mark.usefixtures("listened")
async def test_hours_and_days_are_lists_of_seven_by_twenty_four(mara: httpx.AsyncClient) -> None:
    heatmap = (await mara.get("/api/activity")).json()["heatmap"]
    assert [len(row) for row in heatmap] == [24] * 7


_RANGED = [path.partition("?")[0] for path in CONTRACT if path != "/api/analytics/streaks"]
_OWN = [
    f"/api/analytics/{name}"
    for name in [
        "eras",
        "seasons",
        "cohorts",
        "decades",
        "places",
        "calendar",
        "firsts",
        "movement",
        "taste",
        "favourites",
        "runs",
        "skips",
        "spoken",
    ]
]


@pytest.mark.parametrize("path", [*_RANGED, *_OWN, "/api/insights", "/api/gaps"])
@pytest.mark.parametrize("spelling", ["fortnight", "2024-13", "2024-02-01..2024-01-01", "8d", "0000", "2024-1-1..2024-2-2"])
async def test_a_range_that_is_none_is_refused_by_name(mara: httpx.AsyncClient, path: str, spelling: str) -> None:
    answer = await mara.get(path, params={"range": spelling})
    told = answer.json()
    assert (answer.status_code, told["error"], told["details"]["field"]) == (400, "VALIDATION_ERROR", "range")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/top-tracks?limit=51", "limit"),
        ("/api/top-artists?limit=0", "limit"),
        ("/api/top-albums?by=love", "by"),
        ("/api/recent-plays?limit=101", "limit"),
        ("/api/recent-plays?before=x", "before"),
        ("/api/analytics/trends?interval=year", "interval"),
        ("/api/analytics/movement?of=songs", "of"),
        ("/api/comparison?against=x", "against"),
    ],
)
async def test_a_bad_value_is_refused_by_name(mara: httpx.AsyncClient, path: str, field: str) -> None:
    answer = await mara.get(path)
    assert (answer.status_code, answer.json()["details"]["field"]) == (400, field)


async def test_parameters_that_nobody_knows_are_ignored(mara: httpx.AsyncClient) -> None:
    assert (await mara.get("/api/stats?colour=blue")).status_code == 200


@pytest.mark.usefixtures("listened")
async def test_any_two_ranges_can_be_compared(mara: httpx.AsyncClient) -> None:
    told = (await mara.get("/api/comparison?range=7d&against=2020")).json()
    assert (told["thisWeek"]["totalPlays"], told["lastWeek"]["totalPlays"], told["changes"]["totalPlays"]["value"]) == (2, 0, 2)
