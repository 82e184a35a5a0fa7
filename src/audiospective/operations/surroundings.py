"""Every reading of providers and of what stands in for them, by profile: a literal list, and each look apart from the others."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from audiospective.errors import Invalid, Unavailable
from audiospective.infra import logfile
from audiospective.infra.clock import Clock
from audiospective.infra.database import Database
from audiospective.operations import ledger, machine, measures
from audiospective.operations.judge import Reading
from audiospective.operations.probes import acting, certificate, hosting, leaks, outside, releases, spotify, tracker
from audiospective.operations.probes.outside import Readings, told, unset
from audiospective.operations.providers.chosen import Providers
from audiospective.operations.providers.ports import LogLine
from audiospective.spotify.http import Spotify

#: The workflow that deploys (runbook, "Option A").
WORKFLOW = "deploy-production.yml"
#: Without a deployment on record, so far is looked back.
_BACK = timedelta(hours=1)
_TAIL = 20_000
#: The worker looks each minute; what is older says nothing of now.
_LATELY = timedelta(minutes=3)
#: As `telemetry.plain` writes it.
_EVENT = re.compile(r"\[(\d\d):(\d\d):(\d\d)\] (debug|info|warning|error|critical) (.*)")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is looked at, and how; `wanted` are readings for whose sake something may be done."""

    db: Database
    http: aiohttp.ClientSession
    clock: Clock
    providers: Providers
    url: str
    spotify: Spotify
    home: Path
    log: Path
    commit: str = ""
    wanted: frozenset[str] = frozenset()
    nonce: str = ""
    """32 hexadecimal digits, for whatever must be found again."""
    pace_s: float = 1.0
    """Between looks for what must arrive."""
    checkout: Path = Path()
    """Whose history is searched for secrets, `own` ones among them."""
    own: tuple[str, ...] = field(default=(), repr=False)


async def look(scene: Surroundings) -> Readings:
    """By name; what isn't set up or can't be read says so."""
    now = scene.clock.now()
    since = await _cut_over(scene, now)
    found = await asyncio.gather(*_looks(scene, now, since))
    merged: Readings = {}
    for some in found:
        merged |= some
    merged |= _dashboards(merged) | _domain(merged)
    return merged | await _act(scene, merged)


def _looks(scene: Surroundings, now: datetime, since: datetime) -> list[Awaitable[Readings]]:
    who = scene.providers
    return [
        _certificate(scene, now),
        spotify.seats(scene.db, scene.spotify),
        _scheduler(scene, now),
        _tracker(scene, since),
        outside.uptime(who.uptime, scene.url) if who.uptime else _unset(who, "uptime", "uptime.status", "uptime.response_ms"),
        outside.source(who.ci) if who.ci else _unset(who, "ci", "source.visibility"),
        outside.redis(who.store, scene.clock) if who.store else _unset(who, "store", "redis.ping"),
        outside.leaned_on(scene.http, who, "" if scene.spotify.settings.simulated else scene.spotify.api_url),
        _database(scene),
        _traffic(scene, since, now),
        _logs(scene, since),
        *([_hosting(scene), _workflow(scene)] if who.is_cloud else [releases.look(scene.db, scene.home)]),
    ]


async def _unset(providers: Providers, kind: str, *names: str) -> Readings:
    return unset(providers, kind, names)


async def _cut_over(scene: Surroundings, now: datetime) -> datetime:
    """Since when the release that serves does; within the last hour where nothing is on record."""
    try:
        async with scene.db.reading() as conn:
            lines = await ledger.newest(conn, "release.deployed", "release.rolled_back")
    except Unavailable:
        return now - _BACK
    newest = max((line.at for line in lines.values()), default=now - _BACK)
    return max(newest, now - timedelta(hours=24))


async def _certificate(scene: Surroundings, now: datetime) -> Readings:
    return {"domain.certificate": await certificate.look(scene.url, now)}


