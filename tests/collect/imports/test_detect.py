"""What people hand in: zips, folders, single files, the wrong thing, damage, bombs."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from audiospective.collect.imports.detect import open_export, open_member
from audiospective.errors import Invalid, TooLarge
from tests.collect.imports import exports
from tests.folders import reachable_folder, without_rights


def names(*paths: Path) -> list[str]:
    return [member.name for member in open_export(paths).files]


def test_a_zip_as_sent_gives_its_history_and_passes_over_the_rest(tmp_path: Path) -> None:
    sent = exports.write_zip(
        tmp_path / "my_spotify_data.zip",
        **{
            "Spotify Extended Streaming History__Streaming_History_Audio_2024_0": [exports.extended()],
            "Spotify Extended Streaming History__ReadMeFirst.pdf": b"%PDF",
            "MyData__Userdata": {"email": "someone"},
        },
    )
    export = open_export([sent])
    assert ([file.name for file in export.files], export.passed_over) == (["Streaming_History_Audio_2024_0.json"], 2)
    assert export.format == "spotify-extended"


def test_content_decides_not_the_name(tmp_path: Path) -> None:
    export = open_export([exports.write_json(tmp_path / "holiday.json", [exports.account()])])
    assert export.format == "spotify-account"


def test_a_folder_is_searched_and_both_packages_may_lie_in_it(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    exports.write_json(tmp_path / "a.json", [exports.extended()])
    exports.write_json(tmp_path / "deep" / "b.json", [exports.account()])
    assert open_export([tmp_path]).format == "spotify-account+spotify-extended"


def test_a_zip_in_a_zip_is_opened(tmp_path: Path) -> None:
    inner = exports.write_zip(tmp_path / "inner.zip", endsong_0=[exports.extended()])
    outer = exports.write_zip(tmp_path / "outer.zip", **{"inner.zip": inner.read_bytes()})
    export = open_export([outer])
    with open_member(export.files[0]) as file:
        assert file.read().startswith(b"[{")


def test_an_export_without_plays_is_an_export(tmp_path: Path) -> None:
    assert open_export([exports.write_json(tmp_path / "StreamingHistory0.json", [])]).format == "empty"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b" \n\t", "holds nothing but blank space"),
        (b"\0" * 2000, "holds nothing but blank space"),
        (b"%PDF-1.7", "is a PDF"),
        (b"<!doctype html>", "is a web page"),
        (b'{"email": "someone"}', "is JSON, but not a streaming history"),
        (b"GIF89a", "isn't a streaming history"),
    ],
)
def test_the_wrong_file_is_named_for_what_it_is(tmp_path: Path, content: bytes, sentence: str) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_bytes(content)
    with pytest.raises(Invalid, match=sentence):
        open_export([wrong])


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="isn't there"):
        open_export([tmp_path / "nowhere.zip"])


@pytest.mark.parametrize("shut", ["music", "music/years"])
def test_a_folder_that_may_not_be_read_is_not_said_to_be_empty(shut: str) -> None:
    with reachable_folder() as folder:
        (folder / "music" / "years").mkdir(parents=True, mode=0o755)
        (folder / "music").chmod(0o755)
        exports.write_json(folder / "music" / "endsong_0.json", [exports.extended()]).chmod(0o644)
        with without_rights(folder / shut), pytest.raises(PermissionError) as told:
            open_export([folder / "music"])
    assert told.value.filename == str(folder / shut)


def test_a_zip_with_junk_says_what_would_be_right(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"holds no listening history.*Streaming_History_Audio"):
        open_export([exports.write_zip(tmp_path / "junk.zip", a={"b": 1}, c=[1, 2])])


def test_a_cut_off_zip_is_said_to_be_damaged(tmp_path: Path) -> None:
    whole = exports.write_zip(tmp_path / "whole.zip", endsong_0=[exports.extended()] * 500)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[:-30])
    with pytest.raises(Invalid):
        open_export([cut])


def test_a_cut_off_zip_among_other_files_is_not_passed_over(tmp_path: Path) -> None:
    sent = exports.write_zip(tmp_path / "my_spotify_data.zip", endsong_0=[exports.extended()])
    sent.write_bytes(sent.read_bytes()[:-30])
    exports.write_json(tmp_path / "StreamingHistory0.json", [exports.account()])
    with pytest.raises(Invalid, match=r"my_spotify_data\.zip isn't a whole zip"):
        open_export([tmp_path])


def test_a_damaged_file_inside_a_zip_is_named_when_it_is_read(tmp_path: Path) -> None:
    path = exports.write_zip(tmp_path / "a.zip", endsong_0=[exports.extended(ms=ms) for ms in range(40_000, 41_000)])
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 40] = bytes(40)
    path.write_bytes(bytes(content))
    member = open_export([path]).files[0]
    with pytest.raises(Invalid, match=r"endsong_0\.json is damaged"), open_member(member) as file:
        file.read()


def test_a_bomb_is_refused_unopened(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    packed = zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with packed, packed.open("endsong_0.json", "w", force_zip64=True) as file:
        for _ in range(80):
            file.write(b" " * 1024**2)
    with pytest.raises(TooLarge, match="no listening history does"):
        open_export([bomb])


def test_more_than_is_taken_at_once_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audiospective.collect.imports.detect.MAX_UNPACKED", 100)
    with pytest.raises(TooLarge, match="is the most that is taken at once"):
        open_export([exports.write_json(tmp_path / "a.json", [exports.extended()])])


def test_names_that_lead_out_of_a_zip_are_refused(tmp_path: Path) -> None:
    slip = exports.write_zip(tmp_path / "slip.zip", **{"..__..__evil.json": [exports.extended()]})
    with pytest.raises(Invalid, match="leads out of the zip"):
        open_export([slip])
    assert not (tmp_path.parent / "evil.json").exists()
