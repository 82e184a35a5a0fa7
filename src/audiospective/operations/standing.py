"""How does the instance stand now? The few figures by which one says go or no go, and whose archive is at risk; counts, never names."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from audiospective.accounts.grants import CONSENT
from audiospective.infra.database import Connection, fetch_all
from audiospective.infra.statements import statements
from audiospective.operations import faults, machine, measures
from audiospective.spotify import quota

sql = statements(__name__)

_QUARTER: Final = timedelta(minutes=15)
_LATE: Final = timedelta(minutes=10)
_SOON: Final = timedelta(days=30)


class Now(msgspec.Struct, frozen=True):
    """The last quarter of an hour; None: nobody asked, or nobody looked."""

    requests: int
    failures: int
    p95_ms: float | None
    connections: int
    database_bytes: int
    cpu_ratio: float | None
    errors: int
    looks: int

    @property
    def failure_share(self) -> float | None:
        """0 to 1."""
        return self.failures / self.requests if self.requests else None


class Collecting(msgspec.Struct, frozen=True):
    """How many people are collected for, how many of them are in trouble, and how much Spotify may still be asked."""

    connected: int
    late: int
    ended: int
    ending: int
    troubled: int
    workers: int
    newest_sweep: datetime | None


async def now_of(conn: Connection, now: datetime) -> Now:
    """Read now."""
    cells = measures.asked(await measures.minutes(conn, now - _QUARTER, now + timedelta(minutes=1)))
    looks, size = await machine.looks(conn, now - _QUARTER, now), await machine.size(conn)
    return Now(
        requests=measures.requests(cells),
        failures=measures.failures(cells),
        p95_ms=measures.percentile(cells, 0.95),
        connections=size.connections,
        database_bytes=size.database_bytes,
        cpu_ratio=looks[-1].cpu_ratio if looks else None,
        errors=len(await faults.happened(conn, now - _QUARTER, now)),
        looks=len(looks),
    )


async def collecting(conn: Connection, now: datetime) -> Collecting:
    """Read now."""
    (found,) = await fetch_all(
        conn,
        sql["collecting"],
        Collecting,
        late=now - _LATE,
        ended=now - CONSENT,
        ending=now - CONSENT + _SOON,
        alive=now - timedelta(minutes=2),
    )
    return found


async def budget(conn: Connection, client_id: str, now: datetime) -> quota.Budget:
    """What Spotify may still be asked."""
    return await quota.budget(conn, client_id, now)
