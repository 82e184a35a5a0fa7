"""Imports that were cut short where nobody could say so: the machine's power, its want of memory, `kill -9`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from audiospective.infra.database import Connection, execute
from audiospective.infra.statements import statements

sql = statements(__name__)

#: A million rows take seconds. One that goes on after all is done when it ends, whatever was said of it meanwhile.
STALLED: Final = timedelta(hours=2)


async def give_up(conn: Connection, now: datetime) -> int:
    """Imports that nobody works on any more have failed; how many. What they stored stays, since another try adds it no second time."""
    message = "This import was cut short. What had been stored by then is here; import it again, and only the rest is added."
    return await execute(conn, sql["give_up"], now=now, before=now - STALLED, message=message)
