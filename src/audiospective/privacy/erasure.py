"""Forget a person: every play, import, token, permission and session, in one transaction."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from audiospective.accounts import people
from audiospective.archive import removal
from audiospective.archive.plays import UserId
from audiospective.infra.database import Connection, fetch_all
from audiospective.infra.statements import statements

sql = statements(__name__)


@dataclass(frozen=True, slots=True)
class _Belongings:
    imports: int
    tokens: int
    sessions: int


async def erase(conn: Connection, user: UserId) -> dict[str, int]:
    """Remove the person and everything of theirs; how much of each there was, plays counting every source's report.

    Whoever stores for this person at the same time waits, finds nobody, and stores nothing. Done twice it counts zeros.
    """
    plays = await removal.forget(conn, user)
    (belongings,) = await fetch_all(conn, sql["belongings"], _Belongings, user=user)
    await people.remove(conn, user)
    return {"plays": plays, **asdict(belongings)}
