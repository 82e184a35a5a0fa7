"""Who is signed in on which browser? 32 random bytes in a cookie; the database keeps their hash, so a stolen copy signs nobody in."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

import msgspec

from audiospective.accounts.people import Person
from audiospective.errors import NotFound
from audiospective.infra.database import Connection, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)

#: Unused for this long, a session ends.
IDLE = timedelta(days=14)
#: However much it is used, it ends after this.
LONGEST = timedelta(days=90)

_TOUCH = timedelta(minutes=1)


class Session(msgspec.Struct, frozen=True):
    """One browser in which somebody is signed in; `id` is the beginning of the cookie's hash, which signs nobody in."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


async def begin(conn: Connection, user: int, now: datetime, *, token: bytes | None = None) -> str:
    """A new session; what the cookie carries. With the hash of a personal token it ends when that is revoked."""
    session = secrets.token_urlsafe(32)
    await execute(conn, sql["drop_expired"], user=user, now=now, idle_since=now - IDLE)
    await execute(conn, sql["begin"], hash=_hash(session), user=user, now=now, expires_at=now + LONGEST, token=token)
    return session


async def find(conn: Connection, token: str, now: datetime) -> Person | None:
    """Whose session this is; None when it has ended or never was. Notes that it was seen, once a minute at most."""
    return await fetch_one(conn, sql["find"], Person, hash=_hash(token), now=now, idle_since=now - IDLE, touch_before=now - _TOUCH)


async def end(conn: Connection, token: str) -> None:
    """Sign this browser out; one that isn't signed in is left so."""
    await execute(conn, sql["end"], hash=_hash(token))


async def end_all(conn: Connection, user: int) -> int:
    """Sign somebody out everywhere; from how many browsers."""
    return await execute(conn, sql["end_all"], user=user)


async def end_one(conn: Connection, user: int, session_id: str) -> None:
    """Sign one of somebody's own browsers out; raises NotFound for anybody else's."""
    if not await execute(conn, sql["end_one"], user=user, id=session_id.replace("\0", "")):
        raise NotFound("This browser isn't signed in any more.")


def id_of(session: str) -> str:
    """The id of the session that this cookie carries."""
    return _hash(session)[:12].hex()


async def listed(conn: Connection, user: int, now: datetime) -> list[Session]:
    """The living sessions, last used first."""
    return await fetch_all(conn, sql["listed"], Session, user=user, now=now, idle_since=now - IDLE)


def _hash(session: str) -> bytes:
    return hashlib.sha256(session.encode()).digest()
