"""A066: a rehearsal is read beside the pages that others look at; however short its rows are, it takes no more memory than it may."""

from __future__ import annotations

from pathlib import Path

import pytest

from audiospective.accounts import people
from audiospective.collect.imports import readers, run
from audiospective.errors import TooLarge
from audiospective.infra.database import Database
from tests.clock import FakeClock

_PLAY = b'{"endTime":"2020-01-01 10:00","artistName":"Marrow Coast","trackName":"Tide","msPlayed":200000}'


@pytest.fixture
async def user(db: Database, clock: FakeClock) -> int:
    async with db.transaction() as conn:
        return (await people.add(conn, "mara", clock.now())).id


@pytest.mark.parametrize("row", [b"1", _PLAY], ids=["rows that can't be read", "plays"])
async def test_more_rows_than_it_takes_are_refused(db: Database, clock: FakeClock, tmp_path: Path, user: int, row: bytes) -> None:
    file = tmp_path / "StreamingHistory_music_0.json"
    file.write_bytes(b"[" + b",".join([_PLAY, *[row] * 1_200_000]) + b"]")
    with pytest.raises(TooLarge, match="500,000 rows at most; import the files instead"):
        await run.rehearse(db, user, [file], clock, most=run.MOST_REHEARSED)


async def test_files_together_have_no_more(db: Database, clock: FakeClock, tmp_path: Path, user: int) -> None:
    for number in range(2):
        (tmp_path / f"StreamingHistory_music_{number}.json").write_bytes(b"[" + b",".join([_PLAY] * 2) + b"]")
    with pytest.raises(TooLarge):
        await run.rehearse(db, user, [tmp_path], clock, most=3)


async def test_a_large_one_is_rehearsed_all_the_same(db: Database, clock: FakeClock, tmp_path: Path, user: int) -> None:
    file = tmp_path / "StreamingHistory_music_0.json"
    file.write_bytes(b"[" + b",".join([_PLAY] * (readers._TINY_BYTES // len(_PLAY) + 100)) + b"]")
    told = await run.rehearse(db, user, [file], clock, most=run.MOST_REHEARSED)
    assert told.status.summary.rows == readers._TINY_BYTES // len(_PLAY) + 100
