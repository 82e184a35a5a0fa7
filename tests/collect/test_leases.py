"""How workers share who is due."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from audiospective.accounts import people
from audiospective.archive.plays import UserId
from audiospective.collect import leases
from audiospective.collect.leases import LEASE, Lease, Left, Settlement
from audiospective.infra.database import Connection, Database, execute, fetch_all
from tests.clock import FakeClock


async def _due(conn: Connection, count: int, at: datetime) -> list[UserId]:
    users = [UserId((await people.add(conn, f"listener {n}", at)).id) for n in range(count)]
    await execute(conn, "INSERT INTO sweeps (user_id, due_at) SELECT unnest(%(users)s::int[]), %(at)s", users=users, at=at)
    return users


async def _take(db: Database, now: datetime, size: int = 300) -> list[Lease]:
    async with db.transaction() as conn:
        return await leases.take(conn, now, size=size)


async def test_the_due_are_leased_once(conn: Connection, clock: FakeClock) -> None:
    users = await _due(conn, 3, clock.now())
    assert sorted(lease.user_id for lease in await leases.take(conn, clock.now(), size=10)) == users
    assert await leases.take(conn, clock.now(), size=10) == []


async def test_nobody_is_leased_before_they_are_due(conn: Connection, clock: FakeClock) -> None:
    await _due(conn, 1, clock.now() + timedelta(seconds=1))
    assert await leases.take(conn, clock.now(), size=10) == []


async def test_workers_share_everyone_without_doubles(db: Database, clock: FakeClock) -> None:
    async with db.transaction() as conn:
        users = await _due(conn, 40, clock.now())
    taken = await asyncio.gather(*(_take(db, clock.now(), size=5) for _ in range(12)))
    leased = [lease.user_id for lease in (*(one for some in taken for one in some), *await _take(db, clock.now()))]
    assert sorted(leased) == users


async def test_workers_dont_wait_for_each_other(db: Database, clock: FakeClock) -> None:
    async with db.transaction() as conn:
        await _due(conn, 4, clock.now())
    async with db.transaction() as busy:
        await leases.take(busy, clock.now(), size=2)
        assert len(await _take(db, clock.now())) == 2


async def test_the_lease_of_a_dead_worker_frees_itself(conn: Connection, clock: FakeClock) -> None:
    (user,) = await _due(conn, 1, clock.now())
    (dead,) = await leases.take(conn, clock.now(), size=1)
    assert await leases.take_one(conn, user, clock.now()) is None
    clock.forward(seconds=LEASE.total_seconds())
    (heir,) = await leases.take(conn, clock.now(), size=1)
    assert heir.fence > dead.fence


async def test_whoever_settles_too_late_settles_nothing(conn: Connection, clock: FakeClock) -> None:
    await _due(conn, 1, clock.now())
    (late,) = await leases.take(conn, clock.now(), size=1)
    (heir,) = await leases.take(conn, clock.forward(hours=1), size=1)
    tomorrow = clock.now() + timedelta(days=1)
    assert await leases.settle(conn, [Settlement(late, clock.now())], clock.now()) == 0
    assert await leases.settle(conn, [Settlement(heir, tomorrow)], clock.now()) == 1
    assert await fetch_all(conn, "SELECT due_at FROM sweeps WHERE leased_until IS NULL", datetime) == [tomorrow]


async def test_only_the_holder_may_store(db: Database, conn: Connection, clock: FakeClock) -> None:
    await _due(conn, 2, clock.now())
    late, other = await leases.take(conn, clock.now(), size=2)
    assert await leases.hold(conn, [late, other]) == [late, other]
    clock.forward(hours=1)
    heir = await leases.take_one(conn, late.user_id, clock.now())
    assert heir is not None
    assert await leases.hold(conn, [late, other]) == [other]
    assert await leases.hold(conn, [heir]) == [heir]


async def test_a_lease_tells_what_the_last_answer_left(conn: Connection, clock: FakeClock) -> None:
    (user,) = await _due(conn, 1, clock.now())
    lease = await leases.take_one(conn, user, clock.now())
    assert lease is not None
    left = Left(clock.now(), clock.now() - timedelta(days=2), clock.now() - timedelta(hours=1), b"hash", 50, 9000)
    await leases.settle(conn, [Settlement(lease, clock.now(), left)], clock.now())
    again = await leases.take_one(conn, user, clock.now())
    assert again is not None
    names = ("asked_at", "proven_from", "head_at", "page_hash", "page_count", "fill_s")
    assert [getattr(again, name) for name in names] == [getattr(left, name) for name in names]


async def test_troubles_are_counted_until_it_goes_well_again(conn: Connection, clock: FakeClock) -> None:
    (user,) = await _due(conn, 1, clock.now())
    counted = []
    for trouble in ("unreachable", "unreachable", None, None):
        lease = await leases.take_one(conn, user, clock.now())
        assert lease is not None
        counted.append(lease.troubles)
        await leases.settle(conn, [Settlement(lease, clock.now(), trouble=trouble)], clock.now())
    assert counted == [0, 1, 2, 0]


async def test_when_calls_are_scarce_those_closest_to_a_loss_come_first(conn: Connection, clock: FakeClock) -> None:
    calm, busy, fresh = await _due(conn, 3, clock.now())
    hour_ago = clock.now() - timedelta(hours=1)
    for user, fill_s in ((calm, 90_000), (busy, 4_000)):
        lease = await leases.take_one(conn, user, clock.now())
        assert lease is not None
        left = Left(hour_ago, hour_ago, hour_ago, b"", 50, fill_s)
        await leases.settle(conn, [Settlement(lease, clock.now(), left=left)], clock.now())
    taken = [(await leases.take_riskiest(conn, clock.now(), size=1))[0].user_id for _ in range(3)]
    assert taken == [fresh, busy, calm]


async def test_an_operator_sees_whose_page_is_filling(conn: Connection, clock: FakeClock) -> None:
    (user,) = await _due(conn, 1, clock.now())
    lease = await leases.take_one(conn, user, clock.now())
    assert lease is not None
    await leases.settle(conn, [Settlement(lease, clock.now(), left=Left(clock.now(), clock.now(), None, b"", 50, 3600))], clock.now())
    assert await leases.at_risk(conn, clock.forward(minutes=30)) == []
    (found,) = await leases.at_risk(conn, clock.forward(minutes=30))
    assert (found.fill_s, round(found.filled, 2)) == (3600, 1.0)
