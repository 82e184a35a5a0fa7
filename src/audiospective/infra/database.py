"""The one door to Postgres: a pool, short transactions, and rows as typed values.

A parameter `conn` elsewhere means "somebody's transaction is open, I never commit"; a parameter `db` means
"I am a flow, I open short transactions, none across the network". Only this room imports psycopg.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import is_dataclass
from inspect import get_annotations
from typing import Any, TypeVar, cast

import msgspec
import psycopg
from psycopg import sql as psql
from psycopg.rows import class_row, scalar_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from audiospective.errors import DatabaseUnavailable

Row = TypeVar("Row")
Result = TypeVar("Result")


class Connection(psycopg.AsyncConnection[Any]):
    """One to our own Postgres."""

    hidden: tuple[str, ...] = ()
    """What no record may show, whoever writes it."""
    used_at: float = 0
    """When it was last given back, by the machine's own count."""


#: What a connection is set to: nothing waits for ever, and the server always speaks UTC.
_OPTIONS = "-c timezone=UTC -c statement_timeout=60000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=120000"

#: Longer than the server lets a statement run: whatever comes later never comes.
ANSWER_S = 75.0
#: What ends a transaction because of another one, not of its own.
_CONTENTION = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure, psycopg.errors.LockNotAvailable)
#: What the server says to a connection that it ends, as when it starts anew.
_ENDED = (psycopg.errors.AdminShutdown, psycopg.errors.CrashShutdown)
_TRIES = 3
_AT_ONE_MOMENT = psycopg.IsolationLevel.REPEATABLE_READ
#: After a rush, a connection that nobody needs goes each time so many seconds are over; the server has few.
_IDLE_S = 20.0
#: So long after its last use a connection is taken for well unless the server has said that it goes.
_FRESH_S = 1.0

#: What is raised when the database, well and reachable, refuses the values that it was given.
UNSTORABLE = (psycopg.DataError, psycopg.IntegrityError)

#: What is raised when the server isn't set up for what it is asked, or our role may not ask it.
UNREADY = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ObjectNotInPrerequisiteState,
    psycopg.errors.FeatureNotSupported,
    psycopg.errors.UndefinedFile,
)

#: What is raised when the database isn't ours yet, or is of another version.
UNBUILT = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction)


class Contended(DatabaseUnavailable):
    """A transaction met another's and was undone whole; the same again may go through."""


class Way(msgspec.Struct, frozen=True):
    """How a connection goes: over a socket of this machine or a network, and how much it insists on encryption."""

    is_socket: bool
    ssl_mode: str


