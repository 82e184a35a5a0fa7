"""Podcasts, audiobooks and videos are kept apart from music and local files kept as such, in every answer and every export."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Kind, Source, UserId
from audiospective.collect.imports import run
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock
from tests.collect.imports import exports
from tests.web.site import Site
from tests.web.test_routes import TABLE

#: What is about the account or the archive, not about music; what is of spoken words alone; and what comes as a file.
_OTHERWISE = {"archive/status", "settings", "tokens", "imports", "lens", "gaps", "analytics/spoken", "export"}


async def _hear(site: Site, name: str, *, spoken: bool) -> None:
    """A month of music; between two songs an episode or a chapter, if wanted."""
    person = await site.listener(name)
    songs = [Heard(-place * 4000, f"song {place % 11}", 200_000, artist=f"artist {place % 4}") for place in range(150)]
    kinds = (Kind.EPISODE, Kind.AUDIOBOOK)
    words = [Heard(-place * 4000 - 1500, f"talk {place % 9}", 1_200_000, artist="A Show", kind=kinds[place % 2]) for place in range(150)]
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(UserId(person.id), Source.EXTENDED, *songs, *(words if spoken else ()))])


async def test_no_question_about_music_hears_a_spoken_word(site: Site, clock: FakeClock) -> None:
    await _hear(site, "mara", spoken=False)
    await _hear(site, "noor", spoken=True)
    asked = [line.removeprefix("GET ") for line in TABLE if line.startswith("GET /api/") and TABLE[line] == (401, 200)]
    questions = [path for path in asked if path.removeprefix("/api/") not in _OTHERWISE]
    assert len(questions) >= 20
    async with site.script(await site.token("mara")) as mara, site.script(await site.token("noor")) as noor:
        for path in questions:
            clock.forward(seconds=0.2)
            music, both = await mara.get(path, params={"range": "all"}), await noor.get(path, params={"range": "all"})
            assert (path, music.status_code) == (path, 200)
            assert (path, _without_own(both)) == (path, _without_own(music))
        told = (await noor.get("/api/analytics/spoken", params={"range": "all"})).json()
    assert sum(one["plays"] for one in told["shows"]) == 150


def _without_own(answer: httpx.Response) -> object:
    """Words of the answer; how many podcasts there were beside is told as a number of its own."""
    told = answer.json()
    return {name: value for name, value in told.items() if "odcast" not in name} if isinstance(told, dict) else told


@pytest.fixture
async def imported(site: Site, tmp_path: Path) -> UserId:
    """Mara, with one of everything that an export can hold."""
    gone: dict[str, Any] = {
        "master_metadata_track_name": None,
        "master_metadata_album_artist_name": None,
        "master_metadata_album_album_name": None,
    }
    talk = gone | {"spotify_track_uri": None, "episode_name": "Pilot", "episode_show_name": "A Show"}
    chapter: dict[str, Any] = {"audiobook_title": "A Book", "audiobook_chapter_title": "One", "audiobook_uri": "spotify:show:" + "b" * 22}
    audio = [
        exports.extended("2024-05-06T10:00:00Z"),
        exports.extended("2024-05-06T11:00:00Z", track="Demo", spotify_track_uri="spotify:local:Me:Tape:Demo:216"),
        exports.extended("2024-05-06T12:00:00Z", **talk, spotify_episode_uri="spotify:episode:" + "e" * 22),
        exports.extended(
            "2024-05-06T13:00:00Z", **gone, spotify_track_uri=None, **chapter, audiobook_chapter_uri="spotify:episode:" + "c" * 22
        ),
    ]
    video = [
        exports.extended("2024-05-06T14:00:00Z", track="A Film Of A Song"),
        exports.extended("2024-05-06T15:00:00Z", **(talk | {"episode_name": "Seen"}), spotify_episode_uri="spotify:episode:" + "v" * 22),
    ]
    path = exports.write_zip(tmp_path / "my.zip", Streaming_History_Audio_2024=audio, Streaming_History_Video_2024=video)
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        import_id = await run.begin(conn, person.id, name="my.zip", size=1, now=site.parts.clock.now())
    await run.run(site.parts.db, import_id, [path], site.parts.clock)
    return UserId(person.id)


async def test_answers_have_songs_and_shows_each_in_its_place(mara: httpx.AsyncClient, imported: UserId) -> None:
    tops = (await mara.get("/api/top-tracks", params={"range": "all"})).json()["tracks"]
    assert {one["track"]["name"] for one in tops} == {"Low Tide Choir", "Demo", "A Film Of A Song"}
    shows = (await mara.get("/api/analytics/spoken", params={"range": "all"})).json()["shows"]
    assert Counter(one["plays"] for one in shows) == {2: 1, 1: 1}
    local = next(one["track"] for one in tops if one["track"]["name"] == "Demo")
    assert local["spotifyId"] is None


async def test_every_export_says_what_each_was(mara: httpx.AsyncClient, imported: UserId) -> None:
    answers = {fmt: await mara.get("/api/export", params={"format": fmt}) for fmt in ("csv", "json", "spotify", "listenbrainz")}
    lines = list(csv.DictReader(io.StringIO(answers["csv"].text.removeprefix("\ufeff"))))
    assert Counter(line["source"].partition(":")[2] for line in lines) == {"": 3, "episode": 2, "audiobook": 1}
    assert [line["spotify_track_id"] for line in lines if line["track"] == "Demo"] == [""]
    kinds = Counter(one["track"]["kind"] for one in answers["json"].json()["plays"])
    assert kinds == {"track": 3, "episode": 2, "audiobook": 1}
    theirs = answers["spotify"].json()
    assert Counter(_kind(row) for row in theirs) == {"track": 3, "episode": 2, "audiobook": 1}
    heard = [json.loads(line)["track_metadata"]["track_name"] for line in answers["listenbrainz"].text.splitlines()]
    assert sorted(heard) == ["A Film Of A Song", "Demo", "Low Tide Choir"]


def _kind(row: dict[str, object]) -> str:
    return "episode" if row.get("episode_name") else "audiobook" if row.get("audiobook_title") else "track"
