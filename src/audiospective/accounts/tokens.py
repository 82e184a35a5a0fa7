"""Which programs may act for whom? Personal tokens, shown once and kept as a hash; they last until they are revoked."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import msgspec

from audiospective.accounts import people, sessions
from audiospective.accounts.people import Person
from audiospective.errors import Invalid, NotFound
from audiospective.infra.database import Connection, Database, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)

_TOUCH = timedelta(minutes=1)
_LONGEST_NAME = 100
_MOST = 100


class Token(msgspec.Struct, frozen=True):
    """A personal token as its owner sees it afterwards; `id` names it for `revoke`."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


async def issue(conn: Connection, user: int, name: str, now: datetime) -> str:
    """A new token, beginning with `as_`; this is the only time that anybody sees it. Raises Invalid as `admit` does."""
    token = _made()
    await admit(conn, user, name, token, now)
    return token


async def admit(conn: Connection, user: int, name: str, token: str, now: datetime) -> None:
    """Let a token that was made elsewhere be one of this person's; twice is once. Raises Invalid for a nameless one, or one too many."""
    await people.one_at_a_time(conn, user)
    if (await fetch_one(conn, sql["others"], int, user=user, hash=_hash(token)) or 0) >= _MOST:
        raise Invalid(f"You have {_MOST} personal tokens already; revoke one first.", field="name")
    await _keep(conn, user, name, token, now)


async def _keep(conn: Connection, user: int, name: str, token: str, now: datetime) -> None:
    shown = "".join(letter for letter in name if letter.isprintable()).strip()
    if not 1 <= len(shown) <= _LONGEST_NAME:
        raise Invalid(f"A token's name has 1 to {_LONGEST_NAME} characters, as in “phone scrobbler”.", field="name")
    await execute(conn, sql["issue"], hash=_hash(token), user=user, name=shown, now=now)


async def find(conn: Connection, token: str, now: datetime) -> Person | None:
    """Whose token this is; None when it was revoked or never was. Notes that it was used, once a minute at most."""
    return await fetch_one(conn, sql["find"], Person, hash=_hash(token), now=now, touch_before=now - _TOUCH)


async def begin_session(conn: Connection, token: str, now: datetime) -> str | None:
    """A session that lasts no longer than the token does; None when it was revoked or never was."""
    if await fetch_one(conn, sql["hold"], int, hash=_hash(token)) is None:
        return None
    owner = await find(conn, token, now)
    return await sessions.begin(conn, owner.id, now, token=_hash(token)) if owner else None


async def unused(conn: Connection, token: str) -> str | None:
    """The handle of whose token this is, as long as nobody has used it; None from then on, and for none."""
    return await fetch_one(conn, sql["unused"], str, hash=_hash(token))


async def listed(conn: Connection, user: int) -> list[Token]:
    """Somebody's tokens, the newest first."""
    return await fetch_all(conn, sql["listed"], Token, user=user)


async def revoke(conn: Connection, user: int, token_id: str) -> None:
    """End one of one's own tokens; raises NotFound."""
    if not await execute(conn, sql["revoke"], user=user, id=token_id.replace("\0", "")):
        raise NotFound("There is no such token of yours; perhaps it was revoked already.")


@contextlib.asynccontextmanager
async def lent(db: Database, user: int, name: str, now: datetime) -> AsyncIterator[str]:
    """A token for as long as something is looked at, however many there are; it is revoked however that ends."""
    token = _made()
    async with db.transaction() as conn:
        await _keep(conn, user, name, token, now)
    try:
        yield token
    finally:
        async with db.transaction() as conn:
            with contextlib.suppress(NotFound):
                await revoke(conn, user, _hash(token).hex())


def _made() -> str:
    return f"as_{secrets.token_urlsafe(32)}"


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
