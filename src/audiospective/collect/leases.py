"""Who is due, and who is at it? A lease is taken before Spotify is asked and settled with what came of it.

Any number of workers share the work. A worker that dies leaves leases that end by themselves; one that comes late finds that
the fence has moved, and settles nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from audiospective.archive.plays import UserId
from audiospective.infra.database import Connection, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)

#: Longer than 300 people can take: twenty at a time, half a minute each at most.
LEASE: Final = timedelta(minutes=10)

#: 50 plays of three and a half minutes: how fast a page fills of whom nothing is known.
_USUAL_FILL_S: Final = 10_500
_RISK: Final = 0.8


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to sweep one person; `fence` tells it from every earlier and later one, `troubles` counts failures in a row.

    The rest is what the last answer left: when it was asked for, since when nothing is missing, its newest play, its fingerprint and
    size, and how fast this person can fill a page.
    """

    user_id: UserId
    fence: int
    troubles: int
    last_trouble: str | None = None
    asked_at: datetime | None = None
    proven_from: datetime | None = None
    head_at: datetime | None = None
    page_hash: bytes = b""
    page_count: int = 0
    fill_s: int = 0


class AtRisk(msgspec.Struct, frozen=True):
    """Somebody whose plays may be lost: `filled` is how much of a page of 50 they can have heard since `asked_at`, 1 being all of it."""

    name: str
    asked_at: datetime
    fill_s: int
    due_at: datetime
    last_trouble: str | None
    filled: float


class Left(msgspec.Struct, frozen=True):
    """What an answer leaves for the next one, in the words of Lease."""

    asked_at: datetime
    proven_from: datetime
    head_at: datetime | None
    page_hash: bytes
    page_count: int
    fill_s: int


class Settlement(msgspec.Struct, frozen=True):
    """What came of a lease: when the person is due again, and what the answer left or the trouble in a word."""

    lease: Lease
    due_at: datetime
    left: Left | None = None
    trouble: str | None = None


async def apps_due(conn: Connection, now: datetime) -> list[int]:
    """Numbers of the Spotify apps through which somebody is due."""
    return await fetch_all(conn, sql["apps_due"], int, now=now)


async def take(conn: Connection, now: datetime, *, size: int, app: int = 0) -> list[Lease]:
    """Lease up to `size` people of an app who are due, the longest due first; nobody else sweeps them until the lease ends."""
    return await fetch_all(conn, sql["take"], Lease, now=now, until=now + LEASE, size=size, app=app)


async def take_riskiest(conn: Connection, now: datetime, *, size: int, app: int = 0) -> list[Lease]:
    """The same, but those first whose plays are closest to being lost: when not everyone can be asked."""
    return await fetch_all(conn, sql["take_riskiest"], Lease, now=now, until=now + LEASE, size=size, app=app, usual_s=_USUAL_FILL_S)


async def at_risk(conn: Connection, now: datetime, *, size: int = 100) -> list[AtRisk]:
    """People whose page of 50 may have filled by four fifths since they were asked last, the fullest first."""
    return await fetch_all(conn, sql["at_risk"], AtRisk, now=now, least=_RISK, size=size)


async def take_one(conn: Connection, user: UserId, now: datetime) -> Lease | None:
    """Lease this person, due or not; None when somebody else has, or the person isn't swept at all."""
    return await fetch_one(conn, sql["take_one"], Lease, user=user, now=now, until=now + LEASE)


async def hold(conn: Connection, leases: Sequence[Lease]) -> list[Lease]:
    """Those leases that are still the holder's; they stay so until the transaction ends. Only their holder may store."""
    users, fences = [one.user_id for one in leases], [one.fence for one in leases]
    held = set(await fetch_all(conn, sql["hold"], int, users=users, fences=fences))
    return [one for one in leases if one.user_id in held]


async def settle(conn: Connection, settlements: Sequence[Settlement], now: datetime) -> int:
    """Give leases back; how many were still the holder's to give."""
    if not settlements:
        return 0
    left = [one.left for one in settlements]
    return await execute(
        conn,
        sql["settle"],
        now=now,
        users=[one.lease.user_id for one in settlements],
        fences=[one.lease.fence for one in settlements],
        due=[one.due_at for one in settlements],
        troubles=[one.trouble for one in settlements],
        asked=[one.asked_at if one else None for one in left],
        proven=[one.proven_from if one else None for one in left],
        heads=[one.head_at if one else None for one in left],
        hashes=[one.page_hash if one else None for one in left],
        counts=[one.page_count if one else None for one in left],
        fills=[one.fill_s if one else None for one in left],
    )
