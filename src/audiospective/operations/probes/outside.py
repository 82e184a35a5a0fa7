"""What providers and their stand-ins say: hosting, schedule, tracker, uptime, chat, source, store, and those whom we lean on.

Each look asks a port, whoever is behind it, and hands a sentence on where it can't be answered. What isn't set up is unknown in the cloud
and doesn't apply on one machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import aiohttp

from audiospective.errors import Unavailable
from audiospective.infra.clock import Clock
from audiospective.infra.shared_store import Store
from audiospective.operations.judge import Reading
from audiospective.operations.providers.chosen import SETS_UP, Providers
from audiospective.operations.providers.ports import Ci, Delivery, Schedule, Scheduler, Uptime
from audiospective.operations.providers.qstash import is_right
from audiospective.operations.providers.statuspages import dependencies

Readings = dict[str, Reading]

_BACK = timedelta(hours=2)
_LATE = timedelta(minutes=5)


async def told(names: Sequence[str], source: str, question: Callable[[], Awaitable[Readings]]) -> Readings:
    """The answer, or for every name why there is none."""
    try:
        return await question()
    except Unavailable as error:
        return {name: Reading(source=source, problem=error.message) for name in names}


def unset(providers: Providers, kind: str, names: Sequence[str]) -> Readings:
    """Nobody of that kind is set up."""
    what = f"{SETS_UP[kind]} isn't set" if " and " not in SETS_UP[kind] else f"{SETS_UP[kind]} aren't set"
    if providers.is_cloud:
        return {name: Reading(source=kind, problem=what) for name in names}
    return {name: Reading(source=kind, inapplicable=f"{what}; not needed on one machine") for name in names}


async def schedule(scheduler: Scheduler, now: datetime, *, by_the_hour: bool) -> Readings:
    """Is the hourly call there, when does it come, and did it come? `by_the_hour`: at each whole hour, not spread over it."""
    names = ("schedule.reached", "schedule.hourly", "schedule.active", "schedule.next", "schedule.called", "schedule.dead")

    async def question() -> Readings:
        found = await scheduler.schedules()
        calls = await scheduler.deliveries(now - _BACK)
        dead = await scheduler.dead()
        return {
            "schedule.reached": Reading("yes", "scheduler", f"{len(found)} schedules"),
            "schedule.hourly": Reading(_hourly(found), "scheduler"),
            "schedule.active": Reading(_active(found), "scheduler"),
            "schedule.next": Reading(_next(found, now, by_the_hour=by_the_hour), "scheduler"),
            "schedule.called": Reading(_called(calls, now, by_the_hour=by_the_hour), "scheduler"),
            "schedule.dead": Reading(dead, "scheduler"),
        }

    return await told(names, "scheduler", question)


def _hourly(found: Sequence[Schedule]) -> str:
    if len(found) != 1:
        return f"{len(found)} schedules"
    return "one" if is_right(found[0]) else f"{found[0].method} at {found[0].cron}"


def _active(found: Sequence[Schedule]) -> str:
    if not found:
        return "missing"
    return "paused" if all(one.is_paused for one in found) else "active"


def _next(found: Sequence[Schedule], now: datetime, *, by_the_hour: bool) -> str:
    coming = [one.next_at for one in found if one.next_at is not None]
    if not coming:
        return "nobody knows when"
    at = min(coming)
    if by_the_hour:
        whole = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return "in time" if abs(at - whole) < timedelta(minutes=1) else f"at {at:%H:%M:%S} UTC"
    return "in time" if at - now <= timedelta(hours=1) else f"in {(at - now).total_seconds() / 60:.0f} minutes"


def _called(calls: Sequence[Delivery], now: datetime, *, by_the_hour: bool) -> str:
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    begins = (hour if now - hour >= _LATE else hour - timedelta(hours=1)) if by_the_hour else now - timedelta(hours=1) - _LATE
    since = [one for one in calls if one.at >= begins]
    arrived = [one for one in since if one.state == "DELIVERED"]
    if not arrived:
        tried = since[0].state.lower() if since else "not called"
        return f"{tried} since {begins:%H:%M}"
    first = min(one.at for one in arrived)
    return "on time" if not by_the_hour or first - begins <= _LATE else f"late, at {first:%H:%M:%S}"


async def uptime(looker: Uptime, url: str) -> Readings:
    """What is seen of us; the slower of the latest look and the average counts."""

    async def question() -> Readings:
        found = await looker.monitor(url)
        slowest = max((ms for ms in (found.latest_ms, found.average_ms) if ms is not None), default=None)
        unknown = Reading(source="uptime", problem="no response time was measured yet")
        return {
            "uptime.status": Reading("up" if found.is_up else found.said, "uptime"),
            "uptime.response_ms": Reading(slowest, "uptime") if slowest is not None else unknown,
        }

    return await told(("uptime.status", "uptime.response_ms"), "uptime", question)


async def source(ci: Ci) -> Readings:
    """May anybody read it?"""

    async def question() -> Readings:
        return {"source.visibility": Reading("public" if await ci.is_public() else "private", "github")}

    return await told(("source.visibility",), "github", question)


async def redis(store: Store, clock: Clock) -> Readings:
    """Does it answer PING with PONG, and within a second?"""
    began = clock.monotonic()

    async def question() -> Readings:
        await store.ping()
        return {"redis.ping": Reading("PONG", "redis", f"in {(clock.monotonic() - began) * 1000:.0f} ms")}

    return await told(("redis.ping",), "redis", question)


async def leaned_on(http: aiohttp.ClientSession, providers: Providers, spotify_url: str) -> Readings:
    """Incidents of those whom we lean on; a page that couldn't be read makes good news unknown, never bad news good. `spotify_url` is ""
    where nobody leans on Spotify.
    """
    found, spotify = await asyncio.gather(
        dependencies(http, providers.status_pages, patience=providers.patience), _answers(http, spotify_url)
    )
    names = [f"{one.page}: {one.name}" for one in found.incidents] + ([spotify] if spotify else [])
    if found.unread and not names:
        return {"dependencies.incidents": Reading(source="status pages", problem="; ".join(found.unread))}
    note = "; ".join([*names, *found.unread])
    return {"dependencies.incidents": Reading(len(names), "status pages", note)}


async def _answers(http: aiohttp.ClientSession, url: str) -> str:
    """What is the matter with Spotify, which has no such page; "" when it answers, if only that it doesn't know us."""
    if not url:
        return ""
    try:
        async with http.get(f"{url}/v1/me", timeout=aiohttp.ClientTimeout(total=5), allow_redirects=False) as response:
            return "" if response.status < 500 else f"Spotify answers {response.status}"
    except (aiohttp.ClientError, TimeoutError) as error:
        return f"Spotify doesn't answer ({type(error).__name__})"
