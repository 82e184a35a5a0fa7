"""What a worker can do for others: one short function for each job, named as in the row that asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import procrastinate

from audiospective.bootstrap import Parts
from audiospective.collect import sweep
from audiospective.collect.imports import run
from audiospective.infra import queue
from audiospective.infra.telemetry import get_logger

#: A job that fails, or whose worker is stopped, is begun so often; each is safe to begin again.
ATTEMPTS: Final = 5

_RETRY = procrastinate.RetryStrategy(max_attempts=ATTEMPTS, wait=2, exponential_wait=2)


def register(app: procrastinate.App, parts: Parts) -> None:
    """Teach the queue what each job's name means."""

    @app.task(name="archive_person", retry=_RETRY)
    async def archive_person(request_id: int) -> None:
        """Answer an “Archive Now”."""
        await sweep.answer_request(parts.db, parts.spotify, parts.sealer, parts.clock, request_id)

    @app.task(name="run_import", retry=_RETRY)
    async def run_import(import_id: int, folder: str) -> None:
        """Run an import that was received."""
        await run.run_received(parts.db, import_id, Path(folder), parts.clock)

    @app.periodic(cron="* * * * *")
    @app.task(name="rescue_jobs", queueing_lock="rescue_jobs")
    async def rescue_jobs(timestamp: int) -> None:  # noqa: ARG001 (the queue hands every periodic job its minute)
        """Take over from workers that died."""
        if rescued := await queue.rescue(app, most_attempts=ATTEMPTS):
            get_logger().warning("job.rescued", count=rescued)
