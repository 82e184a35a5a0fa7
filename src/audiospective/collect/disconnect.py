"""Let go of Spotify and keep the archive: its keys are deleted, nobody is swept, and what was proven stays proven."""

from __future__ import annotations

from datetime import datetime

from audiospective.accounts import grants
from audiospective.infra.database import Connection, execute
from audiospective.infra.statements import statements
from audiospective.infra.telemetry import get_logger

sql = statements(__name__)


async def disconnect(conn: Connection, user: int, now: datetime) -> bool:
    """Forget the permission of this person; False where there was none. Signing in with the same account connects it again."""
    if not await grants.forget(conn, user):
        return False
    await execute(conn, sql["keep_proof"], user=user)
    await execute(conn, sql["sweep_no_more"], user=user)
    await execute(conn, sql["give_up_requests"], user=user, message="Spotify was disconnected.", now=now)
    get_logger().info("grant.forgotten")
    return True
