"""Brings a database's schema forward: numbered files, each applied once, in order, in a transaction of its own.

Many processes may start together: one migrates, the others wait. A file that has been applied never changes again, and
there is no way back but another file forward.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

import psycopg

from audiospective.errors import Conflict, DatabaseUnavailable
from audiospective.infra.database import Connection, execute, fetch_all
from audiospective.infra.statements import statements

sql = statements(__name__)

_LOCK_KEY = 0x617564696F  # "audio"; any number that no other program on this database takes
_NAME = re.compile(r"\d{4}_[a-z0-9_]+\.sql")


class MigrationRefused(Conflict):
    """The database and the files don't fit together, or a file failed; nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class _Applied:
    name: str
    checksum: str


@dataclass(frozen=True, slots=True)
class _Migration:
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


async def migrate(dsn: str, folder: Traversable | None = None) -> list[str]:
    """Apply what is missing; the names applied, in order (empty: the schema was up to date).

    `folder` holds files `NNNN_what_it_does.sql`; by default the program's own.
    Raises MigrationRefused when the database knows a file that we don't, or knew it differently, or when a file fails;
    DatabaseUnavailable when the database can't be reached.
    """
    known = _read(folder or files("audiospective.migrations"))
    async with _connected(dsn) as conn:
        await execute(conn, sql["lock"], key=_LOCK_KEY)
        await execute(conn, sql["create_ledger"])
        missing = _missing(known, await fetch_all(conn, sql["applied"], _Applied))
        for migration in missing:
            await _apply(conn, migration)
        await execute(conn, sql["unlock"], key=_LOCK_KEY)
    return [migration.name for migration in missing]


@contextlib.asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator[Connection]:
    try:
        conn = await psycopg.AsyncConnection.connect(dsn, autocommit=True, connect_timeout=10, application_name="audiospective migrate")
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"The database can't be reached: {error}".strip()) from error
    async with conn:
        yield conn


def _read(folder: Traversable) -> list[_Migration]:
    names = sorted(entry.name for entry in folder.iterdir() if _NAME.fullmatch(entry.name))
    numbers = [name[:4] for name in names]
    if len(set(numbers)) != len(numbers):
        raise ValueError(f"two migrations share a number: {names}")
    return [_Migration(name.removesuffix(".sql"), folder.joinpath(name).read_text(encoding="utf-8")) for name in names]


def _missing(known: list[_Migration], applied: list[_Applied]) -> list[_Migration]:
    by_name = {migration.name: migration for migration in known}
    for row in applied:
        if row.name not in by_name:
            raise MigrationRefused(
                f"The database is newer than this program: it has {row.name}. Run the newer version, or restore a backup."
            )
        if by_name[row.name].checksum != row.checksum:
            raise MigrationRefused(
                f"{row.name}.sql has been changed after it was applied. Restore the file and put the change into another one."
            )
    last = applied[-1].name if applied else ""
    missing = [migration for migration in known if migration.name not in {row.name for row in applied}]
    if missing and missing[0].name < last:
        raise MigrationRefused(f"{missing[0].name}.sql comes before {last}, which is applied already. Give it a higher number.")
    return missing


async def _apply(conn: Connection, migration: _Migration) -> None:
    try:
        async with conn.transaction():
            await execute(conn, sql["patience"])
            await conn.execute(migration.text)
            await execute(conn, sql["record"], name=migration.name, checksum=migration.checksum)
    except psycopg.errors.LockNotAvailable as error:
        raise DatabaseUnavailable(f"{migration.name} waited too long for other work on the database; run it again.") from error
    except psycopg.Error as error:
        raise MigrationRefused(f"{migration.name} failed and nothing of it was kept: {error}") from error
