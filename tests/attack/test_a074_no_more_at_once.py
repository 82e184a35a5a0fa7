"""A074: what somebody may have so many of, they have no more of by asking many times at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from audiospective.accounts import tokens, ways
from audiospective.errors import Invalid
from audiospective.infra.database import Connection, Database
from audiospective.infra.sealing import Sealer
from audiospective.reports import compare
from tests.clock import FakeClock
from tests.web.site import Site

Adds = Callable[[Connection, int, FakeClock], Awaitable[object]]


def _way(conn: Connection, user: int, clock: FakeClock) -> Awaitable[object]:
    hosts = {"127.0.0.1"}
    return ways.add(conn, Sealer(["x"]), user, "webhook", "http://127.0.0.1:9/", wants=["trouble"], now=clock.now(), local_hosts=hosts)


def _comparison(conn: Connection, user: int, clock: FakeClock) -> Awaitable[object]:
    return compare.invite(conn, user, clock.now())


def _token(conn: Connection, user: int, clock: FakeClock) -> Awaitable[object]:
    return tokens.issue(conn, user, "phone", clock.now())


@pytest.mark.parametrize(("add", "most"), [(_way, 10), (_comparison, 50), (_token, 100)])
async def test_the_last_place_is_taken_once(site: Site, db: Database, clock: FakeClock, add: Adds, most: int) -> None:
    user = (await site.listener()).id

    async def one_more() -> None:
        async with db.transaction() as conn:
            await add(conn, user, clock)

    async with db.transaction() as conn:
        for _ in range(most - 1):
            await add(conn, user, clock)
    async with db.transaction() as conn:
        await add(conn, user, clock)
        late = asyncio.create_task(one_more())
        await asyncio.wait([late], timeout=0.3)
    with pytest.raises(Invalid, match="already"):
        await late
