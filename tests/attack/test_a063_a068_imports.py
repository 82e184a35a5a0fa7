"""A063–A068: bombs, slips, wrong types, nonsense, others' files, masses of the same: refused or bounded, nothing half-written."""

from __future__ import annotations

import contextlib
import io
import json
import resource
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from audiospective.accounts import people
from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.collect.imports import run
from audiospective.collect.imports.detect import Format, open_export
from audiospective.errors import AudiospectiveError, Invalid, TooLarge
from audiospective.infra.database import Database
from tests.clock import FakeClock
from tests.collect.imports import exports
from tests.web.site import Site

_MB = 1024**2
_NAME = "Streaming_History_Audio_2024.json"


async def attempt(db: Database, clock: FakeClock, path: Path) -> tuple[run.ImportStatus, UserId]:
    """Import as somebody; what was refused must have left nothing."""
    async with db.transaction() as conn:
        user = UserId((await people.add(conn, "mara", clock.now())).id)
        import_id = await run.begin(conn, user, name=path.name, size=1, now=clock.now())
    try:
        return await run.run(db, import_id, [path], clock), user
    except AudiospectiveError:
        async with db.transaction() as conn:
            assert len((await history.load(conn, user)).ended_at) == 0
            assert (await run.status(conn, user, import_id)).summary.state == "failed"
        raise


