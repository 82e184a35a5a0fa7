"""The ledger is only ever added to, and shows when it wasn't."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from audiospective.errors import Invalid
from audiospective.infra.database import Connection, Database
from audiospective.operations import boxes, launch, ledger, mirror
from audiospective.operations.judge import Reading, Status
from audiospective.operations.ledger import Entry, Line
from tests.clock import FakeClock


async def _lines(conn: Connection, clock: FakeClock, count: int = 5) -> list[Line]:
    await ledger.append(conn, [Entry("mara", "box.signed", f"R00{n}", {"status": "signed", "n": n}) for n in range(count)], clock.now())
    return await ledger.whole(conn)


async def test_a_whole_chain_is_whole(conn: Connection, clock: FakeClock) -> None:
    await _lines(conn, clock)
    assert ledger.first_broken(await _lines(conn, clock)) is None
    assert ledger.first_broken([]) is None


@pytest.mark.parametrize("field", ["actor", "event", "subject", "body", "at", "prev_hash", "hash"])
async def test_any_change_of_any_line_is_found(conn: Connection, clock: FakeClock, field: str) -> None:
    lines = await _lines(conn, clock)
    other = lines[2].at + timedelta(microseconds=1) if field == "at" else f"{getattr(lines[2], field)}x"
    changed: Callable[..., Line] = replace
    lines[2] = changed(lines[2], **{field: other})
    assert ledger.first_broken(lines) == 3


@pytest.mark.parametrize("place", [0, 2])
async def test_a_line_taken_out_is_found(conn: Connection, clock: FakeClock, place: int) -> None:
    lines = await _lines(conn, clock)
    del lines[place]
    assert ledger.first_broken(lines) == place + 2


@pytest.mark.parametrize("statement", ["UPDATE ops_ledger SET actor = 'noor'", "DELETE FROM ops_ledger", "TRUNCATE ops_ledger"])
async def test_the_database_refuses_to_change_it(conn: Connection, clock: FakeClock, statement: str) -> None:
    await _lines(conn, clock)
    with pytest.raises(Exception, match="only ever added to"):
        await conn.execute(statement)


async def test_no_secret_is_ever_written(conn: Connection, clock: FakeClock) -> None:
    secret = "canary-secret-9911"
    conn.hidden = (secret,)
    await ledger.append(conn, [Entry(secret, "box.signed", "R042", {"note": f"the key is {secret}"})], clock.now())
    conn.hidden = ()
    (line,) = await ledger.whole(conn)
    assert secret not in f"{line}"
    assert ledger.first_broken([line]) is None


async def test_many_at_once_make_one_chain(db: Database, clock: FakeClock) -> None:
    async def add(number: int) -> None:
        async with db.transaction() as conn:
            await ledger.append(conn, [Entry(f"worker {number}", "box.signed", "R042", {})], clock.now())

    await asyncio.gather(*(add(number) for number in range(8)))
    async with db.reading() as conn:
        lines = await ledger.whole(conn)
    assert (len(lines), ledger.first_broken(lines)) == (8, None)


async def test_what_was_found_is_believed_for_as_long_as_the_box_says(conn: Connection, clock: FakeClock) -> None:
    box = boxes.box("R020")
    await launch.record(conn, [box], {"database.connections": Reading(3, "database")}, actor="ops", now=clock.now())
    (now,) = await launch.standings(conn, [box], clock.now())
    (later,) = await launch.standings(conn, [box], clock.forward(minutes=6))
    assert (now.status, later.status) == (Status.PASS, Status.PENDING)
    assert "too long ago" in later.reason


async def test_a_box_that_no_probe_of_the_profile_reads_is_unknown(conn: Connection, clock: FakeClock) -> None:
    (verdict,) = await launch.record(conn, [boxes.box("R022")], {}, actor="ops", now=clock.now())
    assert verdict.status is Status.UNKNOWN


async def test_somebody_answers_by_name(conn: Connection, clock: FakeClock) -> None:
    await launch.sign(conn, boxes.box("R042"), by="  Mara  Quill ", note="", now=clock.now())
    (standing,) = await launch.standings(conn, [boxes.box("R042")], clock.now())
    assert (standing.status, standing.by) == (Status.SIGNED, "Mara Quill")


@pytest.mark.parametrize(
    ("box", "by", "note"), [("R042", " ", ""), ("R006", "Mara", " "), ("R018", "Mara", "it is fine"), ("R060", "Mara", "looks well")]
)
async def test_nobody_can_sign_without_a_name_a_note_or_for_what_must_be_measured(
    conn: Connection, clock: FakeClock, box: str, by: str, note: str
) -> None:
    with pytest.raises(Invalid):
        await launch.sign(conn, boxes.box(box), by=by, note=note, now=clock.now())


async def test_the_copy_has_what_the_database_has_and_shows_what_it_lost(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    file = tmp_path / "logs" / "ledger.jsonl"
    async with db.transaction() as conn:
        lines = await _lines(conn, clock)
    assert (await mirror.catch_up(db, file), await mirror.catch_up(db, file)) == (len(lines), 0)
    file.write_bytes(file.read_bytes() + b'\n{"seq": 9, "cut')
    async with db.transaction() as conn:
        lines += await ledger.append(conn, [Entry("mara", "box.signed", "R043", {})], clock.now())
    assert await mirror.catch_up(db, file) == 1
    assert mirror.read(file) == lines
    assert mirror.first_differing(file, lines) is None
    assert mirror.first_differing(file, lines[:-1]) == lines[-1].seq
    assert mirror.first_differing(file, [*lines[:-1], replace(lines[-1], hash="0" * 64)]) == lines[-1].seq


async def test_of_a_database_that_was_taken_back_nothing_is_added_until_the_copy_is_put_aside(
    db: Database, clock: FakeClock, tmp_path: Path
) -> None:
    file = tmp_path / "ledger.jsonl"
    async with db.transaction() as conn:
        (line,) = await ledger.append(conn, [Entry("mara", "box.signed", "R042", {})], clock.now())
    file.write_bytes(msgspec.json.encode(replace(line, hash="0" * 64)))
    assert await mirror.catch_up(db, file) is None
    assert mirror.put_aside(file, clock.now()) is not None
    assert await mirror.catch_up(db, file) == 1
