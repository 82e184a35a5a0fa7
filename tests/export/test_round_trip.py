"""Out and in again elsewhere: the same archive, as far as the format can carry it (docs/exports.md) (security.md A053)."""

from __future__ import annotations

import csv
import itertools
import json
import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audiospective.accounts import people
from audiospective.archive import catalog, history
from audiospective.archive.ingest import store
from audiospective.archive.plays import UNKNOWN_MS, ArtistFacts, Batch, Flag, Kind, Source, TrackKey, UserId
from audiospective.collect.imports import run as imports
from audiospective.export import run
from audiospective.export.run import Format
from audiospective.infra.database import Database
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone
from tests.archive.listens import EVENING, Heard, facts_of, listens
from tests.clock import FakeClock
from tests.collect.imports import tracker_files

_NAMES = ("Tide", "=SUM(A1)", "'quoted'", 'say "hi", twice', "真夜中", "line\nbreak", "-1", "@home", "\tTab")
_numbers = itertools.count()
_few = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@dataclass(frozen=True, slots=True)
class Row:
    """A play as it is compared: µs, title, ms, kind, what was told of skip, shuffle, offline, incognito."""

    ended_us: int
    title: str
    ms: int
    kind: int
    flags: int


def _life(seed: int) -> list[Heard]:
    """Up to forty plays, minutes apart; some skipped, some spoken."""
    rng = random.Random(seed)
    found = []
    for place in range(rng.randrange(40)):
        kind = rng.choice([Kind.TRACK, Kind.TRACK, Kind.TRACK, Kind.EPISODE, Kind.AUDIOBOOK])
        song = f"{rng.choice(_NAMES)} {kind.name if kind else ''}".rstrip(" ")
        found.append(Heard(place * 700 + rng.randrange(60), song, rng.choice([0, 12_345, 200_000]), kind=kind))
    return found


async def _listener(db: Database, clock: FakeClock) -> UserId:
    async with db.transaction() as conn:
        return (await people.add(conn, f"listener {next(_numbers)}", clock.now())).id


async def _stored(db: Database, clock: FakeClock, seed: int) -> UserId:
    user, heard = await _listener(db, clock), _life(seed)
    told = listens(heard)
    told.flags[:] |= np.array([random.Random(seed + n).choice([0, 4, 8, 16, 32, 64]) for n in range(len(heard))], np.int16)
    facts = {one.key.spotify_id: facts_of(one) for one in heard if one.kind is Kind.TRACK}
    async with db.transaction() as conn:
        await store(conn, [Batch(user, Source.EXTENDED, told, facts=facts)])
    return user


async def _written(db: Database, user: UserId, fmt: Format, folder: Path) -> Path:
    path = folder / f"{next(_numbers)}.{fmt.ending}"
    async with db.reading() as conn:
        pieces = run.stream(conn, user, Zone("Asia/Kathmandu"), Period("all", None, None), fmt=fmt, now=EVENING)
        path.write_bytes(b"".join([piece async for piece in pieces]))
    return path


async def _elsewhere(db: Database, clock: FakeClock, path: Path) -> UserId:
    user = await _listener(db, clock)
    async with db.transaction() as conn:
        import_id = await imports.begin(conn, user, name=path.name, size=1, now=clock.now())
    await imports.run(db, import_id, [path], clock)
    return user


async def _rows(db: Database, user: UserId) -> list[Row]:
    async with db.reading() as conn:
        seen = await history.load(conn, user)
        cards = await catalog.tracks(conn, seen.track_ids.tolist())
    told = int(Flag.SKIPPED | Flag.NOT_SKIPPED | Flag.SHUFFLE | Flag.OFFLINE | Flag.INCOGNITO)
    titles = [cards[one].name for one in seen.track_ids[seen.track].tolist()]
    columns = (seen.ended_at.tolist(), titles, seen.ms_played.tolist(), (seen.flags & 3).tolist(), (seen.flags & told).tolist())
    return [Row(*row) for row in zip(*columns, strict=True)]


