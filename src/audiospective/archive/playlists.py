"""From which playlist was something played? Only Spotify's recently-played call tells it, and only of the last fifty."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from audiospective.archive.plays import UserId
from audiospective.infra.database import Connection, execute, fetch_all
from audiospective.infra.statements import statements

sql = statements(__name__)


async def note(conn: Connection, told: Iterable[tuple[UserId, int, str]]) -> None:
    """Keep (person, end in µs, bare id of the playlist); what is known stays."""
    if rows := list(told):
        users, ends, playlists = ([row[column] for row in rows] for column in range(3))
        await execute(conn, sql["note"], users=users, ends=ends, playlists=playlists)


async def ends(conn: Connection, user: UserId, playlists: Collection[str]) -> list[int]:
    """When what was played from any of these ended, in µs, in order."""
    return await fetch_all(conn, sql["ends"], int, user=user, playlists=list(playlists))


async def forget(conn: Connection, user: UserId) -> None:
    """All that was told of this person."""
    await execute(conn, sql["forget"], user=user)
