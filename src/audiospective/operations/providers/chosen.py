"""Whom to ask, by profile: a provider for each kind that is set up, or what stands in for it on one machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp
import msgspec

from audiospective.infra.clock import Clock
from audiospective.infra.database import Database as Db
from audiospective.infra.outbox import Carrier, Channel
from audiospective.infra.shared_store import Store
from audiospective.operations.providers.asking import Patience
from audiospective.operations.providers.github import Github
from audiospective.operations.providers.neon import Neon
from audiospective.operations.providers.ports import Chat, Ci, Database, Errors, Hosting, Scheduler, Uptime
from audiospective.operations.providers.qstash import Qstash
from audiospective.operations.providers.selfhosted import BuiltInScheduler, Inbox, OwnLooks
from audiospective.operations.providers.sentry import Sentry
from audiospective.operations.providers.slack import Webhook
from audiospective.operations.providers.uptimerobot import UptimeRobot
from audiospective.operations.providers.vercel import Vercel
from audiospective.outside import OutsideSettings
from audiospective.settings import AlertSettings, SchedulerSettings, TrackerSettings

#: What sets up each kind.
SETS_UP: Mapping[str, str] = {
    "hosting": "VERCEL_TOKEN and VERCEL_PROJECT_ID",
    "scheduler": "QSTASH_TOKEN",
    "tracker": "SENTRY_DSN, SENTRY_AUTH_TOKEN, SENTRY_ORG and SENTRY_PROJECT",
    "uptime": "UPTIMEROBOT_API_KEY",
    "database": "NEON_API_KEY and NEON_PROJECT_ID",
    "ci": "GITHUB_REPOSITORY",
    "chat": "SLACK_WEBHOOK_URL",
    "store": "UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, or REDIS_URL",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Providers:
    """One of each kind, None where nobody is set up; `is_cloud`: what isn't set up there is missing, here it isn't needed."""

    is_cloud: bool = False
    hosting: Hosting | None = None
    scheduler: Scheduler | None = None
    tracker: Errors | None = None
    uptime: Uptime | None = None
    database: Database | None = None
    ci: Ci | None = None
    chat: Chat | None = None
    store: Store | None = None
    status_pages: tuple[str, ...] = ()
    dsn: str = field(default="", repr=False)
    carriers: Mapping[Channel, Carrier] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)


class Given(msgspec.Struct, frozen=True):
    """The settings that choose."""

    outside: OutsideSettings
    scheduler: SchedulerSettings
    tracker: TrackerSettings
    alerts: AlertSettings
    app_url: str


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What they are made of."""

    http: aiohttp.ClientSession
    clock: Clock
    db: Db
    store: Store | None
    carriers: Mapping[Channel, Carrier]
    spotify_client: str
    patience: Patience = msgspec.field(default_factory=Patience)


def in_the_cloud(given: Given, means: Means) -> Providers:
    """Those that the runbook names, each over its real API."""
    http, out, patience = means.http, given.outside, means.patience
    return Providers(
        is_cloud=True,
        hosting=Vercel(http, out.vercel, out.github, means.clock, patience=patience) if out.vercel.token else None,
        scheduler=Qstash(http, given.scheduler, given.app_url, patience=patience) if given.scheduler.token else None,
        tracker=Sentry(http, out.sentry, given.tracker, patience=patience) if out.sentry.token and given.tracker.dsn else None,
        uptime=UptimeRobot(http, out.uptimerobot, patience=patience) if out.uptimerobot.key else None,
        database=Neon(http, out.neon, means.clock, patience=patience) if out.neon.key else None,
        ci=Github(http, out.github, patience=patience) if out.github.repository else None,
        chat=_chat(given, means),
        store=means.store,
        status_pages=out.status_pages,
        dsn=given.tracker.dsn.reveal(),
        carriers=means.carriers,
        patience=patience,
    )


def on_one_machine(given: Given, means: Means) -> Providers:
    """What is built in; a chat, a source and a Redis only where they are set up."""
    out = given.outside
    return Providers(
        scheduler=BuiltInScheduler(means.db, means.clock, means.spotify_client, given.app_url),
        uptime=OwnLooks(means.http, means.db, means.clock),
        ci=Github(means.http, out.github, patience=means.patience) if out.github.repository else None,
        chat=_chat(given, means) or Inbox(means.db, means.clock),
        store=means.store,
        dsn=given.tracker.dsn.reveal(),
        carriers=means.carriers,
        patience=means.patience,
    )


def _chat(given: Given, means: Means) -> Chat | None:
    url = given.alerts.slack_webhook_url
    return Webhook(means.http, url, patience=means.patience) if url else None
