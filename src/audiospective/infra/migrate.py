"""Brings a database's schema forward: numbered files, each applied once, in order, in a transaction of its own.

Many processes may start together: one migrates, the others wait. A file that has been applied never changes again, and
there is no way back but another file forward.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from importlib.resources import files
from importlib.resources.abc import Traversable

import psycopg

from audiospective.errors import Conflict, DatabaseUnavailable
from audiospective.infra.database import Connection, execute, fetch_all
from audiospective.infra.schema import Applied, Migration, missed, read
from audiospective.infra.statements import statements

sql = statements(__name__)

_LOCK_KEY = 0x617564696F  # "audio"; any number that no other program on this database takes


class MigrationRefused(Conflict):
    """The database and the files don't fit together, or a file failed; nothing of it was kept."""


async def migrate(dsn: str, folder: Traversable | None = None) -> list[str]:
    """Apply what is missing; the names applied, in order (empty: the schema was up to date).

    `folder` holds files `NNNN_what_it_does.sql`; by default the program's own.
    Raises MigrationRefused when the database has lost what we need, or knew a file differently, or when a file fails;
    DatabaseUnavailable when the database can't be reached.
    """
    known = read(folder or files("audiospective.migrations"))
    async with _connected(dsn) as conn:
        await execute(conn, sql["lock"], key=_LOCK_KEY)
        await execute(conn, sql["create_ledger"])
        missing = _missing(known, await fetch_all(conn, sql["applied"], Applied))
        for migration in missing:
            await _apply(conn, migration)
        await execute(conn, sql["unlock"], key=_LOCK_KEY)
    return [migration.name for migration in missing]


async def applied(conn: Connection) -> list[Applied]:
    """What this database has had, in order."""
    return await fetch_all(conn, sql["applied"], Applied)


async def is_current(dsn: str, folder: Traversable) -> bool:
    """Whether `migrate` of a program with these files would apply nothing and refuse nothing; only read, in a few milliseconds."""
    try:
        async with _connected(dsn) as conn:
            return not _missing(read(folder), await applied(conn))
    except (MigrationRefused, DatabaseUnavailable, psycopg.Error):  # an empty database has no ledger
        return False


@contextlib.asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator[Connection]:
    try:
        conn = await Connection.connect(dsn, autocommit=True, connect_timeout=10, application_name="audiospective migrate")
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"The database can't be reached: {error}".strip()) from error
    async with conn:
        yield conn


def _missing(known: list[Migration], applied: list[Applied]) -> list[Migration]:
    by_name = {migration.name: migration for migration in known}
    if gone := missed((row for row in applied if row.name not in by_name), known[-1].name[:4]):
        raise MigrationRefused(
            f"The database is too new for this program: {gone[0]} took away what it needs. Run the newer version, or restore a backup."
        )
    ours = [row for row in applied if row.name in by_name]
    if changed := next((row for row in ours if by_name[row.name].checksum != row.checksum), None):
        raise MigrationRefused(
            f"{changed.name}.sql has been changed after it was applied. Restore the file and put the change into another one."
        )
    last = ours[-1].name if ours else ""
    missing = [migration for migration in known if migration.name not in {row.name for row in ours}]
    if missing and missing[0].name < last:
        raise MigrationRefused(f"{missing[0].name}.sql comes before {last}, which is applied already. Give it a higher number.")
    return missing


async def _apply(conn: Connection, migration: Migration) -> None:
    try:
        async with conn.transaction():
            await execute(conn, sql["patience"])
            await conn.execute(migration.text)
            statement = sql["record_contract"] if migration.safe_from else sql["record"]
            await execute(conn, statement, name=migration.name, checksum=migration.checksum, safe_from=migration.safe_from)
    except psycopg.errors.LockNotAvailable as error:
        raise DatabaseUnavailable(f"{migration.name} waited too long for other work on the database; run it again.") from error
    except psycopg.Error as error:
        raise MigrationRefused(f"{migration.name} failed and nothing of it was kept: {error}") from error
