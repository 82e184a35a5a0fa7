"""Connections that outlast a test: to begin one costs the server's processor six milliseconds, and most tests need two."""

from __future__ import annotations

import select
from typing import Any, cast

from psycopg import pq
from psycopg.pq.abc import PGconn
from psycopg_pool import AsyncConnectionPool

from audiospective.infra.database import Connection, Database

#: Those of a database that nobody has now.
_free: dict[str, list[PGconn]] = {}
#: What a connection holds that was given back; like one that has ended.
_ENDED = pq.PGconn.connect(b"host=/nowhere")


class _Lasting(Connection):
    """Begins with one that was kept, and is kept as new when its pool closes; each is of its own test all the same."""

    address = ""
    pool: AsyncConnectionPool[Connection] | None = None

    @classmethod
    async def connect(cls, conninfo: str = "", **how: Any) -> _Lasting:
        while free := _free.get(conninfo):
            kept = free.pop()
            if _is_well(kept):
                conn = cls(kept)
                break
            kept.finish()
        else:
            conn = await super().connect(conninfo, **how)
        conn.address = conninfo
        return conn

    async def close(self) -> None:
        if self.closed or not (self.pool and self.pool.closed) or not _as_new(self.pgconn):
            await super().close()
            return
        _free.setdefault(self.address, []).append(self.pgconn)
        self._closed, self.pgconn = True, _ENDED


class LastingDatabase(Database):
    """A Database for one test, whose connections are there for the next."""

    def __init__(self, dsn: str, *, size: int) -> None:
        super().__init__(dsn, size=size)
        self._pool.connection_class = _Lasting

    async def _made_ours(self, conn: Connection) -> None:
        await super()._made_ours(conn)
        cast(_Lasting, conn).pool = self._pool


def kept(dsn: str) -> list[int]:
    """The server's processes for those that are kept."""
    return [one.backend_pid for one in _free.get(dsn, [])]


def forget(dsn: str) -> None:
    """End those of a database that goes."""
    for one in _free.pop(dsn, []):
        one.finish()


def _is_well(conn: PGconn) -> bool:
    """Whether the server has said nothing since, as it does when it ends one."""
    said = select.poll()
    said.register(conn.socket, select.POLLIN)
    return not said.poll(0)


def _as_new(conn: PGconn) -> bool:
    is_idle = conn.status == pq.ConnStatus.OK and conn.transaction_status == pq.TransactionStatus.IDLE
    return is_idle and _is_well(conn) and conn.exec_(b"DISCARD ALL").status == pq.ExecStatus.COMMAND_OK
