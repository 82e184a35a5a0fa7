"""The end of a permission stands in its owner's calendar, with three reminders."""

from __future__ import annotations

from datetime import timedelta

from audiospective.archive.history import HistoryCache
from audiospective.infra.database import Database
from audiospective.reports import ask, calendar
from tests.clock import FakeClock
from tests.stand_in import world_of


async def test_the_end_is_foretold_thirty_fourteen_and_three_days_ahead(db: Database, clock: FakeClock) -> None:
    async with world_of(db, clock) as world:
        person = (await world.sign_in("mara")).person
    async with db.reading() as conn:
        listening = await ask.listening(conn, HistoryCache(), person, "all", clock.now())
        feed = (await calendar.calendar(conn, listening, "https://music.example.org")).decode()
    ends = clock.now() + timedelta(days=182)
    assert f"DTSTART;VALUE=DATE:{ends:%Y%m%d}" in feed
    assert [line for line in feed.splitlines() if line.startswith("TRIGGER")] == ["TRIGGER:-P30D", "TRIGGER:-P14D", "TRIGGER:-P3D"]