def _domain(found: Mapping[str, Reading]) -> Readings:
    """The certificate; in the cloud the host must know the name too."""
    shown, known = found["domain.certificate"], found.get("hosting.domain")
    is_known = known is None or (not known.problem and known.value == "ready")
    return {"domain.state": shown if known is None or is_known else known}


async def _scheduler(scene: Surroundings, now: datetime) -> Readings:
    scheduler = scene.providers.scheduler
    if scheduler is None:
        names = ("reached", "hourly", "active", "next", "called", "dead")
        return unset(scene.providers, "scheduler", [f"schedule.{name}" for name in names])
    return await outside.schedule(scheduler, now, by_the_hour=scene.providers.is_cloud)


async def _tracker(scene: Surroundings, since: datetime) -> Readings:
    who = scene.providers
    if who.tracker is not None:
        return await tracker.look(who.tracker, who.dsn, since)
    names = ["tracker.project", "tracker.dsn"]
    return unset(who, "tracker", [*names, "errors.unexpected"] if who.is_cloud else names)


async def _hosting(scene: Surroundings) -> Readings:
    who = scene.providers
    if who.hosting is None:
        names = [f"hosting.{name}" for name in ("project", "deploys", "domain", "build_lines", "state", "build")]
        return unset(who, "hosting", names)
    return await hosting.look(who.hosting, await _version(scene))


async def _workflow(scene: Surroundings) -> Readings:
    ci = scene.providers.ci
    names = [f"deploy.{name}" for name in ("started", "build", "switch", "checks")]
    return await hosting.workflow(ci, WORKFLOW, scene.commit) if ci else unset(scene.providers, "ci", names)


async def _version(scene: Surroundings) -> str:
    """What the public address answers with."""
    try:
        async with scene.http.get(f"{scene.url}/api/health", timeout=aiohttp.ClientTimeout(total=5)) as answer:
            body = await answer.json()
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return ""
    return str(body.get("version", "")) if isinstance(body, dict) else ""


async def _database(scene: Surroundings) -> Readings:
    """How busy its machine is, and in the cloud how full its host says that it is."""
    who = scene.providers
    if not who.is_cloud:
        return await told(("database.cpu_percent",), "machine", lambda: _cpu(scene))
    cpu = {"database.cpu_percent": Reading(source="neon", problem="Neon exposes it only in its console; look there and sign")}
    neon = who.database
    if neon is None:
        return cpu | unset(who, "database", ["database.storage_ratio"])

    async def storage() -> Readings:
        found = await neon.storage()
        if found.quota_bytes is None:
            return {}
        note = f"{found.used_bytes / 1e6:,.1f} MB of {found.quota_bytes / 1e6:,.0f} MB, says its host"
        return {"database.storage_ratio": Reading(round(found.used_bytes / found.quota_bytes, 4), "neon", note)}

    return cpu | await told(("database.storage_ratio",), "neon", storage)


async def _cpu(scene: Surroundings) -> Readings:
    now = scene.clock.now()
    async with scene.db.reading() as conn:
        looks = await machine.looks(conn, now - _LATELY, now + timedelta(minutes=1))
    seen = next((look for look in reversed(looks) if look.cpu_ratio is not None), None)
    if seen is None:
        return {"database.cpu_percent": Reading(source="machine", problem="nobody looked in the last minutes; does a worker run?")}
    note = f"of the whole machine, in the minute until {seen.at:%H:%M} UTC"
    return {"database.cpu_percent": Reading(round((seen.cpu_ratio or 0) * 100, 1), "machine", note)}


async def _traffic(scene: Surroundings, since: datetime, now: datetime) -> Readings:
    """Answers with 5xx and their share of all since then."""

    async def question() -> Readings:
        async with scene.db.reading() as conn:
            asked = measures.asked(await measures.between(conn, since, now, now))
        count, failed = measures.requests(asked), measures.failures(asked)
        note = f"{failed:,} of {count:,} requests since {since:%H:%M}"
        share = (
            Reading(round(failed / count * 100, 3), "requests", note) if count else Reading(source="requests", problem="no requests yet")
        )
        return {"requests.server_errors": Reading(failed, "requests", note), "requests.error_percent": share}

    return await told(("requests.server_errors", "requests.error_percent"), "requests", question)


