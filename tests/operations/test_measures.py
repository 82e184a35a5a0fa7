"""What is counted is kept by the minute and the hour, whoever counts, and forgotten in time."""

from __future__ import annotations

from datetime import timedelta

from audiospective.infra.database import Database
from audiospective.operations import measures
from audiospective.operations.measures import Cell, Recorder
from tests.clock import FakeClock


async def _kept(db: Database, clock: FakeClock, *, by_hour: bool = False) -> list[Cell]:
    since, until = clock.now() - timedelta(days=40), clock.now() + timedelta(minutes=1)
    async with db.reading() as conn:
        return await (measures.hours if by_hour else measures.minutes)(conn, since, until)


async def test_many_processes_add_up(db: Database, clock: FakeClock) -> None:
    one, other = Recorder(), Recorder()
    for recorder in (one, other, one):
        recorder.note(clock.now(), "page", "2xx", 40)
        recorder.note(clock.now(), "page", "5xx", 1200)
        await recorder.flush(db)
    cells = await _kept(db, clock)
    assert (measures.requests(cells), measures.failures(cells)) == (6, 3)
    assert measures.requests(await _kept(db, clock, by_hour=True)) == 6
    assert 1000 < (measures.percentile(cells, 0.95) or 0) <= 1500


async def test_two_minutes_of_one_hour_are_one_hour(db: Database, clock: FakeClock) -> None:
    recorder = Recorder()
    for _ in range(2):
        recorder.note(clock.now(), "page", "2xx", 40)
        clock.forward(minutes=1)
    await recorder.flush(db)
    assert [cell.count for cell in await _kept(db, clock)] == [1, 1]
    assert [cell.count for cell in await _kept(db, clock, by_hour=True)] == [2]


async def test_while_the_database_is_away_counts_wait_and_are_bounded(clock: FakeClock, db: Database) -> None:
    away, recorder = Database("postgresql://127.0.0.1:9/none", patience_s=0.1), Recorder()
    await away.open()
    recorder.note(clock.now(), "page", "2xx", 40)
    await recorder.flush(away)
    recorder.note(clock.now(), "page", "2xx", 40)
    await recorder.flush(db)
    await away.close()
    assert measures.requests(await _kept(db, clock)) == 2
    for number in range(6_000):
        recorder.note(clock.now(), str(number), "2xx", 1)
    assert recorder.dropped == 1_000


async def test_what_nobody_looks_back_at_is_forgotten(db: Database, clock: FakeClock) -> None:
    recorder = Recorder()
    recorder.note(clock.now(), "page", "2xx", 40)
    await recorder.flush(db)
    left = []
    for days in (2, 35):
        clock.forward(days=days)
        async with db.transaction() as conn:
            await measures.forget(conn, clock.now())
        left.append((len(await _kept(db, clock)), len(await _kept(db, clock, by_hour=True))))
    assert left == [(0, 1), (0, 0)]


async def test_each_question_to_the_database_is_timed(dsn: str, clock: FakeClock) -> None:
    recorder = Recorder()
    db = Database(dsn, told=measures.watched(recorder, clock.now))
    await db.open()
    async with db.reading() as conn:
        await measures.minutes(conn, clock.now(), clock.now())
    await recorder.flush(db)
    assert measures.requests(measures.of(await _kept(db, clock), "query")) >= 1
    await db.close()
