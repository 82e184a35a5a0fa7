"""The audit of packages, and what comes of it: a hole that can't wait is an incident, opened once and by itself (R201)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import aiohttp
import msgspec

from audiospective.infra import outbox
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database
from audiospective.infra.outbox import Channel, Message
from audiospective.operations import audits, incidents, ledger
from audiospective.operations.incidents import Cause
from audiospective.operations.ledger import Entry, Line
from audiospective.operations.providers import osv
from audiospective.operations.providers.osv import Advisory

_CAUSE: Final = "dependencies"
_NAMED: Final = 5


class Audit(msgspec.Struct, frozen=True):
    """How many packages were asked about, and the advisories that stand against them."""

    packages: int
    advisories: list[Advisory]


async def audit(db: Database, http: aiohttp.ClientSession, url: str, clock: Clock, *, by: str) -> Audit:
    """Ask OSV of every installed package, write down what it says, and open what that asks for. Raises a ProviderError."""
    packages = audits.installed()
    found = await osv.advisories(http, url, packages)
    async with db.transaction() as conn:
        await ledger.append(conn, [audits.entry(by, packages, found)], clock.now())
        await follow(conn, clock.now())
    return Audit(len(packages), found)


async def is_wanted(db: Database) -> bool:
    """Whether somebody has audited before; whoever never did has no package named to OSV."""
    async with db.reading() as conn:
        return await ledger.last_of(conn, audits.AUDITED) is not None


async def follow(conn: Connection, now: datetime) -> int | None:
    """Open the incident that the newest audit asks for, or note in the open one what it found; each once, however often this is asked."""
    line = await ledger.last_of(conn, audits.AUDITED)
    if line is None:
        return None
    bad = [one for one in msgspec.convert(line.told()["advisories"], list[Advisory]) if one.is_bad]
    cause = Cause(_CAUSE, line.seq)
    if number := await incidents.hear(conn, cause, said=_said(line, bad), now=now):
        told = Entry(incidents.BY_ITSELF, "incident.told", f"incident {number}", {"audit": line.seq})
        await ledger.append(conn, [told], now)
        if not bad:
            await _tell_it_is_over(conn, number, line, now)
        return number
    if not bad:
        return None
    worst = 2 if any(one.severity == "CRITICAL" for one in bad) else 3
    title = "Packages with known holes"
    return await incidents.begin_by_itself(conn, cause, severity=worst, title=title, said=_said(line, bad), now=now)


async def _tell_it_is_over(conn: Connection, number: int, line: Line, now: datetime) -> None:
    text = f"No package has a hole that can't wait any more. Close it: audiospective ops incident resolve {number}"
    await outbox.store(conn, Message(f"incident:{number}:over:{line.seq}", Channel.CHAT, f"Incident {number}", text, (Channel.MAIL,)), now)


def _said(line: Line, bad: list[Advisory]) -> str:
    """What that audit found, in a sentence."""
    if not bad:
        return f"The audit of {line.at:%Y-%m-%d %H:%M} UTC finds no hole that can't wait any more."
    named = ", ".join(f"{one.package} {one.version} ({one.id}, {one.severity.lower()})" for one in bad[:_NAMED])
    more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
    return f"The audit of {line.at:%Y-%m-%d %H:%M} UTC finds {named}{more}. Update them, release, and audit again."
