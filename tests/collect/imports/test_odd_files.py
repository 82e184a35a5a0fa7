"""Files as other programs leave them: junk beside them, braces in names, numbers as text, lengths that no clock shows."""

from __future__ import annotations

import json
import struct
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audiospective.collect.imports.columns import ParsedFile
from audiospective.collect.imports.detect import open_export
from audiospective.collect.imports.readers import parse_file
from audiospective.errors import Invalid
from tests.collect.imports import exports, tracker_files

_NOW = datetime(2026, 3, 18, tzinfo=UTC)
_NOTES = b"\0\5\x16\7\0\2\0\0Mac OS X        "


def read(folder: Path, content: bytes | object) -> ParsedFile:
    """The file, as an import reads it."""
    path = folder / "odd.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    (member,) = open_export([path]).files
    parsed = parse_file(member, _NOW)
    assert parsed.rows == len(parsed.listens) + len(parsed.rejected)
    return parsed


@pytest.mark.parametrize("name", ["Curly} Brace", '"}, {"', "back\\slash\\"])
def test_a_history_is_known_whatever_its_first_title_is(tmp_path: Path, name: str) -> None:
    assert [key.name for key in read(tmp_path, [exports.account(track=name)]).listens.keys] == [name]
    assert len(read(tmp_path, [{"master_metadata_track_name": name} | exports.extended(track=name)]).listens) == 1


def test_what_macos_notes_beside_a_zip_is_passed_over(tmp_path: Path) -> None:
    inner = exports.write_zip(tmp_path / "inner.zip", endsong_0=[exports.extended()])
    files = {"my_spotify_data.zip": inner.read_bytes(), "__MACOSX/._my_spotify_data.zip": _NOTES, ".DS_Store": b"\0\0\0\1Bud1"}
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    export = open_export([tmp_path / "archive.zip"])
    assert ([file.name for file in export.files], export.passed_over) == (["endsong_0.json"], 2)


def test_a_zip_in_a_zip_that_is_packed_otherwise_is_said(tmp_path: Path) -> None:
    inner = exports.write_zip(tmp_path / "inner.zip", endsong_0=[exports.extended()])
    outer = exports.write_zip(tmp_path / "outer.zip", **{"inner.zip": inner.read_bytes()})
    packed = bytearray(outer.read_bytes())
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = packed.find(mark) if place == 8 else packed.rfind(mark)
        packed[at + place : at + place + 2] = struct.pack("<H", 9)
    outer.write_bytes(bytes(packed))
    with pytest.raises(Invalid, match="isn't a whole zip"):
        open_export([outer])


@pytest.mark.parametrize(
    "ts",
    ["2024-05-06T18:43:11.123Z", "2024-05-06T18:43:11", "2024-05-06 18:43:11", "2024-05-06 18:43:11 UTC", "2024-05-06T18:43:11+00:00"],
)
def test_the_same_moment_written_otherwise_is_the_same_listen(tmp_path: Path, ts: str) -> None:
    usual = read(tmp_path, [exports.extended("2024-05-06T18:43:11Z")]).listens
    assert read(tmp_path, [exports.extended(ts)]).listens.ended_at.tolist() == usual.ended_at.tolist()


@pytest.mark.parametrize("ts", ["2024-05-06T18:43:11+02:00", "2024-05-06 18:43", "2024-02-30 10:00:00", "٢٠٢٤-05-06 18:43:11"])
def test_a_moment_that_is_not_told_whole_in_utc_is_set_aside(tmp_path: Path, ts: str) -> None:
    assert "isn't a time" in read(tmp_path, [exports.extended(ts)]).rejected[0].reason


@pytest.mark.parametrize(
    "other",
    [{"ms_played": "216783"}, {"ms_played": 216783.0}, {"offline_timestamp": 0.0}, {"offline_timestamp": "0"}, {"shuffle": "TRUE"}],
)
def test_numbers_and_truths_in_another_type_are_the_same_listen(tmp_path: Path, other: exports.Row) -> None:
    usual = read(tmp_path, [exports.extended()]).listens
    listens = read(tmp_path, [exports.extended() | other]).listens
    assert (listens.ms_played.tolist(), listens.flags.tolist()) == (usual.ms_played.tolist(), usual.flags.tolist())


def test_half_of_a_letter_costs_neither_the_file_nor_the_row(tmp_path: Path) -> None:
    rows = json.dumps([exports.extended(track="cut"), exports.extended(track="whole \U0001f30a")])
    parsed = read(tmp_path, rows.replace('"cut"', '"cut \\ud83c"').encode())
    assert [key.name for key in parsed.listens.keys] == ["cut \ufffd", "whole \U0001f30a"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([exports.extended(ms=10**400)], "isn't a possible length"),
        ([exports.account(ms=10**400)], "isn't a possible length"),
        (b'{"listened_at": 1e308, "track_metadata": {"track_name": "Tide", "artist_name": "A"}}\n', "in the future"),
        (b'{"playedAt":"2024-01-01T00:00:00Z","source":"spotify-api","track":{"name":"T","durationMs":1e30},"told":{}}', "can't be read"),
        (
            b'{"playedAt":"2024-01-01T00:00:00Z","source":"spotify-api","track":{"name":"T","durationMs":9999999999},"told":{}}',
            "isn't a possible length",
        ),
        (
            b'{"playedAt":"2024-01-01T00:00:00Z","source":"spotify-api","track":{"name":"T"},"told":{"stampShiftS":99999999999999999999}}',
            "`stampShiftS`",
        ),
    ],
)
def test_a_number_beyond_all_others_is_set_aside(tmp_path: Path, content: object, reason: str) -> None:
    assert reason in read(tmp_path, content).rejected[0].reason


