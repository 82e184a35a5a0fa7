"""It goes out whole: every play once, readable by other programs, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.archive.ingest import store
from audiospective.archive.plays import Kind, Source, UserId
from audiospective.errors import Invalid
from audiospective.export import run, to_csv
from audiospective.export.run import Format
from audiospective.infra.database import Connection, fetch_all
from audiospective.insights.period import Period, of_days
from audiospective.insights.zones import Zone
from tests.archive.listens import EVENING, Heard, batch

NOW = datetime(2026, 3, 18, 21, tzinfo=UTC)
EVERYTHING = Period("all", None, None)
_ADD = "INSERT INTO people (name, display_name, created_at) VALUES ('mara', 'Mara', %(now)s) RETURNING id"


@pytest.fixture
async def user(conn: Connection) -> UserId:
    found = UserId((await fetch_all(conn, _ADD, int, now=EVENING))[0])
    heard = [Heard(200.417, "Low Tide Choir"), Heard(500, '=HYPERLINK("evil")'), Heard(900, '真夜中, "quoted"')]
    await store(conn, [batch(found, Source.API, *heard), batch(found, Source.EXTENDED, Heard(5_000, "Skipped", 900))])
    await store(conn, [batch(found, Source.EXTENDED, Heard(90_000, "Episode", 60_000, kind=Kind.EPISODE))])
    return found


async def whole(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


async def rows(conn: Connection, user: UserId, period: Period = EVERYTHING, zone: str = "UTC") -> list[dict[str, str]]:
    content = await whole(run.stream(conn, user, Zone(zone), period, fmt=Format.CSV, now=NOW))
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


async def test_csv_has_every_play_oldest_first(conn: Connection, user: UserId) -> None:
    found = await rows(conn, user)
    assert [row["track"] for row in found] == ["Low Tide Choir", '\'=HYPERLINK("evil")', '真夜中, "quoted"', "Skipped", "Episode"]
    assert found[0] == {
        "played_at": "2026-03-18T19:03:20.417Z",
        "local_time": "2026-03-18 19:03:20",
        "track": "Low Tide Choir",
        "artists": "Marrow Coast",
        "album": "Estuary",
        "ms_played": "",
        "duration_ms": "200000",
        "spotify_track_id": "id-Low Tide Choir",
        "source": "spotify-api",
    }


async def test_csv_begins_with_a_byte_order_mark_and_ends_lines_as_rfc_4180(conn: Connection, user: UserId) -> None:
    content = await whole(run.stream(conn, user, Zone("UTC"), EVERYTHING, fmt=Format.CSV, now=NOW))
    assert content.startswith(b"\xef\xbb\xbfplayed_at,local_time,")
    assert content.count(b"\r\n") == 6


async def test_a_range_is_the_listeners_days(conn: Connection, user: UserId) -> None:
    day = of_days(date(2026, 3, 19), date(2026, 3, 19))
    assert [row["track"] for row in await rows(conn, user, day)] == ["Episode"]
    assert len(await rows(conn, user, day, "Asia/Tokyo")) == 4


async def test_json_counts_what_it_holds(conn: Connection, user: UserId) -> None:
    found = json.loads(await whole(run.stream(conn, user, Zone("UTC"), EVERYTHING, fmt=Format.JSON, now=NOW)))
    assert (found["totalPlays"], found["exportedPlays"], found["isTruncated"], len(found["plays"])) == (5, 5, False, 5)
    assert found["plays"][0]["playedAt"] == "2026-03-18T19:03:20.417000Z"
    assert found["plays"][0]["track"]["artists"] == [{"name": "Marrow Coast", "spotifyId": "artist-Marrow Coast"}]
    assert found["plays"][4]["track"]["kind"] == "episode"


async def test_an_empty_archive_is_a_valid_file(conn: Connection) -> None:
    user = UserId((await fetch_all(conn, _ADD, int, now=EVENING))[0])
    assert await rows(conn, user) == []
    assert json.loads(await whole(run.stream(conn, user, Zone("UTC"), EVERYTHING, fmt=Format.JSON, now=NOW)))["plays"] == []


def test_the_file_is_named_for_the_day() -> None:
    assert run.file_name(Format.JSON, date(2026, 3, 18)) == "spotify-archive-2026-03-18.json"


def test_an_unknown_format_is_refused_with_what_would_be_right() -> None:
    with pytest.raises(Invalid, match="use csv, json, spotify, listenbrainz, parquet or reading-copy"):
        run.parse_format("pdf")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_comes_back_from_a_cell_and_none_is_a_formula(text: str) -> None:
    line = to_csv.cell(text) + ",end\r\n"
    (read,) = list(csv.reader(io.StringIO(line, newline="")))
    assert not read[0].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert (read[0].removeprefix("'") if read[0].startswith("'") else read[0]) == text
