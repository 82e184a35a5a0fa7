"""Forget a person: every play, import, token, permission, report and session, in one transaction; a mark keeps them away."""

from __future__ import annotations

import asyncio
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from audiospective.accounts import people
from audiospective.archive import removal
from audiospective.archive.history import HistoryCache
from audiospective.archive.plays import UserId
from audiospective.errors import Invalid, NotFound
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, fetch_all
from audiospective.infra.sealing import Sealer
from audiospective.infra.statements import statements
from audiospective.infra.telemetry import get_logger
from audiospective.privacy import receipt, tombstones

sql = statements(__name__)

#: Of the file of marks, in the data folder.
LEDGER: Final = "deleted"


class Deleted(msgspec.Struct, frozen=True):
    """What went, by kind, when, and the signed receipt of it."""

    records: dict[str, int]
    at: datetime
    receipt: str


class _Belongings(msgspec.Struct, frozen=True):
    shares: int
    imports: int
    personal_tokens: int
    sessions: int
    permissions: int
    person: int


async def delete_account(
    db: Database, sealer: Sealer, cache: HistoryCache, clock: Clock, *, user: UserId, instance: str, ledger: Path
) -> Deleted:
    """Erase somebody for good; raises NotFound when somebody else has done so meanwhile. `ledger` is the file of marks.

    All of it is one transaction: who is killed on the way has deleted nothing or everything. `keep_away` mends a mark that the file lacks.
    """
    now = clock.now()
    async with db.transaction() as conn:
        records = await erase(conn, sealer, user, now)
        marks = await tombstones.marks(conn)
    cache.forget(user)
    if not records["user"]:
        raise NotFound("This account is deleted already; whoever did it has the receipt.")
    try:
        await asyncio.to_thread(tombstones.add_to_file, ledger, marks)
    except OSError as error:  # the account is gone all the same, and the database has the mark
        get_logger().error("account.mark_unwritten", reason=error.strerror)
    get_logger().info("account.deleted", plays=records["playEvents"], imports=records["imports"])
    return Deleted(records, now, receipt.issue(sealer, instance, records, now))


def check_confirmation(display_name: str, typed: str) -> None:
    """Raises Invalid unless the display name was typed; composed and decomposed letters are the same letters."""
    if unicodedata.normalize("NFC", typed).strip() != unicodedata.normalize("NFC", display_name).strip():
        raise Invalid(f"To delete everything, type your display name exactly as it is: {display_name}", field="confirm")


async def keep_away(db: Database, sealer: Sealer, clock: Clock, ledger: Path) -> int:
    """Delete again whom a restored backup brought back, and make file and database know the same marks; how many came back.

    To be called after every restore, before anything is done for anybody.
    """
    of_file = await asyncio.to_thread(tombstones.read_file, ledger)
    now = clock.now()
    async with db.transaction() as conn:
        await tombstones.remember(conn, of_file, now)
        marks = await tombstones.marks(conn)
        back = await tombstones.returned(conn, sealer, marks)
        for user in back:
            await erase(conn, sealer, user, now)
    await asyncio.to_thread(tombstones.add_to_file, ledger, marks)
    if back:
        get_logger().warning("account.kept_away", people=len(back))
    return len(back)


async def erase(conn: Connection, sealer: Sealer, user: UserId, now: datetime) -> dict[str, int]:
    """Remove the person and everything of theirs; how much of each there was, plays counting every source's report.

    Whoever stores for this person at the same time waits, finds nobody, and stores nothing. Done twice it counts zeros.
    """
    plays = await removal.forget(conn, user)
    (found,) = await fetch_all(conn, sql["belongings"], _Belongings, user=user)
    await tombstones.put(conn, sealer, user, now)
    await people.remove(conn, user)
    return {
        "playEvents": plays,
        "shareableReports": found.shares,
        "imports": found.imports,
        "personalTokens": found.personal_tokens,
        "sessions": found.sessions,
        "spotifyPermissions": found.permissions,
        "user": found.person,
    }