def zipped(path: Path, *entries: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def zeros(path: Path, name: str, megabytes: int) -> Path:
    """A zip of so many zeros, written a megabyte at a time."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as file:
        for _ in range(megabytes):
            file.write(b"\0" * _MB)
    return path


def test_a063_a_bomb_is_known_by_its_sizes_before_it_is_read(tmp_path: Path) -> None:
    bomb = zeros(tmp_path / "bomb.zip", _NAME, 120)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooLarge, match="no listening history does"):
        open_export([bomb])
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024
    nested = zipped(tmp_path / "nested.zip", ("inner.zip", bomb.read_bytes()))
    with pytest.raises(TooLarge):
        open_export([nested])


def test_a063_zips_within_zips_are_opened_twice_and_no_deeper(tmp_path: Path) -> None:
    path = exports.write_zip(tmp_path / "0.zip", Streaming_History_Audio_2024=[exports.extended()])
    for depth in range(1, 5):
        path = zipped(tmp_path / f"{depth}.zip", (f"{depth - 1}.zip", path.read_bytes()))
        if depth <= 2:
            assert [one.format for one in open_export([path]).files] == [Format.EXTENDED]
        else:
            with pytest.raises(Invalid):
                open_export([path])


def test_a063_more_entries_than_any_package_has_are_not_looked_through(tmp_path: Path) -> None:
    many = zipped(tmp_path / "many.zip", *((f"{n}.json", b"[]") for n in range(10_001)))
    with pytest.raises(TooLarge, match="entries"):
        open_export([many])


def padded(megabytes: int, *entries: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    """A zip behind so many zeros, which zips don't mind and which pack to nothing."""
    kept = io.BytesIO(b"\0" * (megabytes * _MB))
    with zipfile.ZipFile(kept, "a") as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return kept.getvalue()


def test_a063_zips_within_a_zip_have_one_bound_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of them, each below the size from which one is refused, kept a processor at work for an hour."""
    rows = json.dumps([exports.extended()]).encode()
    shells = zipped(tmp_path / "shells.zip", *((f"{n}.zip", padded(2, (_NAME, rows))) for n in range(3)))
    with pytest.raises(TooLarge, match=r"zips inside shells\.zip unpack to more"):
        open_export([shells])
    monkeypatch.setattr("audiospective.collect.imports.detect.MAX_UNPACKED", 5 * _MB)
    many = tmp_path / "many.zip"
    with zipfile.ZipFile(many, "w", zipfile.ZIP_STORED) as archive:
        for n in range(3):
            archive.writestr(f"{n}.zip", padded(2, (_NAME, rows)))
    with pytest.raises(TooLarge, match=r"zips inside many\.zip unpack to more"):
        open_export([many])


def test_a063_a_zip_within_a_zip_is_not_unpacked_for_thousands_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audiospective.collect.imports.detect._MAX_UNPACKED_AGAIN", 5 * _MB)
    files = [(f"{n}.json", json.dumps([exports.extended()]).encode()) for n in range(3)]
    for count, content in ((2, files[:2]), (3, files)):
        path = tmp_path / f"{count}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("inner.zip", padded(2, *content))
        if count == 2:
            assert len(open_export([path]).files) == 2
        else:
            with pytest.raises(TooLarge, match="zips inside"):
                open_export([path])


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("value", [0, 9, 99, 128, 255])
def test_a064_a_zip_of_which_any_byte_is_wrong_is_refused_or_read(tmp_path: Path, value: int, *, nested: bool) -> None:
    whole = exports.write_zip(tmp_path / "whole.zip", StreamingHistory_music_0=[exports.account()]).read_bytes()
    directory, ends = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    for place in (*range(30), *range(directory, directory + 50), *range(ends, ends + 22)):
        spoiled = bytearray(whole)
        spoiled[place] = value
        path = tmp_path / "spoiled.zip"
        path.write_bytes(spoiled)
        with contextlib.suppress(AudiospectiveError):
            open_export([zipped(tmp_path / "outer.zip", ("inner.zip", bytes(spoiled))) if nested else path])


def _entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.create_system = 3
    made.external_attr = mode << 16
    return made


@pytest.mark.parametrize(
    "entry",
    [
        _entry("../../etc/cron.d/x.json"),
        _entry("/etc/x.json"),
        _entry("C:/x.json"),
        _entry("..\\..\\x.json"),
        _entry("link.json", stat.S_IFLNK | 0o777),
        _entry("device.json", stat.S_IFCHR | 0o666),
        _entry("pipe.json", stat.S_IFIFO | 0o666),
    ],
    ids=lambda entry: str(entry.filename),
)
def test_a064_what_leads_out_of_the_zip_is_refused(tmp_path: Path, entry: zipfile.ZipInfo) -> None:
    slip = zipped(tmp_path / "slip.zip", (entry, json.dumps([exports.extended()]).encode()))
    with pytest.raises(Invalid, match="leads out"):
        open_export([slip])
    assert sorted(one.name for one in tmp_path.iterdir()) == ["slip.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a064_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    rows = json.dumps([exports.extended()]).encode()
    for other in (_NAME, _NAME.upper()):
        with pytest.raises(Invalid, match="two files of the name"):
            open_export([zipped(tmp_path / "twice.zip", (_NAME, rows), (other, rows))])


def _locked(data: bytes) -> bytes:
    """The same zip, its entry marked as encrypted in both places."""
    local, central = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    changed = bytearray(data)
    changed[local + 6] |= 1
    changed[central + 8] |= 1
    return bytes(changed)


def test_a064_a_lock_counts_on_what_may_be_a_history_alone(tmp_path: Path) -> None:
    rows = json.dumps([exports.extended()]).encode()
    for other, goes_in in (("letter.pdf", True), ("photo.jpg", True), ("other.json", False), ("more.CSV", False), ("within.zip", False)):
        packed = zipped(tmp_path / "some.zip", (other, rows), (_NAME, rows))
        packed.write_bytes(_locked(packed.read_bytes()))
        if goes_in:
            assert [one.name for one in open_export([packed]).files] == [_NAME]
        else:
            with pytest.raises(Invalid, match="locked with a password"):
                open_export([packed])


@pytest.mark.parametrize(
    "spoil",
    [
        _locked,
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"PK\x01\x02", b"PK\x01\x03"),
        lambda data: data[:40] + bytes(byte ^ 0x55 for byte in data[40:90]) + data[90:],
    ],
    ids=["encrypted", "cut", "wrong directory", "wrong bytes"],
)
async def test_a064_damage_is_said_and_leaves_nothing(
    db: Database, clock: FakeClock, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    whole = exports.write_zip(tmp_path / "whole.zip", Streaming_History_Audio_2024=[exports.extended() for _ in range(50)])
    (tmp_path / "spoiled.zip").write_bytes(spoil(whole.read_bytes()))
    with pytest.raises(Invalid):
        await attempt(db, clock, tmp_path / "spoiled.zip")


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\0" + b"\0" * 200,
        b"\x7fELF" + b"\0" * 200,
        b"<!doctype html><script>alert(1)</script>",
        b"<svg onload='alert(1)'/>",
        b"%PDF-1.7",
    ],
    ids=["exe", "elf", "html", "svg", "pdf"],
)
@pytest.mark.parametrize("name", ["history.json", "my_spotify_data.zip"])
async def test_a065_what_isnt_a_history_is_refused_and_never_served(site: Site, content: bytes, name: str) -> None:
    async with site.script(await site.token()) as client:
        answer = await client.post("/api/imports", files={"file": (name, content)})
        assert (answer.status_code, answer.json()["error"]) == (400, "VALIDATION_ERROR")
        assert (await client.get("/api/imports")).json() == {"imports": []}
    assert b"alert" not in answer.content
    assert list((site.parts.settings.home / "uploads").glob("*")) == []


@pytest.mark.parametrize(
    ("begins", "goes_on", "times"),
    [
        (b'[{"ts":"2024-05-06T18:43:11Z","ms_played":1,"master_metadata_track_name":"', b"x", 80 * _MB),
        (b"", b"[", 1_000_000),
        (b'[{"ts":"2024-05-06T18:43:11Z","ms_played":1,"master_metadata_track_name":', b"[", 1_000_000),
    ],
    ids=["one endless text", "a million brackets", "brackets in a row"],
)
async def test_a066_what_never_ends_is_refused_in_bounded_memory(
    db: Database, clock: FakeClock, tmp_path: Path, begins: bytes, goes_on: bytes, times: int
) -> None:
    path = tmp_path / _NAME
    path.write_bytes(begins + goes_on * times)
    with pytest.raises(AudiospectiveError):
        await attempt(db, clock, path)


async def test_a066_numbers_beyond_reason_are_set_aside_and_the_rest_goes_in(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    odd = ["1e308", "-1", "-0", "NaN", "99999999999999999999", "1.5", '"12"', "null", "true", "[]"]
    good = json.dumps(exports.extended(ms=200_000))
    rows = [good.replace("200000", one) for one in odd if one != "NaN"]
    twice = good.replace('"ms_played": 200000', '"ms_played": 5, "ms_played": 200000')
    (tmp_path / _NAME).write_text(f"[{','.join([*rows, good, twice])}]")
    done, _ = await attempt(db, clock, tmp_path / _NAME)
    summary = done.summary
    assert (summary.rows, summary.new + summary.duplicates + summary.rejected) == (len(rows) + 2, len(rows) + 2)
    assert summary.rejected >= len(rows) - 2


async def test_a066_a_number_that_is_none_spoils_the_file(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    (tmp_path / _NAME).write_text(f"[{json.dumps(exports.extended(ms=200_000)).replace('200000', 'NaN')}]")
    with pytest.raises(Invalid):
        await attempt(db, clock, tmp_path / _NAME)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
async def test_a066_what_editors_make_of_a_file_is_read(db: Database, clock: FakeClock, tmp_path: Path, encoding: str) -> None:
    text = json.dumps([exports.extended(track="Où est Łódź 夜")], ensure_ascii=False)
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    (tmp_path / _NAME).write_bytes(mark + text.encode(encoding))
    done, _ = await attempt(db, clock, tmp_path / _NAME)
    assert (done.summary.rows, done.summary.new) == (1, 1)


async def test_a067_another_accounts_file_goes_into_the_importers_own_archive_alone(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    async with db.transaction() as conn:
        victim = UserId((await people.add(conn, "noor", clock.now())).id)
    path = exports.write_json(tmp_path / _NAME, [exports.extended(username="noor", ip_addr_decrypted="203.0.113.9")])
    done, user = await attempt(db, clock, path)
    async with db.transaction() as conn:
        archived = [len((await history.load(conn, one)).ended_at) for one in (user, victim)]
    assert (done.summary.new, archived) == (1, [1, 0])


async def test_a068_the_same_row_thirty_thousand_times_is_one_play(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    path = exports.write_json(tmp_path / _NAME, [exports.extended()] * 30_000)
    done, user = await attempt(db, clock, path)
    assert (done.summary.rows, done.summary.new, done.summary.duplicates) == (30_000, 1, 29_999)
    async with db.transaction() as conn:
        import_id = await run.begin(conn, user, name="again", size=1, now=clock.now())
    assert (await run.run(db, import_id, [path], clock)).summary.new == 0


@pytest.mark.parametrize(
    "ts", ["1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "2016-12-31T23:59:60Z", "2023-02-29T12:00:00Z", "0000-00-00T00:00:00Z"]
)
async def test_a068_times_that_cannot_be_are_set_aside(db: Database, clock: FakeClock, tmp_path: Path, ts: str) -> None:
    path = exports.write_json(tmp_path / _NAME, [exports.extended(ts), exports.extended()])
    done, _ = await attempt(db, clock, path)
    assert (done.summary.new, done.summary.rejected) == (1, 1)
