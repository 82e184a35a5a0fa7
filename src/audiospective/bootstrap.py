"""Settings → parts: the only place that constructs what the rooms are handed."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets as chance
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import aiohttp

from audiospective.accounts import ways
from audiospective.archive.history import HistoryCache
from audiospective.infra import tracking
from audiospective.infra.carriers import make_carriers
from audiospective.infra.clock import Clock, clock_of
from audiospective.infra.database import Database
from audiospective.infra.egress import public_session
from audiospective.infra.embedded import EmbeddedPostgres
from audiospective.infra.logfile import LogFile
from audiospective.infra.migrate import migrate
from audiospective.infra.outbox import Carrier, Channel
from audiospective.infra.sealing import Sealer
from audiospective.infra.shared_store import Store, open_store
from audiospective.infra.telemetry import Log, configure_logging, get_logger
from audiospective.infra.tracking import Caught, Event
from audiospective.operations import faults
from audiospective.operations.measures import Recorder, watched
from audiospective.operations.providers.asking import Patience as ProvidersPatience
from audiospective.operations.providers.chosen import Given, Means, Providers, in_the_cloud, on_one_machine
from audiospective.operations.visits import Visitors
from audiospective.settings import Settings
from audiospective.spotify.http import Patience, Spotify

#: The log of our own, below the data folder.
LOG = "logs/audiospective.log"

_AGENT = f"Audiospective/{version('audiospective')}"


@dataclass(frozen=True, slots=True)
class Parts:
    """What an entrypoint works with; opened and closed together."""

    settings: Settings
    clock: Clock
    db: Database
    spotify: Spotify
    sealer: Sealer
    cache: HistoryCache
    log: Log
    store: Store | None = None
    """Shared by all processes, where a Redis is set up."""
    recorder: Recorder = field(default_factory=Recorder)
    visitors: Visitors = field(default_factory=lambda: Visitors(_salt))
    log_file: LogFile = field(default_factory=lambda: LogFile(Path("/dev/null")))
    caught: Caught = field(default_factory=Caught)

    def public_http(self) -> aiohttp.ClientSession:
        """For calls to addresses that listeners typed; whoever opens it closes it."""
        return public_session(self.settings.local_hosts, agent=_AGENT)

    def secrets(self) -> list[str]:
        """What must never be shown, wherever something is written down."""
        return self.settings.secrets()

    def carriers(self) -> Mapping[Channel, Carrier]:
        """How messages leave, for each channel that is set up."""
        return make_carriers(self.settings.alerts, self.spotify.http)

    def providers(self, *, is_cloud: bool) -> Providers:
        """Whom the runbook asks."""
        one = self.settings
        given = Given(one.outside, one.scheduler, one.tracker, one.alerts, one.app_url)
        means = Means(
            http=self.spotify.http,
            clock=self.clock,
            db=self.db,
            store=self.store,
            carriers=self.carriers(),
            spotify_client=self.spotify.client_id,
            patience=ProvidersPatience(jitter=random.SystemRandom().random),
        )
        return (in_the_cloud if is_cloud else on_one_machine)(given, means)

    def carrier_to_listeners(self, http: aiohttp.ClientSession) -> Carrier:
        """How messages reach listeners, by the ways that they chose; `http` is that of `public_http`."""
        return ways.carrier(self.db, self.sealer, http, self.post, self.settings.app_url)

    @property
    def post(self) -> ways.Post | None:
        """The mail server, where one is set up."""
        alerts = self.settings.alerts
        return ways.Post(alerts.smtp_url, alerts.email) if alerts.smtp_url else None


@contextlib.asynccontextmanager
async def assemble(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Parts]:
    """The parts of one process, ready to use; all let go of at the end.

    Without DATABASE_URL the embedded Postgres is started and migrated here, and stopped by the last process that lets go of it.
    Raises DatabaseUnavailable or MigrationRefused.
    """
    log_file, clock, recorder = LogFile(settings.home / LOG), clock or clock_of(settings), Recorder()
    log_file.start()
    configure_logging(json=settings.is_production, stream=sys.stderr, file=log_file.write)
    caught, tracker = Caught(), settings.tracker
    inside = _in_our_time(caught, clock)
    tracking.start(tracker.dsn.reveal(), environment=tracker.environment, release=version("audiospective"), inside=inside)
    secrets = [secret.reveal() for secret in settings.app_secrets]
    async with contextlib.AsyncExitStack() as opened:
        opened.callback(log_file.close)
        address = await opened.enter_async_context(_address(settings))
        db = Database(address, told=watched(recorder, clock.now), hidden=settings.secrets())
        opened.push_async_callback(db.close)
        await db.open()
        opened.push_async_callback(_last_words, db, caught, clock)
        http = await opened.enter_async_context(_http())
        store = open_store(settings.outside.redis, http)
        if store is not None:
            opened.push_async_callback(store.close)
        yield Parts(
            settings=settings,
            clock=clock,
            db=db,
            spotify=Spotify(http, settings.spotify, Patience(jitter=random.SystemRandom().random)),
            sealer=Sealer(secrets),
            cache=HistoryCache(),
            log=get_logger(),
            store=store,
            recorder=recorder,
            log_file=log_file,
            caught=caught,
        )


def _in_our_time(caught: Caught, clock: Clock) -> Callable[[Event], None]:
    """Its library stamps an error with the machine's time; beside everything else it stands at ours, a rehearsal's too."""
    return lambda event: caught.take({**event, "timestamp": clock.now().timestamp()})


async def _last_words(db: Database, caught: Caught, clock: Clock) -> None:
    await faults.flush(db, caught, clock.now())


def _salt() -> bytes:
    return chance.token_bytes(32)


@contextlib.asynccontextmanager
async def _address(settings: Settings) -> AsyncIterator[str]:
    if settings.database_url is not None:
        yield settings.database_url
        return
    postgres = EmbeddedPostgres(settings.home)
    dsn = await asyncio.to_thread(postgres.start)
    try:
        await migrate(dsn)
        yield dsn
    finally:
        await asyncio.to_thread(postgres.release)


def _http() -> aiohttp.ClientSession:
    """For calls to others: answers compressed, every wait bounded, no cookies kept. Callers set shorter times of their own."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=30, sock_connect=5, sock_read=15),
        connector=aiohttp.TCPConnector(limit=100, ttl_dns_cache=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "gzip", "User-Agent": _AGENT},
    )
