"""A release goes out, or comes back, at a host of releases; killed anywhere, the next run goes on where it was.

1. the hourly call is paused (a rollback; a deployment leaves it)
2. the host builds and serves, or serves again: its adapter waits until people get it
3. the public address must be healthy three times in a row
4. the hourly call goes on, and it is written down once
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp
import msgspec

from audiospective.errors import Conflict, Unavailable
from audiospective.infra.clock import Clock
from audiospective.infra.database import Database
from audiospective.operations import ledger
from audiospective.operations.ledger import Entry
from audiospective.operations.probes import site
from audiospective.operations.probes.site import Target
from audiospective.operations.providers.ports import Hosting, Release, Scheduler

DEPLOYED: Final = "release.deployed"
ROLLED_BACK: Final = "release.rolled_back"
LAST_GOOD: Final = "last-good"
_ANSWERS: Final = 3


class Errand(msgspec.Struct, frozen=True):
    """What an operator wants done, and whom to tell how far it is; `pace_s` between looks at the public address."""

    db: Database
    http: aiohttp.ClientSession
    hosting: Hosting
    scheduler: Scheduler | None
    target: Target
    clock: Clock
    by: str
    tell: Callable[[str], None]
    pace_s: float = 2.0


class Served(msgspec.Struct, frozen=True):
    """What people get now; `wrong` says what isn't well at the public address."""

    release: Release
    left: str
    seconds: float
    wrong: list[str]


async def deploy(errand: Errand, commit: str, version: str) -> Served:
    """Build and serve a commit; raises what the host raises."""
    left = await serving(errand.hosting)
    return await _done(errand, DEPLOYED, left, lambda: errand.hosting.deploy(commit, version=version))


async def roll_back(errand: Errand, to: str) -> Served:
    """Serve an earlier release again, with the hourly call paused meanwhile."""
    left, target = await serving(errand.hosting), await choose(errand.hosting, to)
    if errand.scheduler is not None:
        await errand.scheduler.pause()
    try:
        return await _done(errand, ROLLED_BACK, left, lambda: errand.hosting.rollback(target.id))
    finally:
        if errand.scheduler is not None:
            await errand.scheduler.resume()


async def serving(hosting: Hosting) -> str:
    """The release that people get now; "" when none is."""
    return next((one.id for one in await hosting.releases() if one.serves), "")


async def choose(hosting: Hosting, wanted: str) -> Release:
    """The release of that id, address or commit, or the last good one; raises Conflict with what there is."""
    found = await hosting.releases()
    if wanted == LAST_GOOD:
        good = next((one for one in found if not one.serves and one.can_return), None)
        if good is None:
            raise Conflict("There is no release that one could go back to: none is ready, or the host's plan returns to none of them.")
        return good
    names = {wanted, f"https://{wanted.removeprefix('https://').rstrip('/')}"}
    fitting = [one for one in found if one.id in names or one.url in names or (len(wanted) >= 7 and one.commit.startswith(wanted))]
    if not fitting:
        raise Conflict(f"There is no release “{wanted[:60]}”; there are {', '.join(one.id for one in found[:10]) or 'none'}.")
    return fitting[0]


async def _done(errand: Errand, event: str, left: str, act: Callable[[], Awaitable[Release]]) -> Served:
    began = errand.clock.monotonic()
    release = await act()
    errand.tell(f"{errand.clock.monotonic() - began:6.1f} s  {release.id} is served")
    wrong = await _wrong(errand)
    done = Served(release, left, round(errand.clock.monotonic() - began, 1), wrong)
    await _write(errand, event, done, serves=await _is_served(errand.hosting, release))
    return done


async def _is_served(hosting: Hosting, release: Release) -> bool | None:
    """Whether people get it, as the host says now; None when it says nothing."""
    try:
        return await serving(hosting) == release.id
    except Unavailable:
        return None


async def _wrong(errand: Errand) -> list[str]:
    """What isn't well at the public address: three healthy answers in a row are wanted, in twice as many looks."""
    well, last = 0, ""
    for _ in range(2 * _ANSWERS):
        found = await site.health(errand.http, errand.target)
        status = found["health.status"]
        well = well + 1 if status.value in {"healthy", "degraded"} else 0
        last = status.problem or f"the whole is {status.value}"
        if well == _ANSWERS:
            return []
        await errand.clock.sleep(errand.pace_s)
    return [last]


async def _write(errand: Errand, event: str, done: Served, *, serves: bool | None) -> None:
    """Once for each time that a release came to serve; again for one that serves already adds nothing."""
    subject = f"{event}:{done.release.id}"
    try:
        async with errand.db.transaction() as conn:
            newest = await ledger.newest(conn, DEPLOYED, ROLLED_BACK)
            last = max(newest.values(), key=lambda line: line.seq, default=None)
            if done.left == done.release.id and last is not None and last.subject == subject:
                return
            told = {"release": done.release.id, "url": done.release.url, "commit": done.release.commit, "left": done.left}
            body = {**told, "seconds": done.seconds, "via": "api", **_passed(event, is_well=not done.wrong, serves=serves)}
            await ledger.append(conn, [Entry(errand.by, event, subject, body)], errand.clock.now())
    except Unavailable as error:
        errand.tell(f"{error.message} It is done, but not written into the ledger; run this again to write it.")


def _passed(event: str, *, is_well: bool, serves: bool | None) -> dict[str, object]:
    """In the words of the ledger's other releases."""
    if event == ROLLED_BACK:
        return {"healthy_answers": _ANSWERS if is_well else 0, "serves_target": serves}
    return {"started": True, "build": True, "switch": True, "checks": is_well, "address_answers": is_well}
