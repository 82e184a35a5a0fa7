"""Redis over both its doors, well and in every kind of trouble; nothing ever breaks for want of it (F16, A075)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest

from audiospective.environ import Secret
from audiospective.infra.ratelimit import Limit, SharedLimiter
from audiospective.infra.shared_store import PATIENCE_S, RedisStore, RestStore, Store, StoreUnavailable, open_store
from audiospective.outside import RedisSettings
from tests.clock import FakeClock
from tests.simulators import redis as simulated
from tests.simulators.redis import TOKEN, FakeRedis

TEN = Limit("ten", 10, 10)
_NOWHERE = "127.0.0.1:9"


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def redis(clock: FakeClock) -> FakeRedis:
    return FakeRedis(lambda: clock.monotonic() * 1000)


@contextlib.asynccontextmanager
async def _opened(kind: str, redis: FakeRedis, http: aiohttp.ClientSession, patience_s: float) -> AsyncIterator[Store]:
    async with (simulated.rest if kind == "rest" else simulated.server)(redis) as there:
        opened: Store = (
            RestStore(http, there.url, TOKEN, patience_s=patience_s) if kind == "rest" else RedisStore(there.url, patience_s=patience_s)
        )
        yield opened
        await opened.close()


@pytest.fixture(params=["rest", "redis"])
async def store(request: pytest.FixtureRequest, redis: FakeRedis, http: aiohttp.ClientSession) -> AsyncIterator[Store]:
    """Waited for as long as a busy machine may need."""
    async with _opened(request.param, redis, http, 20) as opened:
        yield opened


@pytest.fixture(params=["rest", "redis"])
async def hasty(request: pytest.FixtureRequest, redis: FakeRedis, http: aiohttp.ClientSession) -> AsyncIterator[Store]:
    """Waited for as long as a page waits."""
    async with _opened(request.param, redis, http, PATIENCE_S) as opened:
        yield opened


def _limiters(clock: FakeClock, store: Store | None, count: int) -> list[SharedLimiter]:
    return [SharedLimiter(clock.monotonic, store, "secret") for _ in range(count)]


async def test_a_ping_that_is_answered_is_enough(store: Store) -> None:
    await store.ping()


async def test_processes_share_one_budget(store: Store, clock: FakeClock) -> None:
    one, other = _limiters(clock, store, 2)
    for _ in range(5):
        assert (await one.take("a", TEN)).allowed
        assert (await other.take("a", TEN)).allowed
    assert [(await limiter.take("a", TEN)).allowed for limiter in (one, other)] == [False, False]
    assert (await other.take("b", TEN)).remaining == 9


async def test_a_window_ends_for_all_and_is_never_longer(store: Store, clock: FakeClock) -> None:
    one, other = _limiters(clock, store, 2)
    for _ in range(10):
        await one.take("a", TEN)
    clock.forward(seconds=6)
    verdict = await other.take("a", TEN)
    assert (verdict.allowed, verdict.reset_s) == (False, 4)
    clock.forward(seconds=4)
    assert (await other.take("a", TEN)).allowed


async def test_the_store_learns_no_address(store: Store, redis: FakeRedis, clock: FakeClock) -> None:
    (limiter,) = _limiters(clock, store, 1)
    await limiter.take("address 203.0.113.7", TEN)
    assert not any("203.0.113.7" in word for command in redis.asked for word in command)


async def _goes_alone(store: Store, redis: FakeRedis, clock: FakeClock) -> None:
    (limiter,) = _limiters(clock, store, 1)
    with pytest.raises(StoreUnavailable):
        await store.ping()
    assert [(await limiter.take("a", TEN)).allowed for _ in range(11)] == [True] * 10 + [False]
    asked = len(redis.asked)
    await limiter.take("b", TEN)
    assert len(redis.asked) == asked  # what failed isn't asked again at once


async def test_with_a_full_store_each_process_counts_for_itself(store: Store, redis: FakeRedis, clock: FakeClock) -> None:
    redis.error = "ERR max requests limit exceeded"
    await _goes_alone(store, redis, clock)


async def test_with_a_slow_store_each_process_counts_for_itself(hasty: Store, redis: FakeRedis, clock: FakeClock) -> None:
    redis.delay_s = 1
    await _goes_alone(hasty, redis, clock)


async def test_a_key_of_another_kind_is_not_believed(store: Store, redis: FakeRedis, clock: FakeClock) -> None:
    (limiter,) = _limiters(clock, store, 1)
    await limiter.take("a", TEN)
    key = next(iter(redis.values))
    redis.values[key] = ["a", "list"]
    with pytest.raises(StoreUnavailable):
        await store.count(key, 10)
    redis.values[key], _ = "1", redis.ends.pop(key)
    with pytest.raises(StoreUnavailable):
        await store.count(key, 10)


async def test_a_flushed_store_opens_nothing_that_this_process_has_closed(store: Store, redis: FakeRedis, clock: FakeClock) -> None:
    (limiter,) = _limiters(clock, store, 1)
    for _ in range(10):
        await limiter.take("a", TEN)
    redis.flush()
    assert not (await limiter.take("a", TEN)).allowed


async def test_it_is_shared_again_when_the_store_is_back(store: Store, redis: FakeRedis, clock: FakeClock) -> None:
    one, other = _limiters(clock, store, 2)
    redis.error = "LOADING Redis is loading the dataset in memory"
    await one.take("a", TEN)
    redis.error = ""
    clock.forward(seconds=5)
    for limiter in (one, other):
        await limiter.take("b", TEN)
    assert (await one.take("b", TEN)).remaining == 7


async def test_something_else_than_a_pong_is_no_pong(redis: FakeRedis, http: aiohttp.ClientSession) -> None:
    async with simulated.rest(redis) as there:
        there.pong = "PANG"
        with pytest.raises(StoreUnavailable):
            await RestStore(http, there.url, TOKEN).ping()
        with pytest.raises(StoreUnavailable, match="status 401"):
            await RestStore(http, there.url, "another token").ping()


@pytest.mark.parametrize("settings", [RedisSettings(f"http://{_NOWHERE}", Secret("t")), RedisSettings(url=Secret(f"redis://{_NOWHERE}"))])
async def test_a_store_that_is_not_there_says_so(settings: RedisSettings, http: aiohttp.ClientSession) -> None:
    store = open_store(settings, http)
    assert store is not None
    for question in (store.ping, lambda: store.count("a", 10)):
        with pytest.raises(StoreUnavailable):
            await question()
    await store.close()


async def test_without_one_nothing_is_asked(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    assert open_store(RedisSettings(), http) is None
    (limiter,) = _limiters(clock, None, 1)
    assert [(await limiter.take("a", TEN)).allowed for _ in range(11)] == [True] * 10 + [False]


async def test_what_one_process_protects_itself_with_is_not_shared(store: Store, redis: FakeRedis, clock: FakeClock) -> None:
    (limiter,) = _limiters(clock, store, 1)
    await limiter.take("a", Limit("own", 10, 10, shared=False))
    assert redis.asked == []
