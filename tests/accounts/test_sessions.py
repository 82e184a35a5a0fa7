"""How long a browser stays signed in."""

from __future__ import annotations

from audiospective.accounts import people, sessions
from audiospective.accounts.people import Person
from audiospective.infra.database import Connection, fetch_all
from tests.clock import FakeClock


async def _mara(conn: Connection, clock: FakeClock) -> Person:
    return await people.add(conn, "mara", clock.now())


async def test_a_session_finds_its_person(conn: Connection, clock: FakeClock) -> None:
    mara = await _mara(conn, clock)
    session = await sessions.begin(conn, mara.id, clock.now())
    assert len(session) == 43
    assert await sessions.find(conn, session, clock.now()) == mara
    assert await sessions.find(conn, session + "x", clock.now()) is None


async def test_the_database_never_holds_what_the_cookie_carries(conn: Connection, clock: FakeClock) -> None:
    session = await sessions.begin(conn, (await _mara(conn, clock)).id, clock.now())
    assert session not in "".join(await fetch_all(conn, "SELECT sessions::text FROM sessions", str))


async def test_a_session_ends_after_fourteen_days_unused(conn: Connection, clock: FakeClock) -> None:
    session = await sessions.begin(conn, (await _mara(conn, clock)).id, clock.now())
    assert await sessions.find(conn, session, clock.forward(days=13, hours=23))
    assert await sessions.find(conn, session, clock.forward(days=14)) is None


async def test_a_session_in_daily_use_ends_after_ninety_days(conn: Connection, clock: FakeClock) -> None:
    session = await sessions.begin(conn, (await _mara(conn, clock)).id, clock.now())
    days = [await sessions.find(conn, session, clock.forward(days=1)) is not None for _ in range(90)]
    assert days == [True] * 89 + [False]


async def test_being_seen_is_noted_once_a_minute(conn: Connection, clock: FakeClock) -> None:
    mara = await _mara(conn, clock)
    session = await sessions.begin(conn, mara.id, clock.now())
    seen = []
    for seconds in (59, 1, 59):
        await sessions.find(conn, session, clock.forward(seconds=seconds))
        seen.append((await sessions.listed(conn, mara.id, clock.now()))[0].last_seen_at)
    assert [(at - mara.created_at).total_seconds() for at in seen] == [0, 60, 60]


async def test_signing_out_ends_one_session_or_all(conn: Connection, clock: FakeClock) -> None:
    mara = await _mara(conn, clock)
    one, two, three = [await sessions.begin(conn, mara.id, clock.now()) for _ in range(3)]
    await sessions.end(conn, one)
    assert await sessions.find(conn, one, clock.now()) is None
    assert await sessions.find(conn, two, clock.now()) == mara
    assert await sessions.end_all(conn, mara.id) == 2
    assert await sessions.find(conn, three, clock.now()) is None


async def test_a_new_session_clears_the_ended_ones_away(conn: Connection, clock: FakeClock) -> None:
    mara = await _mara(conn, clock)
    await sessions.begin(conn, mara.id, clock.now())
    await sessions.begin(conn, mara.id, clock.forward(days=15))
    assert await fetch_all(conn, "SELECT count(*) FROM sessions", int) == [1]
