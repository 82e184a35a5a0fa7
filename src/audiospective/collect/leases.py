"""Who is due, and who is at it? A lease is taken before Spotify is asked and settled with what came of it.

Any number of workers share the work. A worker that dies leaves leases that end by themselves; one that comes late finds that
the fence has moved, and settles nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from audiospective.archive.plays import UserId
from audiospective.infra.database import Connection, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)

#: Longer than 300 people can take: twenty at a time, half a minute each at most.
LEASE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to sweep one person; `fence` tells it from every earlier and later one, `troubles` counts failures in a row."""

    user_id: UserId
    fence: int
    troubles: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What came of a lease: when the person is due again, and the trouble in a word (None: it went well)."""

    lease: Lease
    due_at: datetime
    trouble: str | None = None


async def take(conn: Connection, now: datetime, *, size: int) -> list[Lease]:
    """Lease up to `size` people who are due, the longest due first; nobody else sweeps them until the lease ends."""
    return await fetch_all(conn, sql["take"], Lease, now=now, until=now + LEASE, size=size)


async def take_one(conn: Connection, user: UserId, now: datetime) -> Lease | None:
    """Lease this person, due or not; None when somebody else has, or the person isn't swept at all."""
    return await fetch_one(conn, sql["take_one"], Lease, user=user, now=now, until=now + LEASE)


async def settle(conn: Connection, settlements: Sequence[Settlement], now: datetime) -> int:
    """Give leases back; how many were still the holder's to give."""
    return await execute(
        conn,
        sql["settle"],
        now=now,
        users=[one.lease.user_id for one in settlements],
        fences=[one.lease.fence for one in settlements],
        due=[one.due_at for one in settlements],
        troubles=[one.trouble for one in settlements],
    )


async def paused_until(conn: Connection, client_id: str, now: datetime) -> datetime | None:
    """Until when Spotify asked this app to stay away; None when it may be asked."""
    return await fetch_one(conn, sql["paused_until"], datetime, client_id=client_id, now=now)


async def pause(conn: Connection, client_id: str, until: datetime) -> None:
    """Every worker stays away from Spotify until then."""
    await execute(conn, sql["pause"], client_id=client_id, until=until)
