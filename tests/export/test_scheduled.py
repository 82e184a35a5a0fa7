"""Copies that go by themselves: to a folder, to a bucket; what came of them; nothing half, nothing twice, no key in sight."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import stat
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from audiospective.accounts import people
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.errors import Invalid, Unavailable
from audiospective.export import run, scheduled
from audiospective.export.scheduled import Bucket, Outside, Schedule
from audiospective.infra import object_store
from audiospective.infra.database import Database, fetch_all
from audiospective.infra.egress import public_session
from audiospective.infra.sealing import Sealer
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock
from tests.simulators.bucket import KEY_ID, REGION, SECRET, Store, bucket_store

_HERE = {"127.0.0.1"}
SEALER = Sealer(["a secret of the tests"])


@pytest.fixture
async def mara(db: Database, clock: FakeClock) -> int:
    async with db.transaction() as conn:
        person = await people.add(conn, "mara", clock.now())
        await store(conn, [batch(person.id, Source.API, Heard(0, "Tide"), Heard(300, "Harbour"))])
    return person.id


@pytest.fixture
async def there() -> AsyncIterator[Store]:
    async with bucket_store() as running:
        yield running


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    async with public_session(_HERE, agent="test") as http:
        yield Outside(http, tmp_path / "copies")


def _bucket(there: Store, **other: str) -> Bucket:
    told = {"endpoint": there.url, "region": REGION, "bucket": "archive", "prefix": "music/", "key_id": KEY_ID, "secret": SECRET}
    return Bucket(**(told | other))


async def _to_bucket(db: Database, user: int, bucket: Bucket, clock: FakeClock, fmt: run.Format = run.Format.CSV) -> None:
    async with db.transaction() as conn:
        await scheduled.to_bucket(conn, SEALER, user, bucket, fmt, every="week", now=clock.now(), local_hosts=_HERE)


async def _stands(db: Database, user: int) -> Schedule:
    async with db.reading() as conn:
        found = await scheduled.find(conn, user)
    assert found is not None
    return found


async def test_a_copy_arrives_in_the_bucket_once_a_week(db: Database, mara: int, clock: FakeClock, there: Store, outside: Outside) -> None:
    await _to_bucket(db, mara, _bucket(there), clock)
    assert [await scheduled.copy_due(db, SEALER, clock, outside) for _ in range(2)] == [1, 0]
    (arrived,) = there.files.items()
    assert arrived[0] == "/archive/music/spotify-archive-2026-03-18.csv"
    assert len(list(csv.DictReader(io.StringIO(arrived[1].decode("utf-8-sig"))))) == 2
    told = await _stands(db, mara)
    assert (told.troubles, told.outcome, told.bytes_sent) == (0, "spotify-archive-2026-03-18.csv arrived.", len(arrived[1]))
    clock.forward(days=7, seconds=1)
    assert await scheduled.copy_due(db, SEALER, clock, outside) == 1
    assert len(there.files) == 2


@pytest.mark.parametrize("trouble", [("wrong", 200, "403"), (SECRET, 404, "no such bucket"), (SECRET, 503, "503")])
async def test_what_does_not_arrive_is_said_and_tried_again_later(
    db: Database, mara: int, clock: FakeClock, there: Store, outside: Outside, trouble: tuple[str, int, str]
) -> None:
    secret, there.answer, said = trouble
    await _to_bucket(db, mara, _bucket(there, secret=secret), clock)
    pauses = []
    for _ in range(3):
        assert await scheduled.copy_due(db, SEALER, clock, outside) == 1
        told = await _stands(db, mara)
        pauses.append(told.due_at - clock.now())
        clock.forward(seconds=int((told.due_at - clock.now()).total_seconds()) + 1)
    assert pauses == [timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1)]
    assert (told.troubles, said in told.outcome, there.files) == (3, True, {})
    assert [secret for secret in (SECRET, "wrong", KEY_ID, there.url) if secret in told.outcome] == []


async def test_a_host_that_no_name_can_have_is_no_answer(clock: FakeClock, outside: Outside, tmp_path: Path) -> None:
    """Or the copies of everybody whose turn is later would wait with it."""
    (tmp_path / "file").write_bytes(b"x")
    nowhere = object_store.Credentials("https://a..example.org", REGION, "archive", KEY_ID, SECRET)
    with pytest.raises(Unavailable, match="can't be reached"):
        await object_store.put(outside.http, nowhere, "file", tmp_path / "file", clock.now())


async def test_nobody_waits_long_behind_a_store_that_says_nothing(
    db: Database, mara: int, clock: FakeClock, there: Store, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_store, "_ANSWER_S", 0.2)
    there.answer = 0
    await _to_bucket(db, mara, _bucket(there), clock)
    async with asyncio.timeout(10):
        assert await scheduled.copy_due(db, SEALER, clock, outside) == 1
    assert "can't be reached" in (await _stands(db, mara)).outcome


async def test_a_copy_in_the_folder_is_whole_and_its_owners_alone(db: Database, mara: int, clock: FakeClock, outside: Outside) -> None:
    assert outside.folder is not None
    async with db.transaction() as conn:
        await scheduled.to_folder(conn, mara, run.Format.READING_COPY, "day", folder=outside.folder, now=clock.now())
    await scheduled.copy_due(db, SEALER, clock, outside)
    (path,) = (outside.folder / "mara").iterdir()
    assert (path.name, path.read_bytes()[:2]) == ("spotify-archive-2026-03-18.zip", b"PK")
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o600, 0o700]


async def test_a_copy_is_in_its_owners_language(db: Database, mara: int, clock: FakeClock, outside: Outside) -> None:
    assert outside.folder is not None
    async with db.transaction() as conn:
        await people.set_preferences(conn, mara, language="de-DE")
        await scheduled.to_folder(conn, mara, run.Format.READING_COPY, "day", folder=outside.folder, now=clock.now())
    await scheduled.copy_due(db, SEALER, clock, outside)
    (made,) = outside.folder.rglob("*.zip")
    with zipfile.ZipFile(made) as whole:
        (page,) = (whole.read(name).decode() for name in whole.namelist() if name.endswith("index.html"))
    assert '<html lang="de-DE" dir="ltr">' in page


async def test_a_folder_that_is_a_link_elsewhere_is_not_written(
    db: Database, mara: int, clock: FakeClock, outside: Outside, tmp_path: Path
) -> None:
    assert outside.folder is not None
    outside.folder.mkdir()
    (tmp_path / "elsewhere").mkdir()
    os.symlink(tmp_path / "elsewhere", outside.folder / "mara")
    async with db.transaction() as conn:
        await scheduled.to_folder(conn, mara, run.Format.CSV, "day", folder=outside.folder, now=clock.now())
    await scheduled.copy_due(db, SEALER, clock, outside)
    assert (list((tmp_path / "elsewhere").iterdir()), (await _stands(db, mara)).troubles) == ([], 1)


async def test_without_a_folder_of_the_instance_there_is_none_for_anybody(db: Database, mara: int, clock: FakeClock) -> None:
    async with db.transaction() as conn:
        with pytest.raises(Invalid, match="EXPORT_FOLDER"):
            await scheduled.to_folder(conn, mara, run.Format.CSV, "day", folder=None, now=clock.now())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"endpoint": "https://169.254.169.254"}, "endpoint"),
        ({"endpoint": "https://localhost"}, "endpoint"),
        ({"bucket": "../x"}, "bucket"),
        ({"prefix": "../"}, "prefix"),
        ({"prefix": "no-slash"}, "prefix"),
        ({"secret": ""}, "secret"),
        ({"region": "a\r\nb"}, "region"),
    ],
)
async def test_a_bucket_that_can_not_be_is_refused_by_name(
    db: Database, mara: int, clock: FakeClock, there: Store, change: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await _to_bucket(db, mara, _bucket(there, **change), clock)
    assert refused.value.details["field"] == field


async def test_no_key_can_be_read_in_the_database(db: Database, mara: int, clock: FakeClock, there: Store) -> None:
    await _to_bucket(db, mara, _bucket(there), clock)
    async with db.reading() as conn:
        (row,) = await fetch_all(conn, "SELECT encode(target, 'escape') || s::text FROM scheduled_exports s", str)
    assert [secret for secret in (SECRET, KEY_ID, there.url) if secret in row] == []


async def test_a_stopped_copy_goes_no_more(db: Database, mara: int, clock: FakeClock, there: Store, outside: Outside) -> None:
    await _to_bucket(db, mara, _bucket(there), clock)
    async with db.transaction() as conn:
        await scheduled.stop(conn, mara)
    assert await scheduled.copy_due(db, SEALER, clock, outside) == 0
