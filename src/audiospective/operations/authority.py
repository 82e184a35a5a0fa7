"""Who may roll back: the lead at any time, whoever asked and was told yes within the hour, and anybody where nobody leads."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from audiospective.errors import Invalid, Refused
from audiospective.infra import outbox
from audiospective.infra.database import Connection
from audiospective.infra.outbox import Channel, Message
from audiospective.operations import ledger, team
from audiospective.operations.ledger import Entry, Line

REQUESTED: Final = "rollback.requested"
APPROVED: Final = "rollback.approved"

#: So long an approval holds, and so long a critical request waits for the lead before the backup engineer may approve.
_HOLDS, _WAITS = timedelta(hours=1), timedelta(minutes=5)


class Asked(msgspec.Struct, frozen=True):
    """A request to roll back that waits for the lead."""

    number: int
    by: str
    at: datetime
    reason: str
    is_critical: bool


async def may(conn: Connection, by: str, now: datetime) -> None:
    """Raises Refused unless `by` leads, nobody does, or the lead approved within the hour (runbook, "Authority to Rollback")."""
    lead = await team.holder(conn, "deployment-lead")
    if not lead or team.is_same(lead, by):
        return
    approved = (await ledger.newest(conn, APPROVED)).values()
    if not any(now - line.at <= _HOLDS and team.is_same(str(line.told().get("for")), by) for line in approved):
        raise Refused(f'{lead} leads this deployment and must approve: audiospective ops rollback request --by "{by}" --reason "…"')


async def request(conn: Connection, by: str, reason: str, now: datetime, *, is_critical: bool) -> int:
    """Ask the lead for a rollback, who hears of it by chat or mail; the request's number. Anybody may."""
    number = len(await ledger.newest(conn, REQUESTED)) + 1
    told = {"reason": reason, "critical": is_critical}
    await ledger.append(conn, [Entry(by, REQUESTED, f"rollback request {number}", told)], now)
    lead = await team.holder(conn, "deployment-lead") or "NAME"
    said = f'{by} asks for a rollback: {reason}. {lead} approves: audiospective ops rollback approve {number} --by "{lead}"'
    for channel in (Channel.SMS, Channel.CHAT) if is_critical else (Channel.CHAT,):
        subject = "A rollback is asked for"
        await outbox.store(conn, Message(f"rollback:{number}:{channel.value}", channel, subject, said, (Channel.MAIL,)), now)
    return number


async def unanswered(conn: Connection, now: datetime) -> list[Asked]:
    """Requests of the last hour that nobody approved, the newest first."""
    approved = await ledger.newest(conn, APPROVED)
    requested = (await ledger.newest(conn, REQUESTED)).items()
    asked = [_asked(line) for subject, line in requested if subject not in approved and now - line.at <= _HOLDS]
    return sorted(asked, key=lambda one: one.number, reverse=True)


async def approve(conn: Connection, number: int, by: str, now: datetime) -> Asked:
    """The lead approves; for a critical one that waited five minutes, the backup engineer may. Raises Refused or Invalid."""
    line = (await ledger.newest(conn, REQUESTED)).get(f"rollback request {number}")
    if line is None:
        raise Invalid(f"There is no request {number}.", field="NUMBER")
    asked = _asked(line)
    lead, backup = await team.holder(conn, "deployment-lead"), await team.holder(conn, "backup-engineer")
    is_backups = asked.is_critical and now - asked.at >= _WAITS and team.is_same(by, backup)
    if not team.is_same(by, lead) and not is_backups:
        raise Refused(
            f"Only the deployment lead approves ({lead or 'nobody is on record'}); for a critical request that waited five minutes, "
            f"the backup engineer too ({backup or 'nobody is on record'})."
        )
    await ledger.append(conn, [Entry(by, APPROVED, line.subject, {"for": asked.by, "reason": asked.reason})], now)
    return asked


def _asked(line: Line) -> Asked:
    told = line.told()
    return Asked(int(line.subject.rpartition(" ")[2]), line.actor, line.at, str(told["reason"]), bool(told["critical"]))
