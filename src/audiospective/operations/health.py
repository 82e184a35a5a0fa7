"""Is it well? Five services looked at side by side, answered within a second whatever hangs (contract.md §4, `/api/health`)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

import aiohttp
import msgspec

from audiospective.infra.clock import Clock
from audiospective.infra.database import Database, fetch_all
from audiospective.infra.shared_store import Store, StoreUnavailable
from audiospective.infra.statements import statements
from audiospective.spotify.http import Spotify

sql = statements(__name__)

#: A look that takes longer has failed; leaves time for the answer itself.
PATIENCE_S = 0.7
_SPOTIFY_S = 0.3
#: What was seen so lately is told without another look; what is older is told too, up to OLD_S, while somebody looks.
FRESH_S, OLD_S = 0.25, 2.0
#: What was seen of Spotify is believed this long: a health call every second must not become a call to Spotify every second.
_BELIEVED_S = 30.0
#: The worker beats every few seconds; after this long it is late, and after that it is gone.
_LATE, _GONE = timedelta(seconds=90), timedelta(minutes=5)


#: All five, in the order in which they are told.
SERVICES = ("database", "redis", "spotify", "scheduler", "sentry")


class State(StrEnum):
    """How a service is."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    NOT_CONFIGURED = "not_configured"


class Seen(msgspec.Struct, frozen=True):
    """One service; `latency_ms` is how long looking took."""

    state: State
    latency_ms: int = 0
    trouble: str = ""
    """What a look died of; for the log, never for a client."""


class Health(msgspec.Struct, frozen=True):
    """All services at one moment; without the database nothing works, without the others less does."""

    at: datetime
    services: Mapping[str, Seen]

    @property
    def state(self) -> State:
        """The whole: unhealthy without the database, degraded when another service isn't well."""
        if self.services["database"].state is not State.HEALTHY:
            return State.UNHEALTHY
        is_well = all(seen.state in {State.HEALTHY, State.NOT_CONFIGURED} for seen in self.services.values())
        return State.HEALTHY if is_well else State.DEGRADED


class _Told(msgspec.Struct, frozen=True):
    """What the database says of others: when a worker last was at work, and whether Spotify has asked us to stay away."""

    beat_at: datetime | None
    is_paused: bool


class Observer:
    """Looks at the services. A look that hangs goes on alone, and the next question joins it instead of starting another."""

    def __init__(self, db: Database, spotify: Spotify, clock: Clock, store: Store | None = None) -> None:
        self._db = db
        self._store = store
        self._spotify = spotify
        self._clock = clock
        self._looks: dict[str, asyncio.Task[Seen]] = {}
        self._told: _Told | None = None
        self._spotify_seen: tuple[float, State] | None = None
        self._lately: tuple[float, Health] | None = None
        self._again: asyncio.Task[Health] | None = None

    async def lately(self) -> Health:
        """Every service as it was seen at most OLD_S ago; `at` says when. After FRESH_S somebody looks, and the next question hears."""
        age = self._clock.monotonic() - self._lately[0] if self._lately else OLD_S + 1
        if self._lately is None or age > OLD_S:
            return await self.health()
        if age > FRESH_S and (self._again is None or self._again.done()):
            self._again = asyncio.create_task(self.health())
        return self._lately[1]

    async def health(self) -> Health:
        """Every service, looked at now; takes PATIENCE_S at most."""
        looks = {"database": self._database, "spotify": self._spotify_reachable}
        if self._store is not None:
            looks["redis"] = partial(_answers, self._store)
        seen = dict(zip(looks, await asyncio.gather(*(self._look(name, look) for name, look in looks.items())), strict=True))
        seen |= _by_the_database(self._told, seen, self._clock.now())
        absent = {"redis": Seen(State.NOT_CONFIGURED), "sentry": Seen(State.NOT_CONFIGURED)}
        health = Health(self._clock.now(), {name: (absent | seen)[name] for name in SERVICES})
        self._lately = self._clock.monotonic(), health
        return health

    async def _look(self, name: str, look: Callable[[], Awaitable[State]]) -> Seen:
        task = self._looks.get(name)
        if task is None:
            task = self._looks[name] = asyncio.create_task(self._timed(look))
            task.add_done_callback(lambda _: self._looks.pop(name, None))
        done, _ = await asyncio.wait({task}, timeout=PATIENCE_S)
        return task.result() if done else Seen(State.UNHEALTHY, int(PATIENCE_S * 1000), "no answer in time")

    async def _timed(self, look: Callable[[], Awaitable[State]]) -> Seen:
        began = self._clock.monotonic()
        try:
            state, trouble = await look(), ""
        except Exception as error:  # noqa: BLE001 (whatever a look dies of, it has seen that something is wrong)
            state, trouble = State.UNHEALTHY, f"{type(error).__name__}: {error}"
        return Seen(state, round((self._clock.monotonic() - began) * 1000), trouble)

    async def _database(self) -> State:
        self._told = None
        async with self._db.reading() as conn:
            (self._told,) = await fetch_all(conn, sql["tells"], _Told, client=self._spotify.client_id, now=self._clock.now())
        return State.HEALTHY

    async def _spotify_reachable(self) -> State:
        now = self._clock.monotonic()
        if self._spotify_seen is None or now - self._spotify_seen[0] > _BELIEVED_S:
            self._spotify_seen = now, await _ask(self._spotify)
        return self._spotify_seen[1]


def _by_the_database(told: _Told | None, seen: Mapping[str, Seen], now: datetime) -> dict[str, Seen]:
    """The services of which the database tells: nothing is known of the scheduler without it; and whom Spotify told to wait isn't well
    connected, whatever a stranger is answered.
    """
    base = seen["database"]
    if told is None:
        return {"scheduler": Seen(State.UNHEALTHY, base.latency_ms, base.trouble)}
    age = now - told.beat_at if told.beat_at else _GONE
    beats = State.UNHEALTHY if age >= _GONE else State.DEGRADED if age >= _LATE else State.HEALTHY
    waits = {"spotify": Seen(State.DEGRADED, seen["spotify"].latency_ms)} if told.is_paused else {}
    return {"scheduler": Seen(beats, base.latency_ms), **waits}


async def _answers(store: Store) -> State:
    """Without it everything works, each process counting for itself: less well, not ill."""
    try:
        await store.ping()
    except StoreUnavailable:
        return State.DEGRADED
    return State.HEALTHY


async def _ask(spotify: Spotify) -> State:
    """Any answer but a server's failure shows that Spotify is there; 401 is what it says to a stranger."""
    patience = aiohttp.ClientTimeout(total=_SPOTIFY_S)
    try:
        async with spotify.http.get(f"{spotify.api_url}/v1/me", timeout=patience, allow_redirects=False) as response:
            return State.HEALTHY if response.status < 500 else State.DEGRADED
    except (aiohttp.ClientError, TimeoutError):
        return State.DEGRADED
