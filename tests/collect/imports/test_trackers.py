"""Files of other trackers and of this program: known by what is in them, every row a listen or named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.accounts import people
from audiospective.archive import history
from audiospective.archive.ingest import store
from audiospective.archive.plays import Kind, Source, UserId
from audiospective.collect.imports import run
from audiospective.collect.imports.columns import ParsedFile
from audiospective.collect.imports.detect import open_export
from audiospective.collect.imports.listenbrainz import spotify_id
from audiospective.collect.imports.own import plain
from audiospective.collect.imports.readers import parse_file
from audiospective.errors import Invalid
from audiospective.export import run as out
from audiospective.export.to_csv import cell
from audiospective.infra.database import Database
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock
from tests.collect.imports import exports, tracker_files
from tests.collect.imports.tracker_files import FILES, FIRST, SECOND, TITLES

_NOW = datetime(2026, 3, 18, tzinfo=UTC)


def read(folder: Path, name: str, content: bytes) -> ParsedFile:
    """The file, as an import reads it."""
    path = folder / name
    path.write_bytes(content)
    (member,) = open_export([path]).files
    return parse_file(member, _NOW)


def told(parsed: ParsedFile) -> list[tuple[int, str]]:
    """(second, title) of each listen, by time; the minute where a format has no more."""
    listens = parsed.listens
    rows = zip((listens.ended_at // 60_000_000).tolist(), listens.track.tolist(), strict=True)
    return sorted((minute, listens.keys[track].name) for minute, track in rows)


@pytest.mark.parametrize("kind", FILES)
def test_every_format_is_known_by_its_content_and_tells_the_same(tmp_path: Path, kind: str) -> None:
    name, _, made = FILES[kind]
    path = tmp_path / "something.csv"
    path.write_bytes(made())
    assert open_export([path]).format == name
    parsed = read(tmp_path, "something.json", made())
    assert told(parsed) == [(FIRST // 60, TITLES[0]), (SECOND // 60, TITLES[1])]
    assert (parsed.rows, parsed.rejected) == (2, ())
    assert {key.artist for key in parsed.listens.keys} == {"Marrow Coast", "Ilse Vandermeer"}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_an_editor_made_of_a_file_is_read_all_the_same(tmp_path: Path, kind: str, encoding: str) -> None:
    text = FILES[kind][2]().decode("utf-8-sig")
    assert len(told(read(tmp_path, "edited", text.encode(encoding)))) == 2


@pytest.mark.parametrize("kind", FILES)
def test_all_are_found_in_a_zip(tmp_path: Path, kind: str) -> None:
    name, usual, made = FILES[kind]
    sent = exports.write_zip(tmp_path / "sent.zip", **{f"listens__2025__{usual}": made(), "user.json": b'{"user_id": 46008}'})
    assert open_export([sent]).format == name


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"Marrow Coast,Estuary,Low Tide Choir,13 Jun 2025 00:55\nMarrow Coast,Estuary,Low Tide Choir,\n", "doesn't tell when"),
        (b"artist,album,track,uts\nMarrow Coast,,Tide,0\n", "doesn't tell when"),
        (b"artist,album,track,uts\nMarrow Coast,,Tide,86400\n", "before there were scrobbles"),
        (b"artist,album,track,uts\nMarrow Coast,,Tide,1999999999\n", "in the future"),
        (b"artist,album,track,uts\nMarrow Coast,,,1749776100\n", "doesn't name a track"),
        (b"artist,album,track,uts\nMarrow Coast,Tide\n", "has 2 columns"),
        (json.dumps(tracker_files.listen(-5, "Tide", "Marrow Coast", "")).encode(), "doesn't tell when"),
        (b'{"listened_at": 1749776100, "track_metadata": 7}\n', "can't be read"),
        (b'{"maloja": {}, "scrobbles": [{"time": "soon", "track": {"title": "Tide", "artists": ["A"]}}]}', "can't be read"),
        (b'{"exported_at": "", "listens": [{"track": {"aliases": []}}]}', "doesn't tell when"),
        (b'[{"track": [{"name": "Tide", "artist": {"#text": "A"}, "@attr": {"nowplaying": "true"}}]}]', "doesn't tell when"),
    ],
)
def test_a_bad_row_is_set_aside_and_says_why(tmp_path: Path, content: bytes, reason: str) -> None:
    parsed = read(tmp_path, "bad.json", content)
    assert reason in parsed.rejected[-1].reason
    assert parsed.rows == len(parsed.listens) + len(parsed.rejected)


def test_a_document_that_breaks_off_is_refused_whole(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="isn't the JSON that it seems to be"):
        read(tmp_path, "cut.json", tracker_files.maloja()[:-20])


def test_a_length_moves_the_end_and_is_remembered(tmp_path: Path) -> None:
    line = json.dumps(tracker_files.listen(FIRST, "Tide", "Marrow Coast", "", duration_ms=245_000)).encode()
    parsed = read(tmp_path, "6.jsonl", line)
    assert (parsed.listens.ended_at[0] // 1_000_000, parsed.listens.shifted_s[0]) == (FIRST + 245, -245)


@pytest.mark.parametrize(
    ("address", "bare"),
    [
        ("https://open.spotify.com/track/4hsCp1AwBQwLgrV4qQNE21", "4hsCp1AwBQwLgrV4qQNE21"),
        ("https://open.spotify.com/intl-de/track/4hsCp1AwBQwLgrV4qQNE21?si=1", "4hsCp1AwBQwLgrV4qQNE21"),
        ("spotify:track:4hsCp1AwBQwLgrV4qQNE21", "4hsCp1AwBQwLgrV4qQNE21"),
        ("https://evil.test/track/4hsCp1AwBQwLgrV4qQNE21", ""),
        (None, ""),
    ],
)
def test_a_spotify_address_gives_its_id(address: str | None, bare: str) -> None:
    assert spotify_id(address) == bare


@given(st.text())
def test_a_cell_comes_back_as_it_was(text: str) -> None:
    written = cell(text)
    if written.startswith('"') and written.endswith('"') and len(written) > 1:
        written = written[1:-1].replace('""', '"')
    assert plain(written) == text


cells = st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.tuples(cells, cells, cells, st.sampled_from(["", "0", "1749776100", "99999999999", "13 Jun 2025 00:55", "soon"]))))
def test_every_row_is_a_listen_or_set_aside(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]) -> None:
    lines = ["artist,album,track,uts", *(",".join('"' + one.replace('"', '""') + '"' for one in row) for row in rows)]
    parsed = read(tmp_path_factory.mktemp("rows"), "rows.csv", "\n".join(lines).encode())
    assert parsed.rows == len(rows) == len(parsed.listens) + len(parsed.rejected)


async def bring(db: Database, user: UserId, path: Path, clock: FakeClock) -> run.ImportRow:
    async with db.transaction() as conn:
        import_id = await run.begin(conn, user, name=path.name, size=1, now=clock.now())
    return (await run.run(db, import_id, [path], clock)).summary


@pytest.mark.parametrize("kind", FILES)
async def test_read_twice_it_adds_nothing(db: Database, clock: FakeClock, tmp_path: Path, kind: str) -> None:
    user = await _somebody(db)
    path = tmp_path / FILES[kind][1]
    path.write_bytes(FILES[kind][2]())
    first, again = await bring(db, user, path, clock), await bring(db, user, path, clock)
    assert ((first.rows, first.new), (again.rows, again.new, again.duplicates)) == ((2, 2), (2, 0, 2))


@pytest.mark.parametrize("order", [0, 1])
async def test_a_scrobble_and_spotifys_export_of_one_listening_are_one_play(
    db: Database, clock: FakeClock, tmp_path: Path, order: int
) -> None:
    user = await _somebody(db)
    scrobbles = tmp_path / "scrobbles.csv"
    scrobbles.write_bytes(tracker_files.lastfm_header())
    spotify = exports.write_json(
        tmp_path / "spotify.json",
        [exports.extended("2025-06-13T00:58:20Z", 200_000, track="Low Tide Choir", master_metadata_album_artist_name="Marrow Coast")],
    )
    for path in (scrobbles, spotify) if order else (spotify, scrobbles):
        await bring(db, user, path, clock)
    async with db.transaction() as conn:
        assert sorted((await history.load(conn, user)).source.tolist()) == [Source.EXTENDED, Source.LASTFM]


@pytest.mark.parametrize("fmt", ["csv", "json"])
async def test_an_archive_taken_elsewhere_is_the_same_archive(db: Database, clock: FakeClock, tmp_path: Path, fmt: str) -> None:
    here, there = await _somebody(db), await _somebody(db, "noor")
    names = ["=1+1", "'quoted'", 'say "hi", twice', "two\nlines", "@home", "Ünïcödé שלום", "-", "plain"]
    heard = [Heard(n * 1000 + n / 1000, name, n * 1000 if n % 2 else -1, artist=f"{name}!") for n, name in enumerate(names)]
    async with db.transaction() as conn:
        await store(conn, [batch(here, Source.EXTENDED, *heard, Heard(50_000, "A talk", 60_000, kind=Kind.EPISODE))])
        path = tmp_path / f"archive.{fmt}"
        stream = out.stream(conn, here, Zone("UTC"), Period("all", None, None), fmt=out.Format(fmt), now=clock.now())
        pieces = [piece async for piece in stream]
    path.write_bytes(b"".join(pieces))
    await bring(db, there, path, clock)
    async with db.transaction() as conn:
        one, other = await history.load(conn, here), await history.load(conn, there)
    for column in ("ended_at", "ms_played"):
        assert getattr(one, column).tolist() == getattr(other, column).tolist()
    assert one.track_ids[one.track].tolist() == other.track_ids[other.track].tolist()
    assert (one.flags & 3).tolist() == (other.flags & 3).tolist()


async def _somebody(db: Database, name: str = "mara") -> UserId:
    async with db.transaction() as conn:
        return (await people.add(conn, name, now=datetime(2026, 1, 1, tzinfo=UTC))).id
