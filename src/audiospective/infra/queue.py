"""Work for later: a job is a row in the caller's own transaction, so it exists exactly if the rest of that transaction does.

A job names its task; the tasks themselves stand above, in `jobs/`, and the worker finds them by name. The library is read where
a job is left or worked off, by the first who does: most commands and pages never do.
"""

from __future__ import annotations

import asyncio
import logging
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import psycopg

from audiospective.errors import DatabaseUnavailable
from audiospective.infra.database import Connection

if TYPE_CHECKING:
    import procrastinate

JSON: TypeAlias = "str | int | float | bool | list[JSON] | dict[str, JSON] | None"

#: The worker's own connections; jobs bring theirs.
_POOL_SIZE = 3


async def defer(conn: Connection, task: str, *, lock: str | None = None, **arguments: JSON) -> int:
    """Leave a job for a worker; its id. Jobs that share a `lock` run one after the other, in order."""
    sender = await asyncio.to_thread(_sender)  # the first to ask reads the library, and other pages go on meanwhile
    deferrer = sender.configure_task(task, lock=lock, connection=conn)
    return await deferrer.defer_async(**arguments)


def make_app(dsn: str) -> procrastinate.App:
    """The queue as a worker sees it; `jobs/` registers its tasks on it, opens it and runs it."""
    from procrastinate import App, PsycopgConnector  # noqa: PLC0415 (above)

    connector = PsycopgConnector(
        conninfo=dsn, min_size=1, max_size=_POOL_SIZE, timeout=10, kwargs={"application_name": "audiospective jobs"}
    )
    return App(connector=connector)


async def work(app: procrastinate.App, *, at_once: int, farewell_s: float) -> None:
    """Work off jobs until cancelled; those that are under way then get `farewell_s` seconds, and are left to others after that.

    Raises DatabaseUnavailable when the connection is lost; then a new app is needed.
    """
    from procrastinate.exceptions import ConnectorException  # noqa: PLC0415 (above)

    for name in ("procrastinate.worker", "procrastinate.utils"):
        logging.getLogger(name).addFilter(_is_news)
    try:
        async with app.open_async():
            await app.run_worker_async(
                concurrency=at_once,
                delete_jobs="successful",
                install_signal_handlers=False,
                shutdown_graceful_timeout=farewell_s,
            )
    except (ConnectorException, psycopg.OperationalError) as error:
        raise DatabaseUnavailable("The queue of jobs can't be reached; it is tried again in a moment.") from error
    raise DatabaseUnavailable("The queue of jobs fell silent; it is opened again in a moment.")


def _is_news(record: logging.LogRecord) -> bool:
    """Not so what the library logs, twice and with every frame, when the connection is lost: `work` raises it."""
    error = record.exc_info[1] if record.exc_info else None
    return error is None or type(error).__name__ != "ConnectorException" or not isinstance(error.__cause__, psycopg.OperationalError)


async def rescue(app: procrastinate.App, *, most_attempts: int) -> int:
    """Give the jobs of workers that died to living ones, since a job's lock stays closed until then; how many.

    A job that was begun `most_attempts` times is given up: it may be what kills them.
    """
    from procrastinate.jobs import Status  # noqa: PLC0415 (above)

    stalled = list(await app.job_manager.get_stalled_jobs())
    for job in stalled:
        if job.attempts >= most_attempts:
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
        else:
            await app.job_manager.retry_job(job)
    return len(stalled)


@cache
def _sender() -> procrastinate.App:
    """An app that is never opened: it only words the statement, which runs on the caller's connection."""
    from procrastinate import App, PsycopgConnector  # noqa: PLC0415 (above)

    return App(connector=PsycopgConnector())
