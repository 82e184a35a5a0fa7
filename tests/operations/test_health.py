"""How the services are judged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest

from audiospective.infra.database import Database
from audiospective.infra.shared_store import RestStore
from audiospective.operations.health import FRESH_S, OLD_S, Health, Observer, Seen, State
from audiospective.settings import Secret, SpotifySettings
from audiospective.spotify.http import Spotify
from tests.clock import FakeClock
from tests.simulators import redis as simulated
from tests.simulators.redis import TOKEN, FakeRedis

_NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def observer(db: Database, clock: FakeClock) -> AsyncIterator[Observer]:
    async with aiohttp.ClientSession() as http:
        yield Observer(db, Spotify(http, SpotifySettings("app", Secret("s"), _NOWHERE, _NOWHERE, simulated=True)), clock)


async def _beat(db: Database, clock: FakeClock, name: str = "w") -> None:
    async with db.transaction() as conn:
        await conn.execute(
            "INSERT INTO worker_heartbeats (name, beat_at) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET beat_at = EXCLUDED.beat_at",
            [name, clock.now()],
        )


async def test_the_scheduler_is_as_fresh_as_its_last_beat(observer: Observer, db: Database, clock: FakeClock) -> None:
    assert (await observer.health()).services["scheduler"].state is State.UNHEALTHY
    await _beat(db, clock)
    seen = []
    for seconds in (0, 89, 2, 210):
        clock.forward(seconds=seconds)
        seen.append((await observer.health()).services["scheduler"].state)
    assert seen == [State.HEALTHY, State.HEALTHY, State.DEGRADED, State.UNHEALTHY]


async def test_one_worker_of_many_is_enough(observer: Observer, db: Database, clock: FakeClock) -> None:
    await _beat(db, clock, "gone")
    clock.forward(hours=1)
    await _beat(db, clock, "here")
    assert (await observer.health()).services["scheduler"].state is State.HEALTHY


async def test_spotify_out_of_reach_degrades(observer: Observer) -> None:
    assert (await observer.health()).services["spotify"].state is State.DEGRADED


async def test_spotify_asking_to_wait_degrades(observer: Observer, db: Database, clock: FakeClock) -> None:
    async with db.transaction() as conn:
        until = clock.now() + timedelta(hours=1)
        await conn.execute("INSERT INTO spotify_pauses (client_id, paused_until) VALUES ('app', %s)", [until])
    assert (await observer.health()).services["spotify"].state is State.DEGRADED


@pytest.mark.parametrize(
    ("database", "spotify", "whole"),
    [
        (State.HEALTHY, State.HEALTHY, State.HEALTHY),
        (State.HEALTHY, State.DEGRADED, State.DEGRADED),
        (State.HEALTHY, State.UNHEALTHY, State.DEGRADED),
        (State.UNHEALTHY, State.HEALTHY, State.UNHEALTHY),
    ],
)
def test_only_the_database_is_critical(clock: FakeClock, database: State, spotify: State, whole: State) -> None:
    services = {"database": Seen(database), "redis": Seen(State.NOT_CONFIGURED), "spotify": Seen(spotify)}
    assert Health(clock.now(), services).state is whole


@pytest.mark.parametrize(
    ("trouble", "seen", "whole"),
    [
        ({}, State.HEALTHY, State.HEALTHY),
        ({"delay_s": 1}, State.DEGRADED, State.DEGRADED),
        ({"pong": "PANG"}, State.DEGRADED, State.DEGRADED),
    ],
    ids=["well", "hanging", "odd"],
)
async def test_redis_is_pinged_and_its_trouble_only_degrades(
    db: Database, clock: FakeClock, trouble: dict[str, float | str], seen: State, whole: State
) -> None:
    fake = FakeRedis(lambda: clock.monotonic() * 1000, **trouble)  # type: ignore[arg-type]  # of the fields' own types
    async with aiohttp.ClientSession() as http, simulated.rest(fake) as redis:
        spotify = Spotify(http, SpotifySettings("app", Secret("s"), redis.url, redis.url, simulated=True))
        await _beat(db, clock)
        health = await Observer(db, spotify, clock, RestStore(http, redis.url, TOKEN)).health()
    assert (health.services["redis"].state, health.state) == (seen, whole)


async def test_without_redis_health_says_that_there_is_none(observer: Observer) -> None:
    assert (await observer.health()).services["redis"].state is State.NOT_CONFIGURED


async def test_what_was_seen_a_moment_ago_is_told_again_and_at_most_two_seconds_old(
    observer: Observer, db: Database, clock: FakeClock
) -> None:
    await _beat(db, clock)
    first = await observer.lately()
    assert first.services["database"].state is State.HEALTHY
    await db.close()
    clock.forward(seconds=FRESH_S)
    assert await observer.lately() is first
    clock.forward(seconds=0.1)
    assert await observer.lately() is first  # and somebody looks meanwhile
    for _ in range(3_000):
        await asyncio.sleep(0.01)
        if (told := await observer.lately()) is not first:
            break
    assert (told.services["database"].state, told.state) == (State.UNHEALTHY, State.UNHEALTHY)


async def test_what_is_older_is_looked_at_before_it_is_told(observer: Observer, db: Database, clock: FakeClock) -> None:
    await observer.lately()
    await db.close()
    clock.forward(seconds=OLD_S + 0.1)
    assert (await observer.lately()).services["database"].state is State.UNHEALTHY