@pytest.mark.parametrize("fmt", [Format.CSV, Format.JSON])
@_few
@given(seed=st.integers(0, 10_000))
async def test_our_own_formats_bring_back_what_was_heard(db: Database, clock: FakeClock, tmp_path: Path, fmt: Format, seed: int) -> None:
    clock.forward(seconds=1)
    user = await _stored(db, clock, seed)
    if not (before := await _rows(db, user)):
        return
    after = await _rows(db, await _elsewhere(db, clock, await _written(db, user, fmt, tmp_path)))
    assert [(one.ended_us, one.title, one.ms, one.kind) for one in after] == [(one.ended_us, one.title, one.ms, one.kind) for one in before]


@_few
@given(seed=st.integers(0, 10_000))
async def test_spotifys_own_format_brings_back_the_evidence_too(db: Database, clock: FakeClock, tmp_path: Path, seed: int) -> None:
    clock.forward(seconds=1)
    user = await _stored(db, clock, seed)
    if not (before := await _rows(db, user)):
        return
    assert await _rows(db, await _elsewhere(db, clock, await _written(db, user, Format.SPOTIFY, tmp_path))) == before


@_few
@given(seed=st.integers(0, 10_000))
async def test_listenbrainz_brings_back_when_music_began(db: Database, clock: FakeClock, tmp_path: Path, seed: int) -> None:
    clock.forward(seconds=1)
    user = await _stored(db, clock, seed)
    music = [one for one in await _rows(db, user) if one.kind == Kind.TRACK]
    if not music:
        return
    after = await _rows(db, await _elsewhere(db, clock, await _written(db, user, Format.LISTENBRAINZ, tmp_path)))
    began = sorted(((one.ended_us - one.ms * 1000) // 1_000_000, one.title) for one in music)
    length = 200_000_000
    assert sorted(((one.ended_us - length) // 1_000_000, one.title) for one in after) == began


def _asked(question: str) -> list[Any]:
    import duckdb  # noqa: PLC0415 (every worker collects this file, and one has use for it)

    return duckdb.execute(question).fetchall()


async def test_parquet_is_read_by_another_program(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    user = await _stored(db, clock, 7)
    path = await _written(db, user, Format.PARQUET, tmp_path)
    found = _asked(f"SELECT epoch_us(played_at), track, ms_played, kind FROM '{path}' ORDER BY 1")
    expected = [(one.ended_us, one.title, one.ms, Kind(one.kind).name.lower()) for one in await _rows(db, user)]
    assert found == expected


async def test_an_empty_archive_is_a_parquet_file_too(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    path = await _written(db, await _listener(db, clock), Format.PARQUET, tmp_path)
    assert _asked(f"SELECT count(*) FROM '{path}'") == [(0,)]


async def test_offline_plays_keep_the_stamp_and_the_truth(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    user = await _listener(db, clock)
    told = replace(listens([Heard(0, "On the train", 200_000)]), shifted_s=np.array([7200], np.int32))
    async with db.transaction() as conn:
        await store(conn, [Batch(user, Source.EXTENDED, told)])
    path = await _written(db, user, Format.SPOTIFY, tmp_path)
    assert f'"ts":"{EVENING + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"' in path.read_text()
    (back,) = await _rows(db, await _elsewhere(db, clock, path))
    assert back.ended_us == int(EVENING.timestamp()) * 1_000_000


async def test_an_offline_play_keeps_the_stamp_that_spotify_gave_it(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    user = await _listener(db, clock)
    heard = listens([Heard(0.663, "On the train", 200_000)])
    told = replace(heard, shifted_s=np.array([7199], np.int32), flags=np.array([Flag.OFFLINE], np.int16))
    async with db.transaction() as conn:
        await store(conn, [Batch(user, Source.EXTENDED, told)])
    path = await _written(db, user, Format.SPOTIFY, tmp_path)
    assert f'"ts":"{EVENING + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"' in path.read_text()
    again = await _written(db, await _elsewhere(db, clock, path), Format.SPOTIFY, tmp_path)
    assert again.read_bytes() == path.read_bytes()


async def test_a_trackers_play_ends_in_spotifys_format_when_it_ended(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    user = await _listener(db, clock)
    told = replace(listens([Heard(0, "Tide", 200_000)]), shifted_s=np.array([-200], np.int32))
    async with db.transaction() as conn:
        await store(conn, [Batch(user, Source.LISTENBRAINZ, told)])
    path = await _written(db, user, Format.SPOTIFY, tmp_path)
    assert await _rows(db, await _elsewhere(db, clock, path)) == await _rows(db, user)


async def test_our_table_read_again_adds_nothing(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    user = await _listener(db, clock)
    names = ("Ash; Coast", "; semi", "Ash;Coast", "Ash;", "Ash;; ", "a;;; b;", "Ash")
    heard = [Heard(place * 700, "Tide", 200_000, address=False, artist=name) for place, name in enumerate(names)]
    several = Heard(9000, "Harbour", 200_000)
    two = msgspec.structs.replace(facts_of(several), artists=(ArtistFacts("1", "Ash;"), ArtistFacts("2", "Coast")))
    async with db.transaction() as conn:
        await store(conn, [Batch(user, Source.EXTENDED, listens([*heard, several]), facts={several.key.spotify_id: two})])
        import_id = await imports.begin(conn, user, name="back", size=1, now=clock.now())
    path = await _written(db, user, Format.CSV, tmp_path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert [row["artists"] for row in csv.DictReader(file)][-1] == "Ash;;; Coast"
    before = await _rows(db, user)
    await imports.run(db, import_id, [path], clock)
    assert await _rows(db, user) == before


@pytest.mark.parametrize("fmt", [Format.CSV, Format.JSON])
async def test_what_has_only_an_address_or_a_title_comes_back(db: Database, clock: FakeClock, tmp_path: Path, fmt: Format) -> None:
    user = await _listener(db, clock)
    told = listens([Heard(0, "withdrawn", 200_000), Heard(700, "untagged.mp3", 200_000, address=False)])
    keys = [TrackKey(0, told.keys[0].spotify_id, "", "", ""), TrackKey(0, "", "untagged.mp3", "", "")]
    async with db.transaction() as conn:
        await store(conn, [Batch(user, Source.EXTENDED, replace(told, keys=keys))])
    after = await _rows(db, await _elsewhere(db, clock, await _written(db, user, fmt, tmp_path)))
    assert after == await _rows(db, user)
    assert len(after) == 2


async def test_a_finished_play_of_unknown_length_is_as_long_as_its_track(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    user = await _listener(db, clock)
    heard = Heard(0, "Tide", UNKNOWN_MS)
    async with db.transaction() as conn:
        await store(conn, [Batch(user, Source.API, listens([heard]), facts={heard.key.spotify_id: facts_of(heard)})])
    (back,) = await _rows(db, await _elsewhere(db, clock, await _written(db, user, Format.SPOTIFY, tmp_path)))
    assert back.ms == 200_000


async def test_no_cell_of_the_csv_is_a_formula(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    path = await _written(db, await _stored(db, clock, 11), Format.CSV, tmp_path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


async def test_what_a_tracker_told_goes_out_at_the_second_at_which_it_was_told(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    told = tracker_files.listen(tracker_files.FIRST, "Low Tide Choir", "Marrow Coast", "Estuary", duration_ms=200_417)
    (tmp_path / "6.jsonl").write_text(json.dumps(told) + "\n", encoding="utf-8")
    user = await _elsewhere(db, clock, tmp_path / "6.jsonl")
    out = await _written(db, user, Format.LISTENBRAINZ, tmp_path)
    assert json.loads(out.read_bytes())["listened_at"] == tracker_files.FIRST
    (row,) = json.loads((await _written(db, user, Format.SPOTIFY, tmp_path)).read_bytes())
    assert datetime.fromisoformat(row["ts"]).timestamp() == tracker_files.FIRST + 200
