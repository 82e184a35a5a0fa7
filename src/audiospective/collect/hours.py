"""The record of an hour’s sweeps: with how many people it began, and how many were seen to. A worker that dies leaves a difference."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from audiospective.infra.database import Connection, execute, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)

KEPT: Final = timedelta(days=36)


class Hours(msgspec.Struct, frozen=True):
    """People with whom sweeps began, those seen to, those in trouble, new plays; `begun_at` is None where none began."""

    people: int
    ended: int
    troubled: int
    stored: int
    begun_at: datetime | None


async def begin(conn: Connection, people: int, now: datetime) -> None:
    """Sweeps of so many people begin."""
    if people:
        await execute(conn, sql["begin"], hour=hour_of(now), people=people, now=now)


async def end(conn: Connection, begun: datetime, *, ended: int, troubled: int, stored: int) -> None:
    """So many of those with whom it was begun at `begun` were seen to."""
    await execute(conn, sql["end"], hour=hour_of(begun), ended=ended, troubled=troubled, stored=stored)


async def since(conn: Connection, moment: datetime) -> Hours:
    """What began in the hour of that moment and later."""
    return await fetch_one(conn, sql["since"], Hours, since=hour_of(moment)) or Hours(0, 0, 0, 0, None)


async def forget(conn: Connection, now: datetime) -> None:
    """What nobody looks back at any more."""
    await execute(conn, sql["forget"], before=now - KEPT)


def hour_of(moment: datetime) -> datetime:
    """The whole hour that it is in, in UTC."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
