"""A Postgres of the bench's own, with the product's own settings."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from audiospective.archive.plays import UserId
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Connection, Database, execute, fetch_all
from audiospective.infra.embedded import EmbeddedPostgres
from audiospective.infra.migrate import migrate

_ADD = "INSERT INTO people (name, display_name, time_zone, created_at) VALUES (%(name)s, %(name)s, 'Europe/Lisbon', %(now)s) RETURNING id"


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Address of a migrated database that goes away afterwards."""
    with tempfile.TemporaryDirectory(prefix="audiospective-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder))
        try:
            yield server.start()
        finally:
            server.release()


@contextlib.asynccontextmanager
async def database(dsn: str) -> AsyncIterator[Database]:
    """The product's own pool on it, migrated."""
    await migrate(dsn)
    db = Database(dsn, name="bench")
    await db.open()
    try:
        yield db
    finally:
        await db.close()


async def listener(conn: Connection, name: str) -> UserId:
    """Somebody with an empty archive."""
    return UserId((await fetch_all(conn, _ADD, int, name=name, now=SystemClock().now()))[0])


async def settle(db: Database) -> None:
    """What autovacuum does a minute later, done now: the visibility map and statistics."""
    async with db.autocommit() as conn:
        await execute(conn, "VACUUM ANALYZE")
