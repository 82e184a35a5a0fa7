"""A scrobbler that wants a key of its own: it asks, its listener says yes in the browser, it fetches the key.

What it asks with is signed by us and good for an hour; the key is made of it by a signature too, so that nothing waits anywhere. It is a
personal token like others: listed, kept as a hash, revoked in Settings. Once it has been used nobody is told it any more.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from audiospective.accounts import tokens
from audiospective.errors import Invalid
from audiospective.infra.database import Connection
from audiospective.infra.sealing import Sealer

_LASTS: Final = timedelta(hours=1)
_ASKED: Final = re.compile(r"(\d{1,12})-[A-Za-z0-9_-]{22}")
_ASKS, _KEY = "a scrobbler asks", "a scrobbler's key"


@dataclass(frozen=True, slots=True)
class Key:
    """A key, and the handle of whose it is."""

    name: str
    key: str = field(repr=False)


def ask(sealer: Sealer, now: datetime) -> str:
    """What a scrobbler asks with, for an hour."""
    asked = f"{int(now.timestamp())}-{secrets.token_urlsafe(16)}"
    return f"{asked}.{sealer.sign(asked.encode(), purpose=_ASKS)}"


def is_asked(sealer: Sealer, given: str, now: datetime) -> bool:
    """Whether it was asked with here, within the hour."""
    asked, _, signature = given.partition(".")
    found = _ASKED.fullmatch(asked)
    return (
        found is not None
        and sealer.verify(asked.encode(), signature, purpose=_ASKS)
        and timedelta(0) <= now - datetime.fromtimestamp(int(found[1]), now.tzinfo) + timedelta(seconds=1) <= _LASTS
    )


async def allow(conn: Connection, sealer: Sealer, user: int, given: str, *, name: str, now: datetime) -> None:
    """This person's scrobbler may fetch its key; raises Invalid for what wasn't asked with here, or was too long ago."""
    if not is_asked(sealer, given, now):
        raise Invalid("This wasn't asked here, or more than an hour ago; let the scrobbler ask again.", field="token")
    await tokens.admit(conn, user, name, _key(sealer, given), now)


async def fetch(conn: Connection, sealer: Sealer, given: str, now: datetime) -> Key | None:
    """The key, once its listener has said yes and until it is used; None before and after."""
    if not is_asked(sealer, given, now):
        return None
    key = _key(sealer, given)
    name = await tokens.unused(conn, key)
    return None if name is None else Key(name, key)


def _key(sealer: Sealer, given: str) -> str:
    return f"as_{sealer.sign(given.encode(), purpose=_KEY)}"