def test_a_length_beyond_all_others_is_taken_as_untold(tmp_path: Path) -> None:
    maloja = {"maloja": {}, "scrobbles": [{"time": 1_749_776_100, "track": {"title": "T", "artists": ["A"], "length": 1e308}}]}
    assert read(tmp_path, maloja).listens.shifted_s.tolist() == [0]
    track = {"aliases": [{"alias": "T"}], "duration": 1e308}
    listen = {"listened_at": "2025-06-13T00:55:00Z", "track": track, "artists": [{"aliases": [{"alias": "A"}]}]}
    assert read(tmp_path, {"exported_at": "", "listens": [listen]}).listens.shifted_s.tolist() == [0]


def test_a_cell_with_thousands_of_digits_is_no_length(tmp_path: Path) -> None:
    head = "played_at,local_time,track,artists,album,ms_played,duration_ms,spotify_track_id,source"
    row = f"2024-05-06T18:43:11Z,,Tide,A,Al,{'9' * 5000},,,"
    assert "isn't a possible length" in read(tmp_path, f"{head}\n{row}\n".encode()).rejected[0].reason


def test_more_reasons_than_an_index_holds_are_taken_as_untold(tmp_path: Path) -> None:
    listens = read(tmp_path, [exports.extended(reason_start=f"why {number}") for number in range(33_000)]).listens
    assert (len(listens), listens.reasons.min()) == (33_000, 0)


@pytest.mark.parametrize("info", [{"spotify_id": ["a", "b"]}, {"spotify_id": 7}, {"duration_ms": [1]}, {"origin_url": {}}])
def test_what_a_client_told_besides_in_an_odd_type_costs_no_listen(tmp_path: Path, info: dict[str, object]) -> None:
    listen = tracker_files.listen(tracker_files.FIRST, "Tide", "A", "")
    listen["track_metadata"] = {"track_name": "Tide", "artist_name": "A", "additional_info": info}
    assert len(read(tmp_path, (json.dumps(listen) + "\n").encode()).listens) == 1


def test_a_page_of_one_scrobble_is_that_scrobble(tmp_path: Path) -> None:
    (first, second) = json.loads(tracker_files.lastfm_pages())
    second["track"] = second["track"][0] | {"date": {"uts": tracker_files.SECOND}}
    assert len(read(tmp_path, [first, second]).listens) == 2


@pytest.mark.parametrize("date", ["2025-06-13T00:55:00Z", {"$numberLong": "1749776100000"}, 1_749_776_100_000])
def test_mongodb_writes_a_date_in_three_ways_and_rows_in_two(tmp_path: Path, date: object) -> None:
    row = {"_id": {"$oid": "x"}, "owner": {"$oid": "y"}, "id": "4hsCp1AwBQwLgrV4qQNE21", "played_at": {"$date": date}}
    for content in (json.dumps(row) + "\n", json.dumps([row], indent=1)):
        assert read(tmp_path, content.encode()).listens.ended_at.tolist() == [tracker_files.FIRST * 1_000_000]


def test_a_local_file_without_names_is_called_by_its_address(tmp_path: Path) -> None:
    nameless = exports.extended(track=None)
    listens = read(tmp_path, [nameless | {"spotify_track_uri": "spotify:local:Marrow+Coast:%C3%89tudes:Low+Tide%3A+Choir:216"}]).listens
    assert [tuple(key) for key in listens.keys] == [(0, "", "Low Tide: Choir", "Marrow Coast", "Études")]
    empty = read(tmp_path, [nameless | {"spotify_track_uri": "spotify:local::::216"}])
    assert "names neither" in empty.rejected[0].reason


def test_our_own_table_is_known_with_every_cell_quoted(tmp_path: Path) -> None:
    head = "played_at,local_time,track,artists,album,ms_played,duration_ms,spotify_track_id,source"
    rows = [head, "2024-05-06T18:43:11Z,,Tide,A,Al,5,,,"]
    quoted = "\n".join(",".join(f'"{cell}"' for cell in row.split(",")) for row in rows)
    assert [key.name for key in read(tmp_path, quoted.encode()).listens.keys] == ["Tide"]


@pytest.mark.parametrize(
    "content",
    [
        b'{"maloja": {}, "scrobbles": [{"time": 1749776100, "track": {"title": "T\xe9", "artists": ["A"]}}]}',
        b'{"exported_at": "", "listens": [{"track": {"aliases": [{"alias": "T\xe9"}]}}]}',
        b'{"exportedAt": "", "exportType": "", "plays": [{"playedAt": "2024-01-01T00:00:00Z", "track": {"name": "T\xe9"}}]}',
        b'[{"track": [{"name": "T\xe9", "artist": {"#text": "A"}, "date": {"uts": "1749776100"}}]}]',
        b'{"listened_at": 1749776100, "track_metadata": {"track_name": "T\0", "artist_name": "A"}}\n',
    ],
)
def test_a_letter_that_is_none_costs_its_row_alone(tmp_path: Path, content: bytes) -> None:
    (rejected,) = read(tmp_path, content).rejected
    assert "can't be read" in rejected.reason
    assert "\0" not in rejected.raw
