"""Whose history has changed, and from which moment on: written by whoever changes it, read by whoever holds it in memory (history.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from audiospective.archive.plays import UserId
from audiospective.infra.database import Connection, execute
from audiospective.infra.statements import statements

sql = statements(__name__)

#: Later than any play: no play changed, only what is known of its track.
NOWHERE: Final = 2**62


async def tell(conn: Connection, froms_us: Mapping[UserId, int]) -> None:
    """These people's versions grow. By person, µs since 1970: no play that ended earlier came, went or changed."""
    users = sorted(froms_us)
    await execute(conn, sql["tell"], users=users, froms_us=[froms_us[user] for user in users], nowhere=NOWHERE)
