"""Leave Spotify whole: collecting stops at once (disconnect.py), and what Spotify's call told goes some days later.

Spotify asks that its data is deleted within five days of a disconnection (spotify-api.md §8). What a listener's own exports and scrobblers
brought is theirs and stays. Connecting again within that time keeps everything.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from audiospective.archive import removal
from audiospective.archive.plays import UserId
from audiospective.collect import disconnect
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements
from audiospective.infra.telemetry import get_logger

sql = statements(__name__)

#: Spotify gives five days; a day is left for a worker that is away.
KEPT: Final = timedelta(days=4)


async def leave(conn: Connection, user: UserId, now: datetime) -> datetime:
    """End the permission and the sweeps of this person; when what they brought will go."""
    await disconnect.disconnect(conn, user, now)
    await execute(conn, sql["date"], user=user, at=now + KEPT)
    return now + KEPT


async def forgets_at(conn: Connection, user: UserId) -> datetime | None:
    """When what Spotify's call told of this person will go; None while they are connected, or when it has gone."""
    return await fetch_one(conn, sql["forgets_at"], datetime, user=user)


async def forget_due(db: Database, clock: Clock) -> int:
    """Remove what Spotify's call told of everybody whose time has come; how many listens."""
    async with db.reading() as conn:
        due = await fetch_all(conn, sql["due"], int, now=clock.now())
    removed = 0
    for user in due:
        async with db.transaction() as conn:
            removed += await removal.forget_polled(conn, UserId(user))
            await execute(conn, sql["forgotten"], user=user)
    if due:
        get_logger().info("account.disconnected", people=len(due), plays=removed)
    return removed
