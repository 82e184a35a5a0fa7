"""The only remover of plays: take back an import, forget a person."""

from __future__ import annotations

from dataclasses import dataclass

from audiospective.archive import coverage
from audiospective.archive.ingest import rematch
from audiospective.archive.plays import UserId
from audiospective.infra.database import Connection, execute, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)


@dataclass(frozen=True, slots=True)
class _Span:
    first_us: int
    last_us: int


async def undo_import(conn: Connection, user: UserId, import_id: int) -> int:
    """Removes the listens that this import brought; where it stood for other sources, theirs stand again. How many listens went."""
    await fetch_one(conn, sql["lock_person"], int, user=user)
    span = await fetch_one(conn, sql["span_of_import"], _Span, user=user, import_id=import_id)
    await execute(conn, sql["mark_undone"], user=user, import_id=import_id)
    await coverage.forget_import(conn, user, import_id)
    if span is None:
        return 0
    removed = await execute(conn, sql["remove_import"], user=user, import_id=import_id)
    await rematch(conn, user, span.first_us, span.last_us)
    await execute(conn, sql["bump_version"], user=user)
    return removed


async def forget(conn: Connection, user: UserId) -> int:
    """Removes every listen of one person; how many there were."""
    await fetch_one(conn, sql["lock_person"], int, user=user)
    return await execute(conn, sql["forget"], user=user)
