"""What the server counts of its statements (R200), told by a server that really counts them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from audiospective.errors import Unavailable
from audiospective.infra.database import Database, fetch_all
from audiospective.infra.embedded import EmbeddedPostgres
from audiospective.infra.migrate import migrate
from audiospective.operations import audits
from tests.folders import reachable_folder

_QUESTION = """-- Who was heard; a comment stays in the text that the server counts.
SELECT p.name FROM people p WHERE p.name <> %(name)s"""


@pytest.fixture(scope="module")
def counting() -> Iterator[str]:
    """A server with pg_stat_statements and our schema; its address."""
    with reachable_folder() as home:
        server = EmbeddedPostgres(home, {"fsync": "off"})
        server.start()
        asyncio.run(migrate(server.dsn))
        with psycopg.connect(server.dsn, autocommit=True) as conn:
            conn.execute("CREATE ROLE plain LOGIN")
            conn.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO plain")
        yield server.dsn
        server.release()


@pytest.fixture
async def db(counting: str) -> AsyncIterator[Database]:
    async with _opened(counting) as found:
        yield found


@contextlib.asynccontextmanager
async def _opened(dsn: str) -> AsyncIterator[Database]:
    db = Database(dsn)
    await db.open()
    try:
        yield db
    finally:
        await db.close()


async def test_what_took_most_is_told_with_its_plan_and_what_set_it_up_is_not(db: Database) -> None:
    async with db.reading() as conn:
        for name in ("mara", "noor"):
            await fetch_all(conn, _QUESTION, str, name=name)
    async with db.transaction() as conn:
        found = await audits.slowest(conn, 100)
    (ours,) = [one for one in found if one.text.startswith("SELECT p.name FROM people p")]
    assert (ours.calls, ours.text) == (2, "SELECT p.name FROM people p WHERE p.name <> $1")
    assert "people" in ours.plan[0]
    assert [one.text for one in found if one.text.startswith(("CREATE", "ALTER", "DROP", "BEGIN", "SET"))] == []
    assert [one.total_ms for one in found] == sorted((one.total_ms for one in found), reverse=True)


async def test_looking_leaves_nothing_behind(db: Database) -> None:
    async with db.transaction() as conn:
        await audits.slowest(conn, 3)
    async with db.reading() as conn:
        assert await fetch_all(conn, "SELECT extname FROM pg_extension", str) == ["plpgsql"]


async def test_a_role_that_may_not_ask_says_what_is_to_be_granted(counting: str) -> None:
    async with _opened(counting.replace("postgres@", "plain@")) as plain:
        with pytest.raises(Unavailable, match=r"permission denied.*CREATE EXTENSION pg_stat_statements; GRANT"):
            async with plain.transaction() as conn:
                await audits.slowest(conn, 3)
        with psycopg.connect(counting, autocommit=True) as conn:
            conn.execute("CREATE EXTENSION pg_stat_statements")
            conn.execute("GRANT pg_read_all_stats TO plain")
        try:
            async with plain.transaction() as conn:
                assert len(await audits.slowest(conn, 3)) == 3
        finally:
            with psycopg.connect(counting, autocommit=True) as conn:
                conn.execute("DROP EXTENSION pg_stat_statements")
