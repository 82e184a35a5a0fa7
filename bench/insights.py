"""The dashboard's data at several sizes, beside the same answers by SQL."""

from __future__ import annotations

from dataclasses import dataclass

from audiospective.archive.history import HistoryCache
from audiospective.archive.ingest import store
from audiospective.archive.plays import Batch, Source, UserId
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Connection, Database, execute
from audiospective.reports import ask
from audiospective.reports.dashboard import assemble
from bench.figure import Figure, median_ms, once_ms
from bench.listens import made_up
from bench.server import listener, settle

_IN_ZONE = "(p.played_at AT TIME ZONE 'Europe/Lisbon')"
_COUNTED = "p.user_id = %(user)s AND p.flags & 259 = 0 AND (p.ms_played >= 30000 OR p.ms_played < 0)"
#: The dashboard's main answers as one would ask Postgres for them.
_BY_SQL = (
    f"SELECT count(*), count(DISTINCT p.track_id), sum(p.ms_played), min(p.played_at), max(p.played_at) FROM plays p WHERE {_COUNTED}",
    f"SELECT p.track_id, count(*) FROM plays p WHERE {_COUNTED} GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
    f"SELECT t.artist_id, count(*) FROM plays p JOIN tracks t ON t.id = p.track_id WHERE {_COUNTED} GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
    f"SELECT t.album_id, count(*) FROM plays p JOIN tracks t ON t.id = p.track_id WHERE {_COUNTED} GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
    f"SELECT extract(dow FROM {_IN_ZONE}), extract(hour FROM {_IN_ZONE}), count(*) FROM plays p WHERE {_COUNTED} GROUP BY 1, 2",
    f"SELECT date_trunc('day', {_IN_ZONE}), count(*) FROM plays p WHERE {_COUNTED} GROUP BY 1",
    f"SELECT date_trunc('month', {_IN_ZONE}), count(*) FROM plays p WHERE {_COUNTED} GROUP BY 1",
    f"SELECT date_trunc('week', {_IN_ZONE}), count(DISTINCT p.track_id) FROM plays p WHERE {_COUNTED} GROUP BY 1",
    f"SELECT p.track_id, min(p.played_at) FROM plays p WHERE {_COUNTED} GROUP BY 1",
    f"SELECT p.played_at, p.track_id FROM plays p WHERE {_COUNTED} ORDER BY p.played_at DESC LIMIT 6",
)


@dataclass(frozen=True, slots=True)
class Someone:
    """Whose dashboard it is."""

    id: UserId
    time_zone: str = "Europe/Lisbon"


async def figures(db: Database, plays: int) -> list[Figure]:
    """Warm and cold, and the reference."""
    now = SystemClock().now()
    async with db.transaction() as conn:
        user = await listener(conn, f"bench-{plays}")
        await store(conn, [Batch(user, Source.EXTENDED, made_up(plays, now))])
    await settle(db)
    async with db.reading() as conn:
        return await _measured(conn, Someone(user), plays)


async def of_listener(db: Database, user: UserId, plays: int) -> list[Figure]:
    """The same for an archive that is there already."""
    await settle(db)
    async with db.reading() as conn:
        return await _measured(conn, Someone(user), plays)


async def _measured(conn: Connection, person: Someone, plays: int) -> list[Figure]:
    now, cache = SystemClock().now(), HistoryCache()

    async def warm() -> None:
        await assemble(conn, await ask.listening(conn, cache, person, "7d", now))

    async def cold() -> None:
        cache.forget(person.id)
        await warm()

    async def by_sql() -> None:
        for statement in _BY_SQL:
            await execute(conn, statement, user=person.id)

    sql_ms, cold_ms, warm_ms = await once_ms(by_sql), await median_ms(cold, 5), await median_ms(warm)
    budget = ("≤ 80", "≤ 15") if plays <= 100_000 else ("", "≤ 120")
    return [
        Figure(
            f"dashboard's data, {plays:,} plays, cold", cold_ms, "ms", budget[0], f"by SQL {sql_ms:,.0f} ms, {sql_ms / cold_ms:.1f} times"
        ),
        Figure(
            f"dashboard's data, {plays:,} plays, warm", warm_ms, "ms", budget[1], f"by SQL {sql_ms:,.0f} ms, {sql_ms / warm_ms:.1f} times"
        ),
    ]
