"""Is somebody who says that they are there as the runbook wants them? What stands beside their word, or why it isn't taken."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from audiospective.accounts import people
from audiospective.errors import NotAllowed
from audiospective.infra.database import Connection
from audiospective.infra.sealing import Sealer
from audiospective.operations import team

#: An open page renews itself more often than that.
HERE: Final = timedelta(minutes=2)


async def witnessed(conn: Connection, sealer: Sealer, box: str, by: str, now: datetime) -> str:
    """The monitoring lead has the figures open, the backup engineer can be reached. "" for other boxes; raises NotAllowed."""
    if box == team.ROLES["monitoring-lead"]:
        if not any(team.is_same(one, by) for one in await people.watching(conn, now - HERE)):
            raise NotAllowed(f"{by} hasn't got /ops/watch open: sign in there as an operator by that name, and leave the page open.")
        return "with /ops/watch open"
    if box == team.ROLES["backup-engineer"]:
        found = next((one for one in await team.members(conn, sealer) if one.role == "backup-engineer"), None)
        if found is None or not (found.mail or found.phone):
            raise NotAllowed(f"Nobody could call {by}: audiospective ops init backup-engineer --name NAME --phone PHONE")
        return "can be reached by " + " and ".join(way for way, there in (("mail", found.mail), ("phone", found.phone)) if there)
    return ""
