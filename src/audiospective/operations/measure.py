"""Every probe of a profile, side by side: what can be read of the instance now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Final

import aiohttp

from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database
from audiospective.operations import (
    audits,
    faults,
    launch,
    launches,
    ledger,
    notices,
    recovery,
    regressions,
    release_record,
    rotation,
    surroundings,
    telling,
    traffic,
    watches,
)
from audiospective.operations.judge import Reading
from audiospective.operations.launches import Launch
from audiospective.operations.ledger import Line
from audiospective.operations.probes import code, database, environment, site, spotify, work
from audiospective.operations.probes.site import Target
from audiospective.operations.surroundings import Surroundings
from audiospective.settings import SpotifySettings

#: A proof of so many minutes ago says nothing of today's backups.
_MONTH_MIN: Final = 31 * 1440


class Profile(StrEnum):
    """Where the instance runs."""

    SELF_HOSTED = "self-hosted"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True)
class Scene:
    """What the probes look at."""

    db: Database
    http: aiohttp.ClientSession
    clock: Clock
    environ: Mapping[str, str]
    target: Target
    spotify: SpotifySettings
    checkout: Path
    home: Path
    around: Surroundings | None = None
    """Providers and what stands in for them; None: nobody is asked."""
    quota_bytes: int = database.QUOTA_BYTES
    """How much room the database may take."""


async def readings(scene: Scene, profile: Profile) -> dict[str, Reading]:
    """By name; what can't be read says why."""
    merged = environment.look(scene.environ, on_one_machine=profile is Profile.SELF_HOSTED) | await _together(
        *_inside(scene.db, scene.clock, scene.target.version, scene.quota_bytes),
        site.look(scene.http, scene.target, scene.clock),
        spotify.look(scene.http, scene.spotify, scene.target.url),
        notices.look(scene.db, scene.http, scene.target.url),
        _releases(scene),
    )
    merged |= environment.agreed(merged)
    if scene.around is not None:
        commit = merged.get("code.commit", Reading()).value or ""
        merged |= await surroundings.look(replace(scene.around, commit=str(commit)))
    return merged | spotify.agreed(merged, scene.target.url)


async def of_inside(db: Database, clock: Clock, quota_bytes: int) -> dict[str, Reading]:
    """What the worker can read, who has the database alone."""
    return await _together(*_inside(db, clock, version("audiospective"), quota_bytes))


def _inside(db: Database, clock: Clock, deployed: str, quota_bytes: int) -> list[Awaitable[dict[str, Reading]]]:
    now = clock.now()
    return [
        database.look(db, clock, quota_bytes=quota_bytes),
        work.look(db, now),
        faults.look(db, now, deployed),
        watches.readings(db, now),
        regressions.look(db, now),
        _recorded(db, now),
    ]


async def _together(*looks: Awaitable[dict[str, Reading]]) -> dict[str, Reading]:
    return {name: one for some in await asyncio.gather(*looks) for name, one in some.items()}


async def _recorded(db: Database, now: datetime) -> dict[str, Reading]:
    """What stands in the ledger: promises, messages, recovery, backups, keys, and the moment that a launch is meant for."""
    async with db.reading() as conn:
        found = await launch.promised(conn, now) | await telling.readings(conn) | await recovery.readings(conn, now)
        return found | await remembered(conn, now) | await audits.look(conn, now) | await _moment(conn, now)


async def _releases(scene: Scene) -> dict[str, Reading]:
    """The code, and what became of it."""
    async with scene.db.reading() as conn:
        pinned = await launches.pinned(conn)
    found = await asyncio.to_thread(code.look, scene.checkout, pinned)
    return found | await release_record.look(scene.db, scene.home, str(found["code.commit"].value or ""), scene.clock.now())


async def _moment(conn: Connection, now: datetime) -> dict[str, Reading]:
    """Whether this is the moment that the launch is meant for; without one, that launches are made in."""
    found = await launches.current(conn)
    meant = found.window if found and found.closed_at is None else launches.next_window(now)
    inside = "yes" if launches.is_within(now, meant) else "no"
    note = f"it is {now.astimezone(UTC):%A %H:%M} UTC; meant is {meant:%A %Y-%m-%d %H:%M} UTC"
    others = await traffic.look(conn, now, meant) | await _cut_over(conn, found)
    return others | {"clock.in_window": Reading(inside, "clock", note)}


async def _cut_over(conn: Connection, opened: Launch | None) -> dict[str, Reading]:
    """When this launch's version was let in."""
    line = await ledger.last_of(conn, "release.deployed")
    if line is None or (opened and line.seq < opened.seq):
        return {"launch.cut_over": Reading(source="ledger", problem="nothing was deployed in this launch yet: audiospective ops deploy")}
    at = datetime.fromisoformat(str(line.told().get("at", line.at.isoformat())))
    return {"launch.cut_over": Reading(f"{at.astimezone(UTC):%H:%M} UTC", "ledger", f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}")}


async def remembered(conn: Connection, now: datetime) -> dict[str, Reading]:
    """What the ledger knows of backups and keys."""
    newest = await ledger.newest(conn, "backup.verified", "keys.rotated")
    verified, rotated = newest.get("backup"), newest.get("keys")
    unrotated = Reading(source="ledger", problem="no rotation is on record yet: audiospective ops rotate-keys")
    since = rotation.since(rotated) if rotated else None
    days = Reading(round((now - since).total_seconds() / 86_400, 2), "ledger") if since else unrotated
    return _backup(verified, now) | {"keys.oldest_days": days}


def _backup(verified: Line | None, now: datetime) -> dict[str, Reading]:
    """Of the newest that was brought back to look at it: how old it is, if it was whole, and where it wasn't."""
    if verified is None:
        never = Reading(source="ledger", problem="no backup was made and verified yet: audiospective ops backup")
        return {"backup.age_minutes": never, "backup.restore_differences": never}
    told = verified.told()
    age = (now - datetime.fromisoformat(str(told["made_at"]))).total_seconds() / 60
    differing = told["differences"] if isinstance(told["differences"], list) else []
    stale = Reading(source="ledger", problem=f"the newest that was brought back is {age / 1440:.0f} days old: audiospective ops backup")
    compared = Reading(len(differing), "ledger", ", ".join(map(str, differing))[:120])
    broken = Reading(source="ledger", problem=f"the newest, brought back, differs in {len(differing)} tables: audiospective ops backup")
    return {
        "backup.age_minutes": broken if differing else Reading(round(age, 1), "ledger", "brought back and compared"),
        "backup.restore_differences": stale if age > _MONTH_MIN else compared,
    }
