"""What is proven of somebody's archive, and what is known to be missing?

Three things prove that nothing is missing: the present run of sweeps, each of whose answers overlapped the one before; earlier
runs; and official exports. A gap is where a run broke. What an export covers closes a gap, and undoing the export opens it again:
proofs and gaps are kept as they came, and set against each other when they are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from audiospective.archive.plays import UserId
from audiospective.archive.proofs import LATE, Gap, Ledger, Reason, Stretch
from audiospective.infra.database import Connection, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)


class Broken(msgspec.Struct, frozen=True):
    """A run of sweeps that has ended in a gap."""

    user: UserId
    run: Stretch
    gap: Gap


class _Row(msgspec.Struct, frozen=True):
    from_at: datetime
    till_at: datetime
    reason: str
    per_hour: float


class _Sweeping(msgspec.Struct, frozen=True):
    proven_from: datetime | None
    asked_at: datetime | None
    last_trouble: str | None


async def record_breaks(conn: Connection, breaks: Sequence[Broken]) -> None:
    """Keep runs that have ended, and the gaps that ended them."""
    if not breaks:
        return
    users = [one.user for one in breaks]
    await execute(
        conn,
        sql["keep_runs"],
        users=users,
        froms=[one.run.from_at for one in breaks],
        tills=[one.run.till_at for one in breaks],
    )
    await execute(
        conn,
        sql["keep_gaps"],
        users=users,
        froms=[one.gap.stretch.from_at for one in breaks],
        tills=[one.gap.stretch.till_at for one in breaks],
        reasons=[one.gap.reason for one in breaks],
        rates=[one.gap.per_hour for one in breaks],
    )


async def prove_import(conn: Connection, user: UserId, import_id: int, stretches: Sequence[Stretch]) -> None:
    """An official export covers these stretches; said again, it replaces what was said before."""
    await forget_import(conn, user, import_id)
    froms, tills = [one.from_at for one in stretches], [one.till_at for one in stretches]
    await execute(conn, sql["keep_import"], user=user, import_id=import_id, froms=froms, tills=tills)


async def forget_import(conn: Connection, user: UserId, import_id: int) -> None:
    """What this import covered is open again."""
    await execute(conn, sql["forget_import"], user=user, import_id=import_id)


async def forget_sweeps(conn: Connection, user: UserId) -> None:
    """What sweeps proved and missed is no longer known."""
    await forget_import(conn, user, 0)
    await execute(conn, sql["forget_gaps"], user=user)


async def ledger(conn: Connection, user: UserId) -> Ledger:
    """Everything that is known of this person's completeness."""
    proofs = [Stretch(row.from_at, row.till_at) for row in await fetch_all(conn, sql["proofs"], _Row, user=user)]
    found = await fetch_all(conn, sql["gaps"], _Row, user=user)
    gaps = [Gap(Stretch(row.from_at, row.till_at), Reason(row.reason), row.per_hour) for row in found]
    sweeping = await fetch_one(conn, sql["sweeping"], _Sweeping, user=user)
    if sweeping is None or sweeping.proven_from is None or sweeping.asked_at is None:
        return Ledger(tuple(proofs), tuple(gaps), None, sweeping.last_trouble if sweeping else None)
    run = Stretch(sweeping.proven_from, max(sweeping.asked_at - LATE, sweeping.proven_from))
    return Ledger((*proofs, run), tuple(gaps), run.till_at, sweeping.last_trouble)
