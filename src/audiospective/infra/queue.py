"""Work for later: a job is a row in the caller's own transaction, so it exists exactly if the rest of that transaction does.

A job names its task; the tasks themselves stand above, in `jobs/`, and the worker finds them by name.
"""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import procrastinate
from procrastinate import PsycopgConnector

from audiospective.infra.database import Connection

JSON: TypeAlias = "str | int | float | bool | list[JSON] | dict[str, JSON] | None"

#: The worker's own connections; jobs bring theirs.
_POOL_SIZE = 3


async def defer(conn: Connection, task: str, *, lock: str | None = None, **arguments: JSON) -> int:
    """Leave a job for a worker; its id. Jobs that share a `lock` run one after the other, in order."""
    deferrer = _sender().configure_task(task, lock=lock, connection=conn)
    return await deferrer.defer_async(**arguments)


def make_app(dsn: str) -> procrastinate.App:
    """The queue as a worker sees it; `jobs/` registers its tasks on it, opens it and runs it."""
    connector = PsycopgConnector(
        conninfo=dsn, min_size=1, max_size=_POOL_SIZE, timeout=10, kwargs={"application_name": "audiospective jobs"}
    )
    return procrastinate.App(connector=connector)


@cache
def _sender() -> procrastinate.App:
    """An app that is never opened: it only words the statement, which runs on the caller's connection."""
    return procrastinate.App(connector=PsycopgConnector())
