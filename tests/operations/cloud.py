"""A whole cloud: every provider played, one instance on it, and everything well; a test breaks one thing of it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from audiospective.accounts import people
from audiospective.environ import Secret
from audiospective.infra.carriers import make_carriers
from audiospective.infra.database import Database
from audiospective.infra.shared_store import RestStore
from audiospective.operations.measures import Recorder
from audiospective.operations.providers.chosen import Given, Means, in_the_cloud
from audiospective.operations.surroundings import Surroundings
from audiospective.outside import (
    GithubSettings,
    NeonSettings,
    OutsideSettings,
    RedisSettings,
    SentrySettings,
    UptimeRobotSettings,
    VercelSettings,
)
from audiospective.settings import AlertSettings, SchedulerSettings, SpotifySettings, TrackerSettings
from audiospective.spotify.http import Spotify
from tests.clock import FakeClock
from tests.operations.checkout import Checkout
from tests.operations.providers.conftest import HASTE
from tests.simulators import others, qstash, redis, sentry, vercel
from tests.simulators.others import FakeChat, FakeGithub, FakeNeon, FakeStatusPage, FakeUptimeRobot
from tests.simulators.played import Handler, Played, on_a_port
from tests.simulators.qstash import FakeQstash
from tests.simulators.redis import TOKEN, FakeRedis
from tests.simulators.sentry import FakeSentry
from tests.simulators.vercel import FakeVercel

COMMIT = "c" * 40


class TickingClock(FakeClock):
    """Its moment stands still, but whoever measures sees time pass: a tick each time it is looked at."""

    def __init__(self, tick_s: float = 1.0) -> None:
        super().__init__()
        self._tick_s = tick_s
        self._looked = 0

    def monotonic(self) -> float:
        """Seconds that only grow."""
        self._looked += 1
        return super().monotonic() + self._looked * self._tick_s


@dataclass(slots=True)
class Cloud:
    """Everybody who is played."""

    vercel: FakeVercel
    qstash: FakeQstash
    sentry: FakeSentry
    robot: FakeUptimeRobot
    chat: FakeChat
    github: FakeGithub
    neon: FakeNeon
    page: FakeStatusPage
    redis: FakeRedis
    site: Played
    spotify: Played
    db: Database
    recorder: Recorder
    clock: FakeClock
    checkout: Checkout

    async def asked(self, status: int, times: int) -> None:
        """So many requests that ended so."""
        at = self.clock.now() - timedelta(minutes=5)
        for _ in range(times):
            self.recorder.note(at, "page", f"{status // 100}xx", 20)
        await self.recorder.flush(self.db)

    def around(self, http: aiohttp.ClientSession, tmp_path: Path, wanted: frozenset[str]) -> Surroundings:
        """What the runbook looks at."""
        outside = OutsideSettings(
            RedisSettings(self.redis.url, Secret(TOKEN)),
            SentrySettings(Secret("good"), "quill", "archive", self.sentry.url),
            VercelSettings(Secret("good"), "prj_1", "", self.vercel.url),
            NeonSettings(Secret("good"), "small-tide-1", self.neon.url),
            UptimeRobotSettings(Secret("good"), self.robot.url),
            GithubSettings(Secret("good"), "mara/audiospective", self.github.url),
            (self.page.url,),
        )
        alerts = AlertSettings(slack_webhook_url=Secret(f"{self.chat.url}/services/T/B/x"))
        scheduler = SchedulerSettings(self.qstash.url, Secret("good"))
        given = Given(outside, scheduler, TrackerSettings(Secret(self.dsn), "production"), alerts, self.site.url)
        means = Means(
            http=http,
            clock=self.clock,
            db=self.db,
            store=RestStore(http, self.redis.url, TOKEN, patience_s=20),
            carriers=make_carriers(alerts, http),
            spotify_client="app",
            patience=HASTE,
        )
        asked = Spotify(http, SpotifySettings("app", Secret("s"), self.spotify.url, self.spotify.url, simulated=False))
        who = in_the_cloud(given, means)
        log = tmp_path / "log"
        found = Surroundings(self.db, http, self.clock, who, self.site.url, asked, tmp_path, log, COMMIT, wanted, "ab" * 16, 0.005)
        return replace(found, checkout=self.checkout.folder)

    @property
    def dsn(self) -> str:
        """Where the instance is told to send errors: to the key that was good when it was set up."""
        return f"{self.sentry.url.replace('://', '://k1@')}/42"


@contextlib.asynccontextmanager
async def whole_cloud(db: Database) -> AsyncIterator[Cloud]:
    """Everything well, at a quarter past the hour."""
    clock = TickingClock()
    clock.forward(seconds=(75 - clock.now().minute) % 60 * 60)
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        cloud = Cloud(
            await enter(vercel.playing(FakeVercel())),
            await enter(qstash.playing(FakeQstash())),
            await enter(sentry.playing(FakeSentry(takes_looks=0))),
            await enter(others.uptimerobot(FakeUptimeRobot())),
            await enter(others.chat(FakeChat())),
            await enter(others.github(FakeGithub())),
            await enter(others.neon(FakeNeon())),
            await enter(others.status_page(FakeStatusPage())),
            await enter(redis.rest(FakeRedis(lambda: 0.0))),
            Played(header=""),
            Played(header=""),
            db,
            Recorder(),
            clock,
            Checkout(Path(stack.enter_context(tempfile.TemporaryDirectory()))),
        )
        await enter(on_a_port(cloud.site, _site(cloud)))
        await enter(on_a_port(cloud.spotify, {"GET /v1/me": _stranger}))
        await _furnish(cloud)
        yield cloud


async def _furnish(cloud: Cloud) -> None:
    now_ms = cloud.clock.now().timestamp() * 1000
    hour = cloud.clock.now().replace(minute=0, second=0, microsecond=0)
    when: dict[str, Any] = {"created": now_ms - 900_000, "buildingAt": now_ms - 890_000, "ready": now_ms - 800_000}
    cloud.vercel.built("b" * 40, serves=False, **when | {"created": now_ms - 9_000_000})
    cloud.vercel.built(COMMIT, **when)
    cloud.vercel.runtime = [
        {"level": "info", "message": "sweep.stored", "timestampInMs": now_ms - 60_000, "source": "serverless", "responseStatusCode": 200}
    ]
    cloud.qstash.next_time = (hour + timedelta(hours=1)).timestamp() * 1000
    cloud.qstash.schedule(f"{cloud.site.url}/api/cron/archive")
    cloud.qstash.logs = [{"time": (hour + timedelta(seconds=2)).timestamp() * 1000, "state": "DELIVERED", "responseStatus": 200}]
    cloud.robot.watches(f"{cloud.site.url}/api/health")
    cloud.github.run(COMMIT)
    await cloud.asked(200, 1_200)  # so many that one failure among them is less than one in a thousand
    async with cloud.db.transaction() as conn:
        await people.set_operator(conn, (await people.add(conn, "noor", cloud.clock.now())).id, may=True)


def _site(cloud: Cloud) -> dict[str, Handler]:
    async def health(_: web.Request) -> web.Response:
        return web.json_response({"version": "1.0.0"})

    async def probe(request: web.Request) -> web.Response:
        row = {"level": "info", "message": request.path, "timestampInMs": cloud.clock.now().timestamp() * 1000, "source": "request"}
        cloud.vercel.runtime.append(row | {"responseStatusCode": 404})
        return web.Response(status=404)

    async def fails(request: web.Request) -> web.Response:
        number = request.headers["X-Audiospective-Probe"]
        if cloud.sentry.is_active and cloud.sentry.keeps and cloud.sentry.key == "k1":
            cloud.sentry.events[number] = sentry.raised(number)
        return web.Response(status=500)

    return {"GET /api/health": health, "GET /probe/{nonce}": probe, "GET /api/test-sentry": fails}


async def _stranger(_: web.Request) -> web.Response:
    return web.json_response({"error": {"status": 401}}, status=401)
