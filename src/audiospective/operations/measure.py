"""Every probe of a profile, side by side: what can be read of the instance now."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import aiohttp

from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database
from audiospective.operations import (
    faults,
    launch,
    launches,
    ledger,
    notices,
    recovery,
    release_record,
    rotation,
    surroundings,
    telling,
    traffic,
    watches,
)
from audiospective.operations.judge import Reading
from audiospective.operations.launches import Launch
from audiospective.operations.probes import code, database, environment, site, spotify, work
from audiospective.operations.probes.site import Target
from audiospective.operations.surroundings import Surroundings
from audiospective.settings import SpotifySettings


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


async def readings(scene: Scene, profile: Profile) -> dict[str, Reading]:
    """By name; what can't be read says why."""
    now = scene.clock.now()
    found = await asyncio.gather(
        database.look(scene.db, scene.clock),
        site.look(scene.http, scene.target, scene.clock),
        work.look(scene.db, now),
        spotify.look(scene.http, scene.spotify, scene.target.url),
        _releases(scene),
        remembered(scene.db, now),
        window(scene.db, now),
        faults.look(scene.db, now),
        watches.readings(scene.db, now),
        notices.look(scene.db, scene.http, scene.target.url),
    )
    merged = environment.look(scene.environ, on_one_machine=profile is Profile.SELF_HOSTED)
    for some in found:
        merged |= some
    if scene.around is not None:
        commit = merged.get("code.commit", Reading()).value or ""
        merged |= await surroundings.look(replace(scene.around, commit=str(commit)))
    return merged


async def _releases(scene: Scene) -> dict[str, Reading]:
    """The code, and what became of it."""
    found = await asyncio.to_thread(code.look, scene.checkout)
    return found | await release_record.look(scene.db, scene.home, str(found["code.commit"].value or ""))


async def window(db: Database, now: datetime) -> dict[str, Reading]:
    """Whether this is the moment that the launch is meant for; without one, that launches are made in."""
    async with db.reading() as conn:
        found = await launches.current(conn)
        meant = found.window if found and found.closed_at is None else launches.next_window(now)
        others = await launch.promised(conn, now) | await traffic.look(conn, now, meant)
        others |= await telling.readings(conn) | await recovery.readings(conn, now) | await cut_over(conn, found)
    inside = "yes" if launches.is_within(now, meant) else "no"
    note = f"it is {now.astimezone(UTC):%A %H:%M} UTC; meant is {meant:%A %Y-%m-%d %H:%M} UTC"
    return others | {"clock.in_window": Reading(inside, "clock", note)}


async def cut_over(conn: Connection, opened: Launch | None) -> dict[str, Reading]:
    """When this launch's version was let in."""
    line = await ledger.last_of(conn, "release.deployed")
    if line is None or (opened and line.seq < opened.seq):
        return {"launch.cut_over": Reading(source="ledger", problem="nothing was deployed in this launch yet: audiospective ops deploy")}
    at = datetime.fromisoformat(str(line.told().get("at", line.at.isoformat())))
    return {"launch.cut_over": Reading(f"{at.astimezone(UTC):%H:%M} UTC", "ledger", f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}")}


async def of_inside(db: Database, clock: Clock) -> dict[str, Reading]:
    """What the worker can read: database, work, ledger, errors, windows."""
    now = clock.now()
    found = await asyncio.gather(
        database.look(db, clock), work.look(db, now), remembered(db, now), faults.look(db, now), watches.readings(db, now)
    )
    return {name: one for some in found for name, one in some.items()}


async def remembered(db: Database, now: datetime) -> dict[str, Reading]:
    """What the ledger knows of backups and keys."""
    async with db.reading() as conn:
        newest = await ledger.newest(conn, "backup.verified", "keys.rotated")
    verified, rotated = newest.get("backup"), newest.get("keys")
    never = Reading(source="ledger", problem="no backup was made and verified yet: audiospective ops backup")
    if verified is None:
        found = {"backup.age_minutes": never, "backup.restore_differences": never}
    else:
        told = verified.told()
        age = now - datetime.fromisoformat(str(told["made_at"]))
        differences = told["differences"]
        found = {
            "backup.age_minutes": Reading(round(age.total_seconds() / 60, 1), "ledger"),
            "backup.restore_differences": Reading(len(differences) if isinstance(differences, list) else 0, "ledger"),
        }
    unrotated = Reading(source="ledger", problem="no rotation is on record yet: audiospective ops rotate-keys")
    since = rotation.since(rotated) if rotated else None
    days = Reading(round((now - since).total_seconds() / 86_400, 2), "ledger") if since else unrotated
    return found | {"keys.oldest_days": days}
