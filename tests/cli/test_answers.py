"""`stats`, `top`, `export`: answers come out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.collect.imports import exports


@pytest.fixture(autouse=True)
def listened(run: Run, export_file: Path) -> None:
    run("users", "add", "mara")
    run("import", export_file, "--user", "mara")


def test_stats_is_the_object_of_the_api(run: Run) -> None:
    told = run("stats", "--user", "mara", "--json").json
    assert (told["totalPlays"], told["uniqueTracks"], told["uniqueArtists"], told["listenedMs"]) == (3, 2, 1, 600_000)
    assert (told["firstPlayAt"], told["lastPlayAt"]) == ("2024-03-01T12:00:00Z", "2024-03-02T12:00:00Z")


def test_a_question_has_as_many_rows_as_by_the_api(run: Run, tmp_path: Path) -> None:
    told = [(f"2024-05-06T18:{minute:02}:11Z", f"Choir {minute}", f"spotify:track:{minute:022}") for minute in range(12)]
    heard = [exports.extended(at, master_metadata_album_artist_name=choir, spotify_track_uri=uri) for at, choir, uri in told]
    exports.write_json(tmp_path / "Streaming_History_Audio_2024.json", heard)
    run("import", tmp_path / "Streaming_History_Audio_2024.json", "--user", "mara")
    assert len(run("ask", "firsts", "--user", "mara", "--json").json["firsts"]) == 10


@pytest.mark.parametrize(("spelling", "plays"), [("all", 3), ("2024", 3), ("2024-03", 3), ("2024-03-01..2024-03-01", 2), ("2023", 0)])
def test_a_range_is_local_days(run: Run, spelling: str, plays: int) -> None:
    assert run("stats", "--user", "mara", "--range", spelling, "--json").json["totalPlays"] == plays


@pytest.mark.parametrize(("what", "first"), [("tracks", "Tide"), ("artists", "Marrow Coast"), ("albums", "Estuary")])
def test_what_is_played_most(run: Run, what: str, first: str) -> None:
    told = run("top", what, "--user", "mara", "--limit", "1", "--json").json
    assert [one[what.removesuffix("s")]["name"] for one in told[what]] == [first]
    assert first in run("top", what, "--user", "mara").out


@pytest.mark.parametrize(
    "question",
    [
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
        "streaks",
        "discovery",
        "diversity",
        "activity",
    ],
)
def test_every_question_of_the_api_can_be_asked(run: Run, question: str) -> None:
    told = run("ask", question, "--user", "mara", "--json")
    assert told.exit == 0
    assert isinstance(told.json, dict)
    assert run("ask", question, "--user", "mara").out.strip()


def test_an_era_is_told_by_the_names_of_its_artists(run: Run) -> None:
    assert "Marrow Coast (3)" in run("ask", "eras", "--user", "mara").out


def test_what_is_missing_is_told_with_its_reason(run: Run) -> None:
    told = run("gaps", "--user", "mara", "--range", "2024", "--json").json
    assert [(gap["from"], gap["to"], gap["reason"]) for gap in told["gaps"]] == [
        ("2024-03-02T12:00:00Z", "2025-01-01T00:00:00Z", "never-asked")
    ]
    assert "Nobody asked Spotify then" in run("gaps", "--user", "mara").out
    whole = run("gaps", "--user", "mara", "--range", "2024-03-01..2024-03-01")
    assert whole.out.startswith("100.0 % proven")
    assert whole.out.endswith("Nothing is missing.\n")
    assert run("gaps", "--user", "mara", "--range", "2020").out == "Nothing was heard or asked for in this range.\n"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["stats", "--user", "mara", "--range", "soon"], "soon"),
        (["top", "tracks", "--user", "mara", "--limit", "51"], "--limit"),
        (["top", "songs", "--user", "mara"], "songs"),
        (["top", "tracks"], "--user"),
        (["export", "--user", "mara", "--format", "xml"], "xml"),
        (["export", "--user", "mara", "--format", "csv", "--range", "x"], "x"),
    ],
)
def test_bad_input_is_named_and_nothing_is_printed(run: Run, words: list[str], named: str) -> None:
    said = run(*words)
    assert (said.exit, said.out) == (2, "")
    assert named in said.err


def test_an_export_goes_to_stdout_whole(run: Run) -> None:
    csv = run("export", "--user", "mara", "--format", "csv")
    assert (csv.exit, csv.out.lstrip("\ufeff").splitlines()[0]) == (
        0,
        "played_at,local_time,track,artists,album,ms_played,duration_ms,spotify_track_id,source",
    )
    told = json.loads(run("export", "--user", "mara", "--format", "json", "--range", "2024-03-02..2024-03-02").out)
    assert (told["totalPlays"], told["exportedPlays"]) == (3, 1)


def test_an_export_to_a_file_says_where_on_stderr(run: Run, tmp_path: Path) -> None:
    said = run("export", "--user", "mara", "--format", "csv", "--out", tmp_path / "plays.csv")
    assert (said.exit, said.out, "plays.csv" in said.err) == (0, "", True)
    assert (tmp_path / "plays.csv").read_bytes().startswith(b"\xef\xbb\xbfplayed_at")


def test_a_file_that_cannot_be_written_is_bad_input(run: Run, tmp_path: Path) -> None:
    said = run("export", "--user", "mara", "--format", "csv", "--out", tmp_path / "nowhere" / "plays.csv")
    assert (said.exit, "--out" in said.err or "plays.csv" in said.err) == (2, True)


def test_a_database_out_of_reach_is_exit_three(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:9/nowhere")
    said = run("stats", "--user", "mara", "--json")
    assert (said.exit, said.out, "Traceback" in said.err) == (3, "", False)
