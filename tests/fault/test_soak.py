"""A long life of many listeners with everything going wrong. `make soak` lets 200 live for a year; here a few live for some days.

At the end: what is stored is what Spotify ever told in time (or an export brought), and the ledger names every play that was missed.
The clock goes by quarters of an hour, and in each everybody is swept whom the product holds to be due.
"""

from __future__ import annotations

import logging
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
import uvloop

from audiospective.infra.database import Database, fetch_all
from audiospective.infra.sealing import Sealer
from tests.clock import FakeClock
from tests.fault.test_campaign import RARE, Campaign, Life, Outcome
from tests.stand_in import Said, StandIn, World, unwired

_LISTENERS = int(os.environ.get("SOAK_LISTENERS", "3"))
_DAYS = int(os.environ.get("SOAK_DAYS", "6"))
_SEED = int(os.environ.get("SOAK_SEED", "1"))
#: In so many listeners' days everything that can go wrong has.
_WHOLE = 10_000
#: Spotify never tells more than 50; the rest of what was heard is only remembered by the checker.
_TOLD = 400
_QUARTER = timedelta(minutes=15)
#: Spotify's permission ends by itself (spotify-api.md §2).
_CONSENT = timedelta(days=182)

_MINUTES_LONG: tuple[int, ...] = (10, 30, 59)
_USUAL_PACES, _PARTY_PACES = (180, 210, 240, 600), (35, 45)
#: What Spotify says to everybody for some hours; to one account it doesn't say that the app has asked too often.
_TO_ALL: tuple[Said, ...] = (
    (429, {}, {"Retry-After": "1800"}),
    (429, {}, {}),
    (429, {"error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}}, {"Retry-After": "7200"}),
    (500, {}, {}),
    (403, {}, {}),
    (302, {}, {}),
)
_TO_ONE = tuple(one for one in _TO_ALL if one[0] != 429)


class Soak(Campaign):
    """Lives with habits, and trouble of every kind, never for as long as a life."""

    def __init__(self, world: World, seed: int, folder: Path) -> None:
        super().__init__(world, seed, folder)
        self.agreed: dict[str, datetime] = {}
        self.troubled_until: dict[str, datetime] = {}
        #: Sessions an hour of each; one in twenty has parties.
        self.habits: dict[str, float] = {}
        self.silent_until: dict[str, datetime] = {}
        self.happens: tuple[tuple[float, Callable[[], Awaitable[None]]], ...] = (
            (0.25 + _LISTENERS / 100, self.trouble),
            (0.5 + _LISTENERS / 400, self.revoke),
            (1.0, self.press),
            (0.7, self.die),
            (0.4, self.bring),
            (0.2, self.undo),
            (0.07, self.sleep),
            (0.7, self.hide),
        )

    async def begin(self) -> None:
        self.world.stand_in.rotates = True
        for n in range(_LISTENERS):
            account = f"listener{n}"
            self.lives.append(Life(account, (await self.world.sign_in(account)).person.id))
            self.agreed[account] = self.world.clock.now()
            self.habits[account] = self.chance.choice([0.15, 0.15, 0.1, 0.1, 0.03, 0.03, 0.003])

    async def day(self) -> None:
        """By hours; what goes wrong does so at any of them."""
        self.world.stand_in.rotates = self.chance.random() < 0.7
        for _ in range(24):
            self._listen()
            for often, act in self.happens:
                if self.chance.random() < often / 24:
                    await act()
            await self._quarters(4)
        for life in self.lives:
            del self.world.stand_in.plays[life.account][_TOLD:]
            if self.chance.random() < 0.01:
                self.silent_until[life.account] = self.world.clock.now() + timedelta(days=self.chance.choice([8, 15, 40]))
        await self.agree()

    async def _quarters(self, count: int) -> None:
        for _ in range(count):
            self.world.clock.forward(minutes=15)
            self._end_troubles()
            await self.sweep()

    def _listen(self) -> None:
        began = self.world.clock.now()
        for life in self.lives:
            is_awake = began > self.silent_until.get(life.account, began - _QUARTER)
            if is_awake and self.chance.random() < self.habits[life.account]:
                self._session(life, began)

    def _session(self, life: Life, began: datetime) -> None:
        is_party = life.user % 20 == 0 and self.chance.random() < 0.05
        pace = timedelta(seconds=self.chance.choice(_PARTY_PACES if is_party else _USUAL_PACES))
        at, until = began + timedelta(seconds=self.chance.uniform(1, 60)), began + timedelta(minutes=self.chance.choice(_MINUTES_LONG))
        at = max(at, life.heard[-1] + timedelta(seconds=31)) if life.heard else at
        while at < until:
            self._hear(life, at.replace(microsecond=self.chance.randrange(1000) * 1000))
            at += pace

    def _end_troubles(self) -> None:
        now = self.world.clock.now()
        for key in [key for key, until in self.troubled_until.items() if until <= now]:
            del self.troubled_until[key]
            self.world.stand_in.trouble.pop(key, None)

    async def trouble(self) -> None:
        key = self.chance.choice([*("plays", "token"), *[life.account for life in self.chance.choices(self.lives, k=6)]])
        is_of_all = key in {"plays", "token"}
        self.reached[f"trouble {key if is_of_all else 'of one'}"] += 1
        self.world.stand_in.trouble[key] = self.chance.choice(_TO_ALL if is_of_all else _TO_ONE)
        hours = self.chance.choice([0.5, 2, 8]) if is_of_all else self.chance.choice([1, 12, 72])
        self.troubled_until[key] = self.world.clock.now() + timedelta(hours=hours)

    async def agree(self) -> None:
        """Permissions end after their six months; whose has ended signs in again, within some days."""
        now = self.world.clock.now()
        for account, agreed in self.agreed.items():
            if agreed + _CONSENT <= now and self.world.stand_in.refresh_tokens.pop(account, ""):
                self.reached["six months are over"] += 1
        async with self.world.db.transaction() as conn:
            ended = set(await fetch_all(conn, "SELECT user_id FROM grants WHERE state = 'ended'", int))
        trouble, self.world.stand_in.trouble = self.world.stand_in.trouble, {}
        for life in self.lives:
            if life.user in ended and self.chance.random() < 0.4:
                await self.world.sign_in(life.account)
                self.agreed[life.account] = now
                self.reached["agreed anew"] += 1
        self.world.stand_in.trouble = trouble

    async def die(self) -> None:
        """With somebody to be swept."""
        self.world.clock.forward(minutes=10)
        await super().die()

    async def sleep(self) -> None:
        """The instance is away; its listeners are not."""
        for _ in range(self.chance.choice([1, 3, 12, 60])):
            self.world.clock.forward(hours=1)
            self._listen()
        self._end_troubles()
        self.reached["asleep"] += 1


async def _live(dsn: str, folder: Path) -> None:
    clock, stand_in, db = FakeClock(), StandIn(), Database(dsn, size=4)
    stand_in.now = clock.now
    await db.open()
    soak = Soak(World(db, unwired(stand_in), Sealer(["a secret of the tests"]), clock, stand_in), _SEED, folder)
    await soak.begin()
    began = time.perf_counter()
    for day in range(1, _DAYS + 1):
        await soak.day()
        if day % 7 == 0:
            heard = sum(len(life.heard) for life in soak.lives)
            print(f"day {day}: {heard:,} heard, {stand_in.asked['plays']:,} asked, {time.perf_counter() - began:,.0f} s", flush=True)
            for life in soak.chance.sample(soak.lives, min(len(soak.lives), 20)):
                await soak.check(life, is_settled=False)
    await soak.settle()
    outcomes = [await soak.check(life) for life in soak.lives]
    await db.close()
    _report(soak, outcomes, time.perf_counter() - began)
    if _LISTENERS * _DAYS >= _WHOLE:
        assert {state for state in RARE if not soak.reached[state]} == set(), "everything that is rare was reached"


def _report(soak: Soak, outcomes: list[Outcome], wall_s: float) -> None:
    asked, heard = soak.world.stand_in.asked, sum(len(life.heard) for life in soak.lives)
    missed = sum((one.missed for one in outcomes), Counter[str]())
    in_vain = sum(one.told_in_vain for one in outcomes)
    print(f"{_LISTENERS} listeners, {_DAYS} days, seed {_SEED}; {wall_s:,.0f} s, {time.process_time():,.0f} s of CPU beside Postgres'")
    print(f"asked for plays {asked['plays']:,} times, for tokens {asked['token']:,} times")
    print(f"heard {heard:,}, stored {sum(one.stored for one in outcomes):,}, missed {missed.total():,}: {dict(missed)}")
    print(f"told and not stored {in_vain:,}; {dict(soak.reached)}")


def test_a_long_life_is_whole_or_says_what_it_lacks(dsn: str, tmp_path: Path) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    uvloop.run(_live(dsn, tmp_path))
