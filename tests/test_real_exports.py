"""Real exports beside the checkout, with the totals that a separate program counted (`make real`).

That program counts a row once for each (stamp, address, ms). We count listenings, so each difference, row by row, must be one of:

- *twin*: same moment and track as a longer row; the longest stands for both;
- *sent again*: heard offline, and sent twice: other stamps, but begun at one moment and as long;
- *offline*: heard offline, so its stamp is the time of upload: it counts when it was heard, beside others of the same stamp and length.

The rows are read here once more by a plain program of a few lines, and ours must agree with it.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from audiospective.archive import catalog, history
from audiospective.archive.plays import UserId
from audiospective.collect.imports import run
from audiospective.collect.imports.detect import open_export
from audiospective.collect.imports.readers import parse_file
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Database, fetch_all
from audiospective.insights import stats, top, trends
from audiospective.insights.lens import Lens
from audiospective.insights.listening import Listening, see
from audiospective.insights.period import parse
from audiospective.insights.zones import Zone

pytestmark = pytest.mark.real

FOLDER = Path(os.environ.get("AUDIOSPECTIVE_REAL_EXPORTS", Path(__file__).parents[2] / "shared" / "data"))
FOUND: dict[str, dict[str, Any]] = json.loads((FOLDER / "truth.json").read_text("utf-8")) if (FOLDER / "truth.json").is_file() else {}
EXTENDED = sorted(name for name, truth in FOUND.items() if "extended" in truth)
ACCOUNT = sorted(name for name, truth in FOUND.items() if "account" in truth)
_ADD = "INSERT INTO people (name, display_name, created_at) VALUES (%(name)s, %(name)s, %(now)s) RETURNING id"
Row = dict[str, Any]


def test_the_real_exports_are_there() -> None:
    assert FOUND, f"{FOLDER} holds no truth.json; name a folder with real exports in AUDIOSPECTIVE_REAL_EXPORTS"


def rows_of(name: str, key: str) -> dict[str, list[Row]]:
    """The files of a package whose rows have this key."""
    with zipfile.ZipFile(FOLDER / name / "my_spotify_data.zip") as package:
        files = {member: json.loads(package.read(member)) for member in package.namelist() if member.endswith(".json")}
    return {member: rows for member, rows in files.items() if isinstance(rows, list) and rows and key in rows[0]}


def flat(files: dict[str, list[Row]]) -> list[Row]:
    return [row for rows in files.values() for row in rows]


def heard_at(row: Row) -> float:
    """When it ended, in seconds."""
    stamp = datetime.fromisoformat(row["ts"]).timestamp()
    told = row["offline_timestamp"] or 0
    start = told / 1000 if told > 1e11 else told
    is_offline = row["offline"] and datetime(2008, 1, 1, tzinfo=UTC).timestamp() < start <= stamp
    return start + row["ms_played"] / 1000 if is_offline else stamp


def listenings(rows: Iterable[Row]) -> list[Row]:
    """One row for each listening of a track: the longest of those that ended at one moment; of 30 s or more."""
    longest: dict[tuple[str, int], Row] = {}
    for row in rows:
        if uri := row.get("spotify_track_uri"):
            place = (uri, round(heard_at(row) * 1000))
            if place not in longest or row["ms_played"] > longest[place]["ms_played"]:
                longest[place] = row
    return [row for row in longest.values() if row["ms_played"] >= 30_000]


async def someone(db: Database, name: str) -> UserId:
    async with db.transaction() as conn:
        return UserId((await fetch_all(conn, _ADD, int, name=name, now=SystemClock().now()))[0])


async def bring(db: Database, user: UserId, *paths: Path) -> run.ImportStatus:
    clock = SystemClock()
    async with db.transaction() as conn:
        import_id = await run.begin(conn, user, name=paths[0].name, size=1, now=clock.now())
    return await run.run(db, import_id, paths, clock)


async def everything(db: Database, user: UserId) -> Listening:
    now = SystemClock().now()
    async with db.reading() as conn:
        return see(await history.load(conn, user), Zone("UTC"), parse("all", now, Zone("UTC")), Lens(), now)


async def by_year(seen: Listening) -> dict[str, int]:
    years: Counter[str] = Counter()
    for month in trends.trends(seen, trends.Interval.MONTH):
        years[str(month.start.year)] += month.plays
    return {year: plays for year, plays in years.items() if plays}


def unpacked(folder: Path, files: dict[str, list[Row]]) -> Path:
    folder.mkdir()
    for member, rows in files.items():
        (folder / Path(member).name).write_text(json.dumps(rows), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", EXTENDED)
async def test_an_extended_history_counts_as_the_other_program_but_for_rows_that_are_explained(
    db: Database, name: str, tmp_path: Path
) -> None:
    truth, files = FOUND[name]["extended"], rows_of(name, "ms_played")
    rows = [row for row in flat(files) if row.get("spotify_track_uri") and row["ms_played"] >= 30_000]
    theirs = {(row["ts"], row["spotify_track_uri"], row["ms_played"]): row for row in rows}
    assert (len(flat(files)), len(theirs)) == (truth["rows"], truth["plays_ge_30s"])
    ours = listenings(flat(files))
    counts = Counter((row["ts"], row["spotify_track_uri"], row["ms_played"]) for row in ours)
    ends = {(row["spotify_track_uri"], round(heard_at(row) * 1000)): row["ms_played"] for row in ours}
    missing = [row for place, row in theirs.items() if place not in counts]
    extra = [theirs[place] for place, count in counts.items() if count > 1]
    longer = [ends[row["spotify_track_uri"], round(heard_at(row) * 1000)] - row["ms_played"] for row in missing]
    assert all(more > 0 or (more == 0 and row["offline"]) for more, row in zip(longer, missing, strict=True)), "a twin or sent again"
    assert all(row["offline"] for row in extra), "each further row was heard offline"
    user = await someone(db, name)
    done = (await bring(db, user, unpacked(tmp_path / "extended", files))).summary
    seen = await everything(db, user)
    added = sum(count - 1 for count in counts.values())
    told = f"{len(theirs):,} rows − {len(missing)} twins or sent again + {added} heard offline = {len(seen):,} plays"
    print(f"\n{name}: {told}; {done}")
    assert done.rows == truth["rows"] == done.new + done.duplicates + done.rejected
    assert len(seen) == len(theirs) - len(missing) + added == len(ours)
    assert await by_year(seen) == Counter(str(datetime.fromtimestamp(heard_at(row), UTC).year) for row in ours)
    assert stats.stats(seen).listened_ms == sum(row["ms_played"] for row in ours)


@pytest.mark.parametrize("name", EXTENDED)
async def test_tops_are_those_of_the_rows(db: Database, name: str, tmp_path: Path) -> None:
    files = rows_of(name, "ms_played")
    user = await someone(db, name)
    await bring(db, user, unpacked(tmp_path / "extended", files))
    seen = await everything(db, user)
    ours = sorted(listenings(flat(files)), key=heard_at)
    async with db.reading() as conn:
        artists = top.artists(seen, 10)
        names = await catalog.artists(conn, [one.id for one in artists])
        tracks = top.tracks(seen, 10)
        cards = await catalog.tracks(conn, [one.id for one in tracks])
    expected = Counter(row["master_metadata_album_artist_name"] for row in ours)
    assert [one.plays for one in artists] == [plays for _, plays in expected.most_common(10)]
    assert all(expected[names[one.id].name] == one.plays for one in artists)
    by_uri = Counter(row["spotify_track_uri"] for row in ours)
    assert [(f"spotify:track:{cards[one.id].spotify_id}", one.plays) for one in tracks] == by_uri.most_common(10)


@pytest.mark.parametrize("name", ACCOUNT)
async def test_account_data_counts_exactly_as_the_other_program(db: Database, name: str, tmp_path: Path) -> None:
    truth, files = FOUND[name]["account"], rows_of(name, "endTime")
    user = await someone(db, name)
    done = (await bring(db, user, unpacked(tmp_path / "account", files))).summary
    seen = await everything(db, user)
    assert (done.rows, done.rejected, done.new + done.duplicates) == (truth["rows"], 0, truth["rows"])
    assert len(seen) == truth["plays_ge_30s"]
    assert await by_year(seen) == truth["plays_ge_30s_by_year"]
    assert stats.stats(seen).listened_ms == truth["ms_played_plays_ge_30s"]
    assert stats.stats(seen).unique_artists == truth["distinct_artists_plays"]
    async with db.reading() as conn:
        artists = top.artists(seen, 10)
        names = await catalog.artists(conn, [one.id for one in artists])
    assert [[names[one.id].name, one.plays] for one in artists] == truth["top_artists"]


@pytest.mark.parametrize("name", sorted(set(EXTENDED) & set(ACCOUNT)))
async def test_both_packages_of_one_person_in_either_order_count_the_overlap_once(db: Database, name: str, tmp_path: Path) -> None:
    extended = unpacked(tmp_path / "extended", rows_of(name, "ms_played"))
    account = unpacked(tmp_path / "account", rows_of(name, "endTime"))
    archives = []
    for order in ((extended, account), (account, extended)):
        user = await someone(db, f"{name}-{order[0].name}")
        done = [(await bring(db, user, folder)).summary for folder in order]
        seen = await everything(db, user)
        archives.append((seen.ended_at.tolist(), seen.history.track_ids[seen.track].tolist(), seen.ms.tolist()))
        print(f"\n{name}, {order[0].name} first: {[(one.rows, one.new, one.duplicates, one.rejected) for one in done]}")
        assert done[1].duplicates >= 500
    assert archives[0][0] == archives[1][0]
    assert archives[0][2] == archives[1][2]


@pytest.mark.parametrize("name", sorted(FOUND))
async def test_a_second_run_adds_nothing(db: Database, name: str) -> None:
    user = await someone(db, name)
    package = FOLDER / name / "my_spotify_data.zip"
    first, again = (await bring(db, user, package)).summary, (await bring(db, user, package)).summary
    assert (again.rows, again.new, again.rejected) == (first.rows, 0, first.rejected)


OTHERS = [path for folder in ("lastfm-csv", "other-trackers") for path in sorted((FOLDER / folder).glob("*"))]


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.name)
def test_every_row_of_another_trackers_file_is_a_listen(path: Path) -> None:
    parsed = [parse_file(member, datetime(2026, 11, 23, tzinfo=UTC)) for member in open_export([path]).files]
    assert sum(len(one.listens) for one in parsed) == sum(one.rows for one in parsed) > 0
