"""Items of Spotify's answers that couldn't be read lie aside as they came, so that a later version may read them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from audiospective.archive.plays import UserId
from audiospective.infra.database import Connection, execute
from audiospective.infra.statements import statements
from audiospective.spotify.player import Unreadable

sql = statements(__name__)

#: An item of a page has four kilobytes.
_MOST_BYTES: Final = 64 * 1024


async def keep(conn: Connection, items: Sequence[tuple[UserId, Unreadable]], now: datetime) -> None:
    """Lay these aside, each once."""
    if not items:
        return
    await execute(
        conn,
        sql["keep"],
        now=now,
        users=[user for user, _ in items],
        hashes=[hashlib.blake2b(item.raw, digest_size=16).digest() for _, item in items],
        objections=[item.reason[:500].replace("\0", "") for _, item in items],
        raws=[item.raw[:_MOST_BYTES] for _, item in items],
    )
