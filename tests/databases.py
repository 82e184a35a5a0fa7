"""The run's Postgres, and databases on it for one test each: made by copying files, and emptied for the next one where that does."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Iterator

import psycopg

from audiospective.infra.migrate import migrate
from tests.kept import forget, kept

_TEMPLATE = "template_migrated"
#: What an emptied database must have in common with the template: every name, column, function, constraint and setting, as first made.
#: What is written later is of a later transaction, so that the sum is another for the same number of rows; 16384 is the first oid of ours.
_SHAPE = b"""
SELECT string_agg(one.kind || ' ' || one.many || ' ' || one.written, ',' ORDER BY one.kind) FROM (
    SELECT 'class' AS kind, count(*) AS many, sum(c.xmin::text::bigint) AS written
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'column', count(*), sum(a.xmin::text::bigint) FROM pg_attribute a WHERE a.attrelid >= 16384
    UNION ALL SELECT 'default', count(*), sum(d.xmin::text::bigint) FROM pg_attrdef d
    UNION ALL SELECT 'index', count(*), sum(i.xmin::text::bigint) FROM pg_index i WHERE i.indexrelid >= 16384
    UNION ALL SELECT 'constraint', count(*), sum(k.xmin::text::bigint) FROM pg_constraint k WHERE k.connamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger', count(*), sum(t.xmin::text::bigint) FROM pg_trigger t
    UNION ALL SELECT 'function', count(*), sum(p.xmin::text::bigint) FROM pg_proc p WHERE p.oid >= 16384
    UNION ALL SELECT 'schema', count(*), sum(n.xmin::text::bigint) FROM pg_namespace n WHERE n.nspname NOT LIKE 'pg\\_%'
    UNION ALL SELECT 'extension', count(*), sum(e.xmin::text::bigint) FROM pg_extension e
    UNION ALL SELECT 'setting', count(*), coalesce(sum(s.xmin::text::bigint), 0) FROM pg_db_role_setting s
        WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
) AS one
"""
_TABLES = b"SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
_SEQUENCES = b"SELECT relname::text FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace ORDER BY 1"
_OTHERS = b"""
PREPARE others (int[]) AS SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL ($1)
"""
#: What was larger than this is made anew: deleted rows stay in its files for a while.
_LARGE = 4 * 1024 * 1024
_SIZE = b"SELECT sum(pg_relation_size(oid))::bigint FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


class Server:
    """The run's Postgres."""

    _numbers = itertools.count()

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._admin = psycopg.connect(dsn, autocommit=True)
        self._emptied: list[_Emptied] = []

    def close(self) -> None:
        """Let go of the server."""
        for one in self._emptied:
            one.close()
            forget(self.dsn(one.name))
        self._admin.close()

    def dsn(self, name: str) -> str:
        """The address of one database."""
        return self._dsn.replace("/postgres?", f"/{name}?")

    def migrated(self) -> Iterator[str]:
        """The name of a migrated database without anybody in it, for one test."""
        one = self._emptied.pop() if self._emptied else _Emptied(self, self.create(_TEMPLATE))
        yield one.name
        if one.empty():
            self._emptied.append(one)
        else:
            one.close()
            self.drop(one.name)

    def create(self, template: str) -> str:
        """A new database; its name. Copying files takes 20 ms, the default (through the log) 250 ms."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self._do(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        forget(self.dsn(name))
        self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def ensure_template(self) -> None:
        """Make and migrate the template unless another worker did."""
        made = self._admin.execute(f"SELECT 1 FROM pg_database WHERE datname = '{_TEMPLATE}'".encode()).fetchone()
        if not made:
            self._do("CREATE DATABASE template_half TEMPLATE template0 STRATEGY FILE_COPY")
            asyncio.run(migrate(self.dsn("template_half")))
            self._do(f"ALTER DATABASE template_half RENAME TO {_TEMPLATE}")

    def _do(self, statement: str) -> None:
        self._admin.execute(statement.encode())


class _Emptied:
    """A database that is emptied after each test: a millisecond or two, where making and removing one takes 24 of the processor's."""

    def __init__(self, server: Server, name: str) -> None:
        self.name, self._numbers, self._dsn = name, itertools.count(), server.dsn(name)
        self._conn = psycopg.connect(self._dsn, autocommit=True, application_name="emptying")
        self._shape = self._asked(_SHAPE)
        tables = [row[0] for row in self._conn.execute(_TABLES)]
        self._seeds = {table: seeds for table in tables if (seeds := self._copied(table))}
        starts = [self._start(row[0]) for row in self._conn.execute(_SEQUENCES).fetchall()]
        deletes = [f'DELETE FROM "{table}"' for table in tables if table not in self._seeds]
        #: As a replica no trigger runs, neither those of foreign keys nor those that forbid to change a ledger.
        self._conn.execute(b"SET session_replication_role = replica")
        self._conn.execute(_OTHERS)
        self._ask = self._kept([_SIZE.decode()])
        self._clean = self._kept([*deletes, f"SELECT {', '.join(starts)}", "SELECT pg_stat_reset()", self._as_sown, _SHAPE.decode()])
        self._sown = self._asked(self._as_sown.encode())

    def empty(self) -> bool:
        """As it was; False where it can't be had so, since a test changed more than rows, or ended our connection."""
        try:
            spared = ",".join(map(str, kept(self._dsn)))
            if int(self._last(f"EXECUTE others ('{{{spared}}}'); ".encode() + self._ask, 1)[0]) > _LARGE:
                return False
            sown, shape = self._last(self._clean, 2)
            if sown != self._sown:
                self._sow()
            return shape == self._shape
        except psycopg.Error:
            return False

    def close(self) -> None:
        self._conn.close()

    def _sow(self) -> None:
        for table, rows in self._seeds.items():
            self._conn.execute(f'DELETE FROM "{table}"'.encode())
            with self._conn.cursor().copy(f'COPY "{table}" FROM STDIN'.encode()) as copy:
                copy.write(rows)
        self._sown = self._asked(self._as_sown.encode())

    @property
    def _as_sown(self) -> str:
        """How many rows stand in the tables that a migration fills, and which transactions wrote them."""
        counted = (f"(SELECT count(*) || ' ' || coalesce(sum(xmin::text::bigint), 0) FROM \"{table}\")" for table in self._seeds)
        return f"SELECT concat_ws(',', {', '.join(counted)})"

    def _kept(self, statements: list[str]) -> bytes:
        """What carries them out one after the other as often as it is sent: the server reads and plans each only now."""
        names = [f"kept_{next(self._numbers)}" for _ in statements]
        for name, statement in zip(names, statements, strict=True):
            self._conn.execute(f"PREPARE {name} AS {statement}".encode())
        return "; ".join(f"EXECUTE {name}" for name in names).encode()

    def _last(self, kept: bytes, many: int) -> list[str]:
        """The values that the last so many of them gave."""
        given = [row for cursor in self._conn.execute(kept).results() if cursor.description and (row := cursor.fetchone())]
        return [str(row[0]) for row in given[-many:]]

    def _asked(self, question: bytes) -> str:
        row = self._conn.execute(question).fetchone()
        return str(row[0]) if row else ""

    def _copied(self, table: str) -> bytes:
        with self._conn.cursor().copy(f'COPY "{table}" TO STDOUT'.encode()) as copy:
            return b"".join(bytes(part) for part in copy)

    def _start(self, sequence: str) -> str:
        value, called = self._conn.execute(f'SELECT last_value, is_called FROM "{sequence}"'.encode()).fetchone() or (1, False)
        return f"setval('\"{sequence}\"', {value}, {called})"
