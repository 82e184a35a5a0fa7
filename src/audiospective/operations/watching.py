"""The minute's round: look at the services, keep the figures, judge them, leave the messages that follow."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from audiospective.accounts.grants import CONSENT
from audiospective.infra import outbox
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, fetch_one
from audiospective.infra.statements import statements
from audiospective.operations import alerts, backups, cadence, ledger, machine, measures, mirror, uptime
from audiospective.operations.alerts import Figures, Sample
from audiospective.operations.health import Health, Observer, State
from audiospective.operations.machine import Look, Processor
from audiospective.operations.probes.database import QUOTA_BYTES

sql = statements(__name__)

#: A message given up is told of for so long.
_DEAD_FOR: Final = timedelta(hours=1)
#: Permissions that end within it are told of.
_SOON: Final = timedelta(days=7)
#: Servers write their counts every few seconds, so the minute before the last is the newest that is whole.
_SETTLED: Final = timedelta(minutes=2)
#: What changes seldom and costs more is looked at so often.
_SELDOM: Final = timedelta(hours=1)
_PATIENCE_S: Final = 5.0
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Eyes(msgspec.Struct):
    """What a worker looks through, and what it saw last of that which is looked at seldom."""

    observer: Observer
    backups: Path
    app_url: str
    version: str = ""
    processor: Processor = msgspec.field(default_factory=Processor)
    looked_at: datetime | None = None
    certificate_days: float | None = None
    is_ledger_whole: bool | None = None
    mirror: Path | None = None
    """The ledger's second copy; None: none is kept."""
    quota_bytes: int = QUOTA_BYTES
    """How much room the database may take."""


async def watch(db: Database, eyes: Eyes, clock: Clock) -> list[str]:
    """One round; the names of the alerts that fire. Raises DatabaseUnavailable: then nothing can be kept, and nothing is."""
    health = await eyes.observer.health()
    if eyes.mirror is not None:
        await mirror.catch_up(db, eyes.mirror)
    await _look_seldom(db, eyes, clock.now())
    async with db.transaction() as conn:
        now = clock.now()
        cpu, size = eyes.processor.share(), await machine.size(conn)
        await machine.keep(conn, _look(health, size, eyes, cpu, now=now))
        await uptime.note(conn, health)
        await alerts.keep(conn, Sample(now, await _figures(conn, health, eyes, now, cpu=cpu, size=size)))
        return await alerts.evaluate(conn, now)


def _look(health: Health, size: machine.Size, eyes: Eyes, cpu: float | None, *, now: datetime) -> Look:
    is_up = health.state is not State.UNHEALTHY
    return Look(now, eyes.version, is_up, health.state is State.HEALTHY, size.connections, size.database_bytes, cpu)


async def _figures(conn: Connection, health: Health, eyes: Eyes, now: datetime, *, cpu: float | None, size: machine.Size) -> Figures:
    letters = await outbox.condition(conn, now - _DEAD_FOR)
    minute = now.replace(second=0, microsecond=0) - _SETTLED
    asked = measures.asked(await measures.minutes(conn, minute, minute + timedelta(minutes=1)))
    return Figures(
        is_up=health.state is not State.UNHEALTHY,
        requests=measures.requests(asked),
        failures=measures.failures(asked),
        p95_ms=measures.percentile(asked, 0.95),
        storage_ratio=size.database_bytes / eyes.quota_bytes,
        cpu_ratio=cpu,
        sweep_late_min=_minutes(await fetch_one(conn, sql["sweep_waits_since"], datetime, now=now), now),
        consents_ending=await fetch_one(conn, sql["consents_ending"], int, before=now + _SOON - CONSENT, after=now - CONSENT),
        backup_age_h=_backup_age_h(eyes.backups, now),
        certificate_days=eyes.certificate_days,
        is_ledger_whole=eyes.is_ledger_whole,
        dead_letters=letters.dead,
        outbox_wait_min=_minutes(letters.oldest_waiting, now),
        rounds_missed=await cadence.missed(conn, now),
    )


async def _look_seldom(db: Database, eyes: Eyes, now: datetime) -> None:
    """The whole ledger beside its copy, and the certificate that people are shown."""
    if eyes.looked_at is not None and now - eyes.looked_at < _SELDOM:
        return
    async with db.reading() as conn:
        lines = await ledger.whole(conn)
    differs = await asyncio.to_thread(mirror.first_differing, eyes.mirror, lines) if eyes.mirror else None
    eyes.is_ledger_whole = ledger.first_broken(lines) is None and differs is None
    ends = await asyncio.to_thread(certificate_ends, eyes.app_url)
    eyes.certificate_days = (ends - now).total_seconds() / 86_400 if ends else None
    eyes.looked_at = now


def certificate_ends(url: str, trust: ssl.SSLContext | None = None) -> datetime | None:
    """When the certificate of an https address ends; None for http, and where nobody answers. One that isn't trusted has ended long ago."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return None
    try:
        with (
            socket.create_connection((parts.hostname, parts.port or 443), timeout=_PATIENCE_S) as plain,
            (trust or ssl.create_default_context()).wrap_socket(plain, server_hostname=parts.hostname) as secure,
        ):
            shown = secure.getpeercert() or {}
            return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    except ssl.SSLCertVerificationError:
        return _LONG_AGO
    except (OSError, KeyError, ValueError):
        return None


def _backup_age_h(folder: Path, now: datetime) -> float | None:
    """None before the first backup: whether there should be one is asked by the runbook, not here."""
    found = backups.listed(folder)
    return (now - found[0].manifest.made_at).total_seconds() / 3600 if found else None


def _minutes(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() / 60 if since else 0.0
