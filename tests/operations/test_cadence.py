"""What comes again comes at its moment, is kept, and missed aloud."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.infra.database import Database
from audiospective.operations import cadence, watches
from audiospective.operations.cadence import Round, slot
from tests.clock import FakeClock

_MOMENTS = st.integers(1_600_000_000, 2_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
_LONGEST = {Round.HOURLY: timedelta(hours=1), Round.WEEKLY: timedelta(days=7), Round.MONTHLY: timedelta(days=31)}


@given(_MOMENTS, st.sampled_from(list(Round)))
def test_the_last_moment_of_a_round_is_never_ahead_nor_too_far_back(now: datetime, wanted: Round) -> None:
    at = slot(wanted, now)
    assert at <= now < at + _LONGEST.get(wanted, timedelta(days=1))
    assert slot(wanted, at) == at


@pytest.mark.parametrize(
    ("wanted", "at"),
    [
        (Round.HOURLY, "2026-11-25T13:00"),
        (Round.MORNING, "2026-11-25T09:00"),
        (Round.AFTERNOON, "2026-11-24T14:00"),
        (Round.EVENING, "2026-11-24T19:00"),
        (Round.WEEKLY, "2026-11-20T09:00"),
        (Round.MONTHLY, "2026-11-01T09:00"),
    ],
)
def test_a_wednesday_at_half_past_one(wanted: Round, at: str) -> None:
    assert slot(wanted, datetime(2026, 11, 25, 13, 30, tzinfo=UTC)) == datetime.fromisoformat(at).replace(tzinfo=UTC)


def _at(clock: FakeClock, moment: str) -> None:
    clock.forward(seconds=(datetime.fromisoformat(moment).replace(tzinfo=UTC) - clock.now()).total_seconds())


async def _due(db: Database, clock: FakeClock) -> list[Round]:
    async with db.reading() as conn:
        return await cadence.due(conn, clock.now())


async def _missed(db: Database, clock: FakeClock) -> int:
    async with db.reading() as conn:
        return await cadence.missed(conn, clock.now())


async def test_a_round_is_due_once(db: Database, clock: FakeClock) -> None:
    _at(clock, "2040-11-21T14:03")
    assert await _due(db, clock) == [Round.AFTERNOON]
    assert await cadence.run(db, clock, Round.AFTERNOON, by="worker") == []
    assert await _due(db, clock) == []
    async with db.reading() as conn:
        (run,) = await cadence.runs(conn, clock.now() - timedelta(days=1))
    assert (run.round, run.ran_by, run.passed, run.failed) == ("afternoon", "worker", 1, 0)


async def test_signatures_are_waited_for(db: Database, clock: FakeClock) -> None:
    _at(clock, "2040-11-21T19:01")
    assert await cadence.run(db, clock, Round.EVENING, by="worker") == ["R192"]


async def test_each_hour_only_on_the_first_day_of_a_launch(db: Database, clock: FakeClock) -> None:
    _at(clock, "2040-11-21T11:01")
    assert await _due(db, clock) == []
    async with db.transaction() as conn:
        await watches.start(conn, "day", by="noor", now=clock.now())
    assert await _due(db, clock) == [Round.HOURLY]
    _at(clock, "2040-11-22T12:01")
    assert await _due(db, clock) == []


async def test_what_was_missed_is_told_for_a_day_or_until_somebody_does_it(db: Database, clock: FakeClock) -> None:
    _at(clock, "2040-11-21T14:03")
    assert await _missed(db, clock) == 0
    await cadence.run(db, clock, Round.AFTERNOON, by="worker")
    _at(clock, "2040-11-21T20:00")
    assert await _missed(db, clock) == 0
    _at(clock, "2040-11-21T20:31")
    assert await _missed(db, clock) == 1
    _at(clock, "2040-11-22T11:00")
    assert await _missed(db, clock) == 2
    await cadence.run(db, clock, Round.MORNING, by="noor")
    assert await _missed(db, clock) == 1
