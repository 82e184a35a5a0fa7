"""What was said of a launch, to whom, and what may be said: once each, the public last and only when two hours were green."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from audiospective.errors import Conflict, NotAllowed
from audiospective.infra.database import Connection
from audiospective.operations import launch, launches, ledger
from audiospective.operations.boxes import boxes
from audiospective.operations.decide import Gate
from audiospective.operations.judge import Reading, Status
from audiospective.operations.ledger import Entry, Line

SAID: Final = "message.said"
DRAFTED: Final = "messages.drafted"
PLAN: Final = "plan"

#: The runbook's drafts before a launch, and what people outside read first.
BEFOREHAND: Final = ("M01", "M02", "M03")
PUBLIC: Final = frozenset({"M02", "M05", "M06", "M07", "M08", "M09"})
_POSTS: Final = frozenset({"M02", "M05"})
_FORUMS: Final = frozenset({"M06", "M07"})
_POSTER: Final = "whoever posts it, and confirms where"
_SUCCESS: Final = "M04"
_NO_LETTER: Final = "nobody can ask for a newsletter: addresses that listeners gave are for the news that they chose"


async def check(conn: Connection, message: str, now: datetime) -> None:
    """Make sure that this may be said now. Raises NotAllowed with the reason, Conflict when it was said in this launch."""
    opened = await launches.current(conn)
    if opened is None or opened.closed_at is not None:
        return
    if (before := (await _said(conn)).get(message)) is not None:
        raise Conflict(f"{message} was said at {before.at:%H:%M} UTC by {before.actor}; it is said once a launch.")
    if message in PUBLIC:
        gate = (await ledger.newest(conn, "gate.decided")).get("2h")
        if gate is None or gate.seq < opened.seq or gate.told()["gate"] != Gate.GO:
            raise NotAllowed(f"{message} is public: it waits until two hours were green (audiospective ops decide 2h).")
    if message == _SUCCESS:
        wanted = [box for box in boxes() if "R060" <= box.id <= "R126"]
        red = [one.box.id for one in await launch.standings(conn, wanted, now) if one.status is Status.FAIL]
        if red:
            raise NotAllowed(f"{message} says that all is well, and {', '.join(red[:5])} failed.")


async def note(conn: Connection, message: str, *, where: str, digest: str, actor: str, now: datetime) -> None:
    """Write down that it was said."""
    await ledger.append(conn, [Entry(actor, SAID, message, {"where": where, "sha256": digest})], now)


async def note_drafts(conn: Connection, refused: list[str], drafts: dict[str, str], *, actor: str, now: datetime) -> None:
    """Write down which texts stand ready, each with its digest, and which can't be written."""
    await ledger.append(conn, [Entry(actor, DRAFTED, "drafts", {"refused": refused, "sha256": drafts})], now)


async def readings(conn: Connection) -> dict[str, Reading]:
    """What of it boxes ask, within this launch."""
    said, opened = await _said(conn), await launches.current(conn)
    drafted = (await ledger.newest(conn, DRAFTED)).get("drafts")
    if drafted is None or (opened and drafted.seq < opened.seq):
        refused = Reading(source="ledger", problem="nothing was drafted yet: audiospective ops announce draft --all")
    else:
        told = drafted.told()["refused"]
        missing = [one for one in told if one in BEFOREHAND] if isinstance(told, list) else []
        refused = Reading(len(missing), "ledger", ", ".join(missing))
    return {
        "messages.refused": refused,
        "messages.team": Reading("told" if _SUCCESS in said else "not yet", "ledger"),
        "messages.plan": Reading("told" if PLAN in said else "not yet", "ledger"),
        "messages.posts": Reading(len(_POSTS & said.keys()), "ledger", waits=_POSTER),
        "messages.forums": Reading(len(_FORUMS & said.keys()), "ledger", waits=_POSTER),
        "messages.mail": Reading(source="ledger", inapplicable=_NO_LETTER),
    }


def plan(team: dict[str, str], version: str) -> str:
    """The monitoring plan in words: what is looked at when, and by whom."""
    lead, eyes = team.get("deployment-lead", "the deployment lead"), team.get("monitoring-lead", "the monitoring lead")
    voice = team.get("support-lead", "the support lead")
    return "\n".join(
        (
            f"Monitoring of {version}:",
            f"- First 15 minutes: figures each minute ({eyes}); then {lead} decides",
            f"- First hour and two hours: the same; {lead} decides at both",
            f"- First day: every hour ({eyes}); feedback ({voice})",
            "- First week: morning, afternoon, evening; weekly review on Friday",
            "Trouble goes to #incidents.",
        )
    )


async def _said(conn: Connection) -> dict[str, Line]:
    opened = await launches.current(conn)
    begins = opened.seq if opened else 0
    return {name: line for name, line in (await ledger.newest(conn, SAID)).items() if line.seq > begins}
