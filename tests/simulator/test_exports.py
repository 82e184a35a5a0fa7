"""The two packages look like Spotify's of 2026 and tell exactly what was heard."""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from audiospective.simulator.exports import Written, write_account, write_extended
from audiospective.simulator.listeners import Listener, devotee, roster
from audiospective.simulator.playing import plays

NOW = int(datetime(2026, 3, 18, 19, 30, tzinfo=UTC).timestamp() * 1000)
_, REGULAR, NEWCOMER, OWL, PODCASTER = roster(date(2026, 3, 18))
LATE_OWL = replace(OWL, since=date(2025, 10, 1))

Row = dict[str, Any]


def extended(folder: Path, listener: Listener, rows: int | None = None) -> tuple[Written, list[Row]]:
    """A package's account of itself, and its rows."""
    path = folder / "my_spotify_data.zip"
    written = write_extended(path, listener, until_ms=NOW, rows=rows)
    return written, rows_of(path, written)


def rows_of(path: Path, written: Written) -> list[Row]:
    """All rows of all history files."""
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        return [row for name in written.files for row in json.loads(package.read(name))]


def test_every_play_of_the_listener_is_in_the_package(tmp_path: Path) -> None:
    written, rows = extended(tmp_path, NEWCOMER)
    heard = list(plays(NEWCOMER, 0, NOW))
    assert len(rows) == written.rows >= len(heard)
    assert {row["ts"] for row in rows} >= {f"{datetime.fromtimestamp(p.ended_ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}" for p in heard}


def test_a_row_has_the_fields_of_2024_and_later(tmp_path: Path) -> None:
    _, rows = extended(tmp_path, LATE_OWL)
    assert {len(row) for row in rows} == {23}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["ts"]) for row in rows)
    assert all(row["ms_played"] >= 0 for row in rows)


def test_files_are_named_by_year_and_split_at_twelve_megabytes(tmp_path: Path) -> None:
    written, _ = extended(tmp_path, devotee(), rows=16_500)
    assert all(re.fullmatch(r".*/Streaming_History_(Audio|Video)_\d{4}(_\d+)?\.json", name) for name in written.files)
    with zipfile.ZipFile(tmp_path / "my_spotify_data.zip") as package:
        assert 11_000_000 < max(entry.file_size for entry in package.infolist()) < 14_000_000


@pytest.mark.parametrize("rows", [1, 250, 3_000])
def test_a_package_can_have_exactly_so_many_rows(tmp_path: Path, rows: int) -> None:
    written, found = extended(tmp_path, devotee(), rows=rows)
    assert len(found) == written.rows == rows
    assert rows - len({json.dumps(row) for row in found}) == written.duplicates


def test_the_same_moment_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "one.zip", tmp_path / "other.zip"
    for path in (one, other):
        write_extended(path, PODCASTER, until_ms=NOW)
    assert one.read_bytes() == other.read_bytes()


def test_a_later_package_tells_what_the_earlier_told(tmp_path: Path) -> None:
    path = tmp_path / "earlier.zip"
    earlier = rows_of(path, write_extended(path, PODCASTER, until_ms=NOW - 90 * 86_400_000))
    _, later = extended(tmp_path, PODCASTER)
    assert not Counter(map(json.dumps, earlier)) - Counter(map(json.dumps, later))


def test_the_oddities_of_real_packages_are_there(tmp_path: Path) -> None:
    written, rows = extended(tmp_path, LATE_OWL)
    offline = [row for row in rows if row["offline"]]
    assert written.duplicates > 2
    assert any(row["ms_played"] == 0 for row in rows)
    assert any(row["spotify_track_uri"] is None and row["spotify_episode_uri"] is None for row in rows)
    assert any(row["incognito_mode"] for row in rows)
    assert max(Counter(row["ts"] for row in offline).values()) > 5
    assert all(row["offline_timestamp"] < datetime.fromisoformat(row["ts"]).timestamp() for row in offline)


def test_episodes_name_their_show_and_filmed_ones_are_in_the_video_file(tmp_path: Path) -> None:
    written, rows = extended(tmp_path, PODCASTER)
    assert {bool(row["episode_show_name"]) for row in rows if row["spotify_episode_uri"]} == {True}
    assert any("Video" in name for name in written.files)


def test_account_data_is_the_last_year_to_the_minute(tmp_path: Path) -> None:
    path = tmp_path / "account.zip"
    rows = rows_of(path, write_account(path, REGULAR, until_ms=NOW))
    heard = list(plays(REGULAR, NOW - 365 * 86_400_000, NOW))
    assert len(rows) == len(heard)
    assert sum(row["msPlayed"] for row in rows) == sum(play.ms_played for play in heard)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", row["endTime"]) for row in rows)
    assert {tuple(row) for row in rows} == {
        ("endTime", "artistName", "trackName", "msPlayed"),
        ("endTime", "podcastName", "episodeName", "msPlayed"),
    }


def test_account_data_brings_papers_that_are_no_history(tmp_path: Path) -> None:
    path = tmp_path / "account.zip"
    write_account(path, NEWCOMER, until_ms=NOW)
    with zipfile.ZipFile(path) as package:
        assert {"Userdata.json", "Read_Me_First.pdf"} <= {Path(name).name for name in package.namelist()}
