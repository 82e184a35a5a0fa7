"""A103: whoever finds the page first isn't the operator; whoever reads the console is, once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from audiospective.accounts import people
from audiospective.errors import Invalid, NotFound
from audiospective.infra.database import Connection, Database, fetch_all
from audiospective.infra.sealing import Sealer
from audiospective.operations import first_operator, ledger
from tests.clock import FakeClock

SEALER = Sealer(["a secret of the tests"])


def chance(size: int) -> bytes:
    return bytes(range(7, 7 + size))


@pytest.fixture
async def mara(conn: Connection, clock: FakeClock) -> int:
    return (await people.add(conn, "mara", clock.now())).id


async def test_the_code_makes_one_operator_and_closes_the_door(conn: Connection, clock: FakeClock, mara: int) -> None:
    code = await first_operator.new_code(conn, SEALER, clock.now(), chance)
    assert code is not None
    for wrong in ("", "AAAA-AAAA-AAAA", "\0", code[:-1]):
        with pytest.raises(Invalid):
            await first_operator.redeem(conn, SEALER, mara, wrong, clock.now())
    assert await people.operator_role(conn, mara) is None
    await first_operator.redeem(conn, SEALER, mara, f" {code.lower().replace('-', ' ')} ", clock.now())
    assert await people.operator_role(conn, mara) == "lead"
    noor = (await people.add(conn, "noor", clock.now())).id
    with pytest.raises(NotFound):
        await first_operator.redeem(conn, SEALER, noor, code, clock.now())
    assert await first_operator.new_code(conn, SEALER, clock.now(), chance) is None
    assert [line.event for line in await ledger.whole(conn)] == ["operator.first"]


async def test_a_code_ends_after_a_week_or_with_the_next(conn: Connection, clock: FakeClock, mara: int) -> None:
    first = await first_operator.new_code(conn, SEALER, clock.now(), chance) or ""
    await first_operator.new_code(conn, SEALER, clock.now(), bytes)
    with pytest.raises(Invalid):
        await first_operator.redeem(conn, SEALER, mara, first, clock.now())
    again = await first_operator.new_code(conn, SEALER, clock.now(), chance) or ""
    with pytest.raises(Invalid):
        await first_operator.redeem(conn, SEALER, mara, again, clock.now() + timedelta(days=8))


async def test_no_code_stands_in_the_database(conn: Connection, clock: FakeClock) -> None:
    code = await first_operator.new_code(conn, SEALER, clock.now(), chance) or ""
    rows = str(await fetch_all(conn, "SELECT c::text FROM operator_code c", str))
    assert code not in rows
    assert code.replace("-", "") not in rows


async def test_of_two_who_know_the_code_one_becomes_the_operator(db: Database, clock: FakeClock) -> None:
    async with db.transaction() as conn:
        who = [(await people.add(conn, name, clock.now())).id for name in ("mara", "noor")]
        code = await first_operator.new_code(conn, SEALER, clock.now(), chance) or ""

    async def redeem(user: int) -> bool:
        try:
            async with db.transaction() as conn:
                await first_operator.redeem(conn, SEALER, user, code, clock.now())
        except NotFound:
            return False
        return True

    assert sorted(await asyncio.gather(*map(redeem, who))) == [False, True]