async def _logs(scene: Surroundings, since: datetime) -> Readings:
    who = scene.providers
    names = ("logs.errors", "logs.infos")
    if who.hosting is not None:
        return await hosting.logs(who.hosting, since)
    if who.is_cloud:
        return unset(who, "hosting", names)
    lines = await asyncio.to_thread(logfile.tail, scene.log, most=_TAIL)
    if not lines:
        return {name: Reading(source="log", problem=f"there is no log at {scene.log.name} yet") for name in names}
    return hosting.of_lines([line for line in own_lines(lines, scene.clock.now()) if line.at >= since])


def own_lines(lines: Sequence[str], now: datetime) -> list[LogLine]:
    """Events of our own log, oldest first; the log has the time of day alone, so that days are counted back from now. Pure."""
    found, after = [], now.astimezone(UTC)
    for text in reversed(lines):
        match = _EVENT.match(text)
        if match is None:
            continue
        at = after.replace(hour=int(match[1]), minute=int(match[2]), second=int(match[3]), microsecond=0)
        after = at if at <= after else at - timedelta(days=1)
        found.append(LogLine(after, match[4], match[5]))
    return found[::-1]


def _dashboards(found: Mapping[str, Reading]) -> Readings:
    """Each of the five that the runbook opens, by a reading that only it can have given."""
    base = "database.storage_ratio" if "database.storage_ratio" in found else "database.cpu_percent"  # as its host, or this machine, tells
    looked_at = ("hosting.state", "tracker.project", base, "uptime.status", "schedule.reached")
    closed = [f"{name.partition('.')[0]}: {found[name].problem}" for name in looked_at if name in found and found[name].problem]
    opened = sum(name in found and not found[name].problem for name in looked_at)
    return {"dashboards.open": Reading(opened, "providers", "; ".join(closed)[:300] or "all answer")}


async def _act(scene: Surroundings, found: Readings) -> Readings:
    """Only what is wanted."""
    who = scene.providers
    done: Readings = {}
    if "chat.nonce" in scene.wanted:
        done |= await acting.chat(who.chat, scene.nonce, scene.clock) if who.chat else unset(who, "chat", ["chat.nonce"])
    if "alerts.undelivered" in scene.wanted:
        done |= await acting.channels(scene.db, who, scene.clock)
    if "site.visits_failed" in scene.wanted:
        done |= await acting.visits(scene.db, scene.http, scene.url, scene.clock)
    if "logs.nonce_s" in scene.wanted:
        done |= await _log_stream(scene)
    if (name := "source.visibility") in scene.wanted:
        seen = scene.home / "history-without-secrets"
        done[name] = await asyncio.to_thread(leaks.weighed, found[name], scene.checkout, scene.own, seen)
    if who.is_cloud and scene.wanted & set(tracker.TESTED):
        done |= await _test_error(scene)
    return done


async def _log_stream(scene: Surroundings) -> Readings:
    who = scene.providers
    if who.is_cloud and who.hosting is None:
        return unset(who, "hosting", ["logs.nonce_s"])
    lines = acting.hosted_log(who.hosting) if who.hosting else acting.own_log(scene.log)
    return await acting.log_stream(scene.http, scene.url, scene.nonce, scene.clock, lines, every_s=scene.pace_s)


async def _test_error(scene: Surroundings) -> Readings:
    if scene.providers.tracker is None:
        return unset(scene.providers, "tracker", tracker.TESTED)
    try:
        await acting.raise_an_error(scene.db, scene.http, scene.url, scene.clock, event_id=scene.nonce)
    except (Invalid, Unavailable) as error:
        return dict.fromkeys(tracker.TESTED, Reading(source="errors", problem=error.message))
    deployed = await _version(scene)
    return await tracker.arrives(scene.providers.tracker, scene.nonce, scene.clock, deployed, every_s=scene.pace_s)