class Database:
    """A pool of connections to one Postgres."""

    def __init__(
        self,
        dsn: str,
        *,
        name: str = "audiospective",
        size: int = 10,
        patience_s: float = 5,
        told: Callable[[float], None] | None = None,
        hidden: Iterable[str] = (),
    ) -> None:
        """`patience_s` is waited for a connection, `told` hears how many seconds each statement took; `hidden` is what connections know
        as never to be shown.
        """
        self.dsn = dsn
        self._told, self._hidden = told, tuple(hidden)
        self._doubted_at = 0.0
        self._pool = AsyncConnectionPool(
            dsn,
            connection_class=Connection,
            min_size=0,  # with one kept ready, whoever asks before it is there makes another
            max_size=size,
            max_idle=_IDLE_S,
            open=False,
            timeout=patience_s,
            kwargs={"options": _OPTIONS, "application_name": name, "connect_timeout": 5},
            check=self._check,
            configure=self._made_ours,
        )

    async def open(self) -> None:
        """Start the pool; returns at once, connections come when they are asked for."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close(timeout=2)

    def transaction(self) -> contextlib.AbstractAsyncContextManager[Connection]:
        """A short transaction; commits at the end, rolls back on any exception.

        Raises Contended when it met another's, to be tried again as a whole, and DatabaseUnavailable when no connection can be had,
        the server went away or doesn't answer; then nobody knows whether the commit was done.
        """
        return self._begun_on_one(None)

    def reading(self) -> contextlib.AbstractAsyncContextManager[Connection]:
        """A read-only transaction: all its statements see one moment. BEGIN itself says so, which takes no statement of its own."""
        return self._begun_on_one(_AT_ONE_MOMENT)

    async def ask(self, question: Callable[[Connection], Awaitable[Result]]) -> Result:
        """What one statement answers, which is a transaction by itself: BEGIN and COMMIT would be two more ways to the server.

        One that reads, or may be carried out twice: where the server ends the connection meanwhile, it is asked again on another one.
        """
        try:
            async with self._borrowed(at_once=True) as conn:
                return await question(conn)
        except DatabaseUnavailable as error:
            if not isinstance(error.__cause__, _ENDED):
                raise
        self._doubted_at = time.monotonic()
        async with self._borrowed(at_once=True) as conn:
            return await question(conn)

    @contextlib.asynccontextmanager
    async def autocommit(self, patience_s: int = 5) -> AsyncIterator[Connection]:
        """A connection of one's own outside the pool, for LISTEN and for locks that outlive a transaction."""
        try:
            conn = await Connection.connect(self.dsn, autocommit=True, options=_OPTIONS, connect_timeout=patience_s)
        except psycopg.OperationalError as error:
            raise DatabaseUnavailable("The database can't be reached; try again in a moment.") from error
        async with conn:
            yield conn

    async def notices(self, channel: str) -> AsyncIterator[str]:
        """What is NOTIFYed on a channel from now on, without end; raises DatabaseUnavailable when the server goes away."""
        async with self.autocommit() as conn:
            try:
                await conn.execute(psql.SQL("LISTEN {}").format(psql.Identifier(channel)))
                async for notice in conn.notifies():
                    yield notice.payload
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                raise DatabaseUnavailable("The database went away; it is asked again in a moment.") from error

    async def _made_ours(self, conn: Connection) -> None:
        conn.hidden, conn.used_at = self._hidden, time.monotonic()
        if self._told is not None:
            conn.cursor_factory = _timed(self._told)

    async def _check(self, conn: Connection) -> None:
        """Raises what the driver does when the server isn't there any more.

        It is asked after a pause alone, or where it said something unasked, as it does when it goes, or where another connection was
        found ended since: a question before each transaction costs about as much as the transaction.
        """
        is_fresh = time.monotonic() - conn.used_at < _FRESH_S and conn.used_at > self._doubted_at
        if is_fresh and not _has_spoken(conn):
            return
        with _Watch(conn):
            await AsyncConnectionPool.check_connection(conn)

    @contextlib.asynccontextmanager
    async def _begun_on_one(self, isolation: psycopg.IsolationLevel | None) -> AsyncIterator[Connection]:
        """A transaction; where the server answers BEGIN by ending the connection, nothing was done yet, and it begins on another one."""
        has_begun = False
        try:
            async with self._borrowed(isolation) as conn, _begun(conn):
                has_begun = True
                yield conn
            return
        except DatabaseUnavailable as error:
            if has_begun or not isinstance(error.__cause__, _ENDED):
                raise
        self._doubted_at = time.monotonic()
        async with self._borrowed(isolation) as conn, _begun(conn):
            yield conn

    @contextlib.asynccontextmanager
    async def _borrowed(self, isolation: psycopg.IsolationLevel | None = None, *, at_once: bool = False) -> AsyncIterator[Connection]:
        try:
            async with self._pool.connection() as conn:
                if conn.autocommit != at_once:
                    await conn.set_autocommit(at_once)
                if conn.isolation_level != isolation:  # whoever had it before may have read
                    await conn.set_isolation_level(isolation)
                    await conn.set_read_only(True if isolation else None)
                yield conn
                conn.used_at = time.monotonic()
        except _CONTENTION as error:
            raise Contended("The database is busy with the same just now; try again in a moment.") from error
        except (PoolTimeout, psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise DatabaseUnavailable("The database doesn't answer right now; try again in a moment.") from error


class _Watch:
    """Hangs up a connection on which the server doesn't answer in time, between `begin` and `end`.

    Its own timeout ends a long statement on the server; this is for a line that has gone dead, on which nothing ever comes.
    """

    __slots__ = ("_conn", "_waiting")

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._waiting: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        self._waiting = asyncio.get_running_loop().call_later(ANSWER_S, self._hang_up)

    def end(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()

    def __enter__(self) -> None:
        self.begin()

    def __exit__(self, *_: object) -> None:
        self.end()

    def _hang_up(self) -> None:
        # The driver waits for its socket, and after a cancellation it waits on: an end of the line is what it understands.
        with contextlib.suppress(OSError, psycopg.OperationalError), socket.socket(fileno=os.dup(self._conn.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)


@contextlib.asynccontextmanager
async def _begun(conn: Connection) -> AsyncIterator[None]:
    """A transaction whose begin and end are watched."""
    async with contextlib.AsyncExitStack() as ending:
        watch = _Watch(conn)
        ending.callback(watch.end)
        watch.begin()
        await ending.enter_async_context(conn.transaction())
        watch.end()
        ending.callback(watch.begin)
        yield


def _has_spoken(conn: Connection) -> bool:
    looking = select.poll()
    looking.register(conn.fileno(), select.POLLIN)
    return bool(looking.poll(0))


async def retried(act: Callable[[], Awaitable[Result]]) -> Result:
    """What `act` gives, which opens a transaction of its own; tried three times in all while it meets others'. Raises Contended."""
    for _ in range(_TRIES - 1):
        with contextlib.suppress(Contended):
            return await act()
    return await act()


def _timed(told: Callable[[float], None]) -> type[psycopg.AsyncCursor[Any]]:
    class Timed(psycopg.AsyncCursor[Any]):
        """Tells how long each statement took."""

        async def execute(self, *args: Any, **kwargs: Any) -> Timed:
            began = time.monotonic()
            try:
                return await super().execute(*args, **kwargs)
            finally:
                told(time.monotonic() - began)

    return Timed


async def fetch_all(conn: Connection, statement: str, row: type[Row], **params: object) -> list[Row]:
    """Every row, each as `row`: a dataclass by column names, or a plain type (int, str, …) for one column."""
    with _Watch(conn):
        async with conn.cursor(row_factory=_factory(row), binary=_has_bytes(row)) as cursor:
            await cursor.execute(statement, params)
            return cast(list[Row], await cursor.fetchall())


async def fetch_one(conn: Connection, statement: str, row: type[Row], **params: object) -> Row | None:
    """The first row, or None."""
    with _Watch(conn):
        async with conn.cursor(row_factory=_factory(row), binary=_has_bytes(row)) as cursor:
            await cursor.execute(statement, params)
            return cast("Row | None", await cursor.fetchone())


async def execute(conn: Connection, statement: str, **params: object) -> int:
    """Run it; the number of rows that it touched."""
    with _Watch(conn):
        cursor = await conn.execute(statement, params)
    return cursor.rowcount


def way_of(conn: Connection) -> Way:
    """How this connection goes, by our own end of it: whoever stands between may reach the server otherwise."""
    return Way(conn.info.host.startswith(("/", "@")), conn.info.get_parameters().get("sslmode", "prefer"))


async def planned(conn: Connection, statement: str) -> list[str]:
    """How the server would go about a statement whose values stand as $1, $2, …: its plan, line by line; none where it can't tell."""
    try:
        async with conn.transaction():
            cursor = await conn.execute(psql.SQL("EXPLAIN (GENERIC_PLAN) {}").format(psql.SQL(cast(Any, statement))))
            return [str(line) for (line,) in await cursor.fetchall()]
    except psycopg.Error:
        return []


async def copy_in(conn: Connection, statement: str, chunks: Iterable[bytes | memoryview]) -> None:
    """`COPY … FROM STDIN` with ready-made bytes."""
    async with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for chunk in chunks:
            await copy.write(chunk)


async def copy_out(conn: Connection, statement: str, **params: object) -> AsyncIterator[memoryview]:
    """`COPY … TO STDOUT`, a block at a time; COPY takes no bound parameters, so literals are quoted by the driver."""
    query = psql.SQL(statement).format(**_literals(params))
    async with conn.cursor() as cursor, cursor.copy(query) as copy:
        async for block in copy:
            yield memoryview(block)


def _literals(params: Mapping[str, object]) -> dict[str, psql.Composable]:
    return {name: psql.Literal(value) for name, value in params.items()}


def _has_bytes(row: type[Any]) -> bool:
    """Bytes come binary, not as hexadecimal text of twice their length, which took longer than the statement."""
    return row is bytes or (
        _has_columns(row) and any(kind in {"bytes", bytes} for one in row.mro() for kind in get_annotations(one).values())
    )


def _factory(row: type[Row]) -> Any:
    return class_row(row) if _has_columns(row) else scalar_row


def _has_columns(row: type[Any]) -> bool:
    return is_dataclass(row) or issubclass(row, msgspec.Struct)
