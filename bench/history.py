"""A search through every play: first letter to page, warm and with names read anew."""

from __future__ import annotations

from audiospective.archive import catalog
from audiospective.archive.history import HistoryCache
from audiospective.archive.plays import UserId
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Connection, Database, execute
from audiospective.insights.recent import recent
from audiospective.reports import ask
from audiospective.reports.finding import Filter, find
from bench.figure import Figure, median_ms, once_ms
from bench.insights import Someone

#: One letter that nearly every name has, a word, two words, a filter: the worst of them counts.
_WISHES = (Filter("e"), Filter("the"), Filter("low tide"), Filter("é"), Filter("zzzz"), Filter())
_BY_SQL = """
SELECT count(*) FROM plays p JOIN tracks t ON t.id = p.track_id JOIN artists a ON a.id = t.artist_id LEFT JOIN albums b ON b.id = t.album_id
WHERE p.user_id = %(user)s AND p.flags & 259 = 0 AND (t.name ILIKE '%%tide%%' OR a.name ILIKE '%%tide%%' OR b.name ILIKE '%%tide%%')"""


async def figures(db: Database, user: UserId, plays: int) -> list[Figure]:
    """Of an archive that is there already."""
    async with db.reading() as conn:
        return await _measured(conn, Someone(user), plays)


async def _measured(conn: Connection, person: Someone, plays: int) -> list[Figure]:
    now, cache = SystemClock().now(), HistoryCache()

    async def search(wish: Filter) -> None:
        page = recent(await find(conn, await ask.listening(conn, cache, person, "all", now), wish), 60)
        await catalog.tracks(conn, {play.track_id for play in page.plays})

    async def cold() -> None:
        cache.forget(person.id)
        await search(_WISHES[1])

    async def by_sql() -> None:
        await execute(conn, _BY_SQL, user=person.id)

    sql_ms, cold_ms = await once_ms(by_sql), await median_ms(cold, 3)
    slowest = max([await median_ms(lambda wish=wish: search(wish), 7) for wish in _WISHES])  # type: ignore[misc]  # bound as it loops
    tracks = len((await cache.get(conn, person.id)).track_ids)
    return [
        Figure(f"search in {plays:,} plays of {tracks:,} tracks, slowest", slowest, "ms", "≤ 50", f"by SQL {sql_ms:,.0f} ms"),
        Figure("  with the archive and its names read anew", cold_ms, "ms"),
    ]
