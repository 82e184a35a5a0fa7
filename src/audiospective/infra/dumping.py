"""A whole database into a file and back, by Postgres's own programs, with a fingerprint of each table taken at the same moment.

Passwords go by the environment, never by the command line, which every account of the machine can read.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import psycopg
from psycopg import sql as psql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from audiospective.errors import AudiospectiveError, Conflict, DatabaseUnavailable
from audiospective.infra.database import Connection
from audiospective.infra.postgres_programs import find

#: A dump or a count may take longer than a server lets an ordinary client wait.
_PATIENT = "-c timezone=UTC -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"

_FRESH = "DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n"
#: The schema `public` is made by us, whichever version wrote the dump.
_OURS = (b"CREATE SCHEMA public", b"COMMENT ON SCHEMA public")
_LAST_ROW = b"\\.\n"
#: Our pg_restore is newer than some servers, which know no such setting.
_TIMEOUT = b"SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout';\n"


class DumpFailed(AudiospectiveError):
    """One of Postgres's programs said no; nothing was changed."""


class Fingerprint(msgspec.Struct, frozen=True):
    """A table's rows and the sum of their hashes; equal for equal contents, whatever the order."""

    rows: int
    checksum: str


async def dump(dsn: str, target: Path) -> dict[str, Fingerprint]:
    """Write the database to `target` (pg_dump's custom format, packed); the fingerprints of what is in it. Raises DumpFailed."""
    async with _connected(dsn) as conn, conn.transaction():
        await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = (await (await conn.execute("SELECT pg_export_snapshot()")).fetchone() or ("",))[0]
        await _program(dsn, "pg_dump", "-Fc", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", "-f", str(target))
        return await fingerprints(conn)


async def restore(dsn: str, file: Path) -> None:
    """Put what `dump` wrote in place of everything that `dsn` has, in one transaction: all of it or nothing. Raises DumpFailed."""
    with tempfile.TemporaryDirectory() as folder:
        fresh, told, script = (Path(folder) / name for name in ("fresh.sql", "told.sql", "script.sql"))
        fresh.write_text(_FRESH, encoding="utf-8")
        await _program(None, "pg_restore", "--no-owner", "--no-privileges", "-f", str(told), str(file))
        await asyncio.to_thread(fit, told, script)
        told.unlink()
        await _program(dsn, "psql", "-q", "-X", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-f", str(fresh), "-f", str(script))


@contextlib.asynccontextmanager
async def scratch(dsn: str) -> AsyncIterator[str]:
    """The address of an empty database beside this one, gone at the end; what a run that was killed left goes first.

    Raises Conflict while somebody else has it.
    """
    async with _connected(dsn) as conn:
        name = f"audiospective_scratch_{hashlib.sha256(conn.info.dbname.encode()).hexdigest()[:10]}"
        taken = await (await conn.execute("SELECT pg_try_advisory_lock(7301004)")).fetchone()
        if taken != (True,):
            raise Conflict("Another backup is being restored beside the archive just now; try again in a moment.")
        await conn.execute(psql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(psql.Identifier(name)))
        await conn.execute(psql.SQL("CREATE DATABASE {} TEMPLATE template0").format(psql.Identifier(name)))
        try:
            yield make_conninfo(dsn, dbname=name)
        finally:
            await conn.execute(psql.SQL("DROP DATABASE {} WITH (FORCE)").format(psql.Identifier(name)))
            await conn.execute("SELECT pg_advisory_unlock(7301004)")  # the server notices only later that a connection was closed


async def fingerprints_of(dsn: str) -> dict[str, Fingerprint]:
    """The fingerprints of a database by its address."""
    async with _connected(dsn) as conn:
        return await fingerprints(conn)


async def fingerprints(conn: Connection) -> dict[str, Fingerprint]:
    """By table of the public schema."""
    names = await (await conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")).fetchall()
    found = {}
    for (name,) in names:
        asked = psql.SQL("SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} AS t")
        row = await (await conn.execute(asked.format(psql.Identifier(name)))).fetchone()
        found[str(name)] = Fingerprint(*row) if row else Fingerprint(0, "0")
    return found


def fit(told: Path, script: Path) -> None:
    """What pg_restore says, without what not every server and database takes. Rows stay to the byte, and only a line feed ends one."""
    is_row = False
    with told.open("rb") as lines, script.open("wb") as out:
        for line in lines:
            if is_row:
                is_row = line != _LAST_ROW
            elif line.startswith(_OURS):
                continue
            elif line.startswith(b"SET transaction_timeout"):
                line = _TIMEOUT  # noqa: PLW2901 (the same line in other words)
            else:
                is_row = line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n")
            out.write(line)


@contextlib.asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator[Connection]:
    try:
        conn = await Connection.connect(dsn, autocommit=True, connect_timeout=5, options=_PATIENT)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable("The database can't be reached; try again in a moment.") from error
    async with conn:
        yield conn


async def _program(dsn: str | None, name: str, *arguments: str) -> None:
    told = conninfo_to_dict(dsn) if dsn else {}
    password = str(told.pop("password", "") or "")
    address = ("-d", make_conninfo(**told)) if dsn else ()  # type: ignore[arg-type]  # the same parts again
    environ = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PGTZ": "UTC"} | ({"PGPASSWORD": password} if password else {})
    program = find(None, None).folder / name
    process = await asyncio.create_subprocess_exec(
        program, *address, *arguments, env=environ, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    if process.returncode != 0:
        last = said.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no reason given"]
        raise DumpFailed(f"{name} failed: {last[0]}")
