"""What a worker can do for others: one short function for each job, named as in the row that asks for it."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Final

import procrastinate

from audiospective.bootstrap import Parts
from audiospective.collect import disconnecting, hours, metadata, notices, sweep
from audiospective.collect.imports import run
from audiospective.export import scheduled
from audiospective.export.scheduled import Outside
from audiospective.infra import queue
from audiospective.infra.telemetry import get_logger
from audiospective.operations import backups, cadence, faults, holes, measures, mirror, paging, visits, watches, watching
from audiospective.operations.cadence import Round
from audiospective.operations.health import Observer
from audiospective.operations.providers.asking import ProviderError
from audiospective.operations.watching import Eyes
from audiospective.reports import notices as news
from audiospective.spotify import quota

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

    _by_the_clock(app, parts)
    _for_listeners(app, parts)


def _for_listeners(app: procrastinate.App, parts: Parts) -> None:
    """Copies and news that listeners asked for."""

    @app.periodic(cron="*/5 * * * *")
    @app.task(name="copy_archives", queueing_lock="copy_archives", lock="copy_archives")
    async def copy_archives(timestamp: int) -> None:  # noqa: ARG001
        """Exports that go by themselves."""
        async with parts.public_http() as http:
            await scheduled.copy_due(parts.db, parts.sealer, parts.clock, Outside(http, parts.settings.export_folder))

    @app.periodic(cron="7 * * * *")
    @app.task(name="tell_news", queueing_lock="tell_news", lock="tell_news")
    async def tell_news(timestamp: int) -> None:  # noqa: ARG001
        """News for whoever wants it: copies that don't arrive, last week, last month."""
        await news.tell(parts.db, parts.sealer, parts.cache, parts.clock, parts.settings.app_url)

    @app.periodic(cron="23 * * * *")
    @app.task(name="tell_concerns", queueing_lock="tell_concerns")
    async def tell_concerns(timestamp: int) -> None:  # noqa: ARG001
        """What is new and concerns somebody; and forget what those who left Spotify want forgotten."""
        await notices.tell(parts.db, parts.clock, app_url=parts.settings.app_url)
        await disconnecting.forget_due(parts.db, parts.clock)


def _by_the_clock(app: procrastinate.App, parts: Parts) -> None:
    """What nobody asks for, done at its minute by whichever worker comes first."""

    @app.periodic(cron="*/5 * * * *")
    @app.task(name="fetch_metadata", queueing_lock="fetch_metadata")
    async def fetch_metadata(timestamp: int) -> None:  # noqa: ARG001
        """Covers, lengths and genres for whoever's turn it is."""
        await metadata.enrich_all(parts.db, parts.spotify, parts.sealer, parts.clock)

    @app.periodic(cron="17 3 * * *")
    @app.task(name="nightly_backup", queueing_lock="nightly_backup")
    async def nightly_backup(timestamp: int) -> None:  # noqa: ARG001
        """Everything into a file, proven by restoring it; old ones go."""
        await backups.nightly(parts.db, parts.clock, parts.settings.home / "backups", parts.sealer)

    @app.periodic(cron="0 * * * *")
    @app.task(name="forget_calls", queueing_lock="forget_calls")
    async def forget_calls(timestamp: int) -> None:  # noqa: ARG001
        """What no budget and no window counts any more."""
        async with parts.db.transaction() as conn:
            await quota.forget(conn, parts.clock.now())
            await measures.forget(conn, parts.clock.now())
            await visits.forget(conn, parts.clock.now())
            await hours.forget(conn, parts.clock.now())
            await faults.forget(conn, parts.clock.now())

    @app.periodic(cron="* * * * *")
    @app.task(name="rescue_jobs", queueing_lock="rescue_jobs")
    async def rescue_jobs(timestamp: int) -> None:  # noqa: ARG001 (the queue hands every periodic job its minute)
        """Take over from workers that died."""
        if rescued := await queue.rescue(app, most_attempts=ATTEMPTS):
            get_logger().warning("job.rescued", count=rescued)

    _register_watch(app, parts)


def _register_watch(app: procrastinate.App, parts: Parts) -> None:
    observer = Observer(parts.db, parts.spotify, parts.clock, parts.store)
    home = parts.settings.home
    app_url, quota_bytes = parts.settings.app_url, parts.settings.database_quota_bytes
    eyes = Eyes(observer, home / "backups", app_url, version("audiospective"), mirror=home / mirror.FILE, quota_bytes=quota_bytes)

    @app.periodic(cron="* * * * *")
    @app.task(name="watch", queueing_lock="watch")
    async def watch(timestamp: int) -> None:  # noqa: ARG001
        """Look at the services and judge what is seen."""
        if firing := await watching.watch(parts.db, eyes, parts.clock):
            get_logger().warning("alert.firing", rules=firing)
        async with parts.db.transaction() as conn:
            await holes.follow(conn, parts.clock.now())
            await paging.remind(conn, parts.clock.now())
        for phase in await watches.settle(parts.db, parts.clock.now()):
            get_logger().info("watch.judged", phase=phase)
        await watches.knock(parts.db, parts.spotify.http, parts.settings.app_url, parts.clock.now())

    @app.periodic(cron="*/5 * * * *")
    @app.task(name="make_rounds", queueing_lock="make_rounds")
    async def make_rounds(timestamp: int) -> None:  # noqa: ARG001
        """What comes each hour, day, week or month."""
        async with parts.db.reading() as conn:
            due = await cadence.due(conn, parts.clock.now())
        if Round.MONTHLY in due and await holes.is_wanted(parts.db):
            await _audit(parts)
        for one in due:
            waiting = await cadence.run(parts.db, parts.clock, one, by="worker", quota_bytes=parts.settings.database_quota_bytes)
            get_logger().info("round.made", round=one.value, waiting=waiting)


async def _audit(parts: Parts) -> None:
    """Where OSV can't be asked the round goes on, and its box says so."""
    try:
        await holes.audit(parts.db, parts.spotify.http, parts.settings.outside.osv_url, parts.clock, by="worker")
    except ProviderError as error:
        get_logger().warning("audit.failed", reason=error.message)
