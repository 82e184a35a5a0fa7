"""What do people say, and is anybody answered? An inbox for what comes by mail, posts and tickets; without names."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from audiospective.errors import Invalid, NotFound
from audiospective.infra.database import Connection, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)

#: The runbook's sources.
CHANNELS: Final = ("mail", "twitter", "reddit", "ticket", "chat", "github", "other")
#: The runbook asks for a first reply within an hour.
PROMPT: Final = timedelta(hours=1)
#: Boxes that somebody answers for, and what they look back at.
ATTESTED: Final = {
    "R154": timedelta(hours=1),
    "R189": timedelta(hours=1),
    "R192": timedelta(days=1),
    "R204": timedelta(days=31),
    "R214": timedelta(minutes=30),
}
#: With something critical unanswered they can't be answered for.
_NO_CRITICAL: Final = frozenset({"R154", "R189", "R214"})
#: Nobody may have spoken of an incident meanwhile.
_STOPPED: Final = "R214"
_LONGEST = 2_000


class Heard(msgspec.Struct, frozen=True):
    """One thing that somebody said; `replied_at` None: nobody has answered."""

    id: int
    channel: str
    at: datetime
    said: str
    is_critical: bool
    incident_id: int | None
    replied_at: datetime | None
    reply: str


class Tally(msgspec.Struct, frozen=True):
    """How many since then, and by channel in words."""

    heard: int
    critical: int
    unanswered: int
    channels: str


async def add(conn: Connection, channel: str, said: str, *, now: datetime, is_critical: bool = False, incident: int | None = None) -> int:
    """Write down what was said; its number. Raises Invalid, NotFound."""
    if channel not in CHANNELS:
        raise Invalid(f"“{channel[:20]}” is no channel; use {', '.join(CHANNELS)}.", field="--channel")
    params = {"channel": channel, "now": now, "said": _text(said), "critical": is_critical, "incident": incident}
    number = await fetch_one(conn, sql["add"], int, **params)
    if number is None:
        raise NotFound(f"There is no incident {incident}.")
    return number


async def reply(conn: Connection, number: int, said: str, now: datetime) -> None:
    """Note what was answered; the first answer's time counts. Raises NotFound."""
    if not await execute(conn, sql["reply"], id=number, said=_text(said), now=now):
        raise NotFound(f"There is no feedback {number}.")


async def listed(conn: Connection, since: datetime) -> list[Heard]:
    """Since then, and everything that waits; the newest first."""
    return await fetch_all(conn, sql["listed"], Heard, since=since)


async def tally(conn: Connection, since: datetime) -> Tally:
    """Counts since then."""
    found = await fetch_one(conn, sql["tally"], Tally, since=since)
    return found or Tally(0, 0, 0, "")


async def of_incident(conn: Connection, incident: int, since: datetime) -> int:
    """How many spoke of it since then."""
    return await fetch_one(conn, sql["of_incident"], int, incident=incident, since=since) or 0


async def attest(conn: Connection, box: str, now: datetime) -> str:
    """What stands beside a signature; "" for boxes that don't ask. Raises Invalid while something critical waits, or reports go on."""
    if box not in ATTESTED:
        return ""
    found = await tally(conn, now - ATTESTED[box])
    if found.critical and box in _NO_CRITICAL:
        raise Invalid(f"{box}: {found.critical} critical reports wait for an answer; open incidents and reply first.", field="BOX")
    if box == _STOPPED and (still := await fetch_one(conn, sql["of_any_incident"], int, since=now - ATTESTED[box])):
        raise Invalid(f"{box}: {still} spoke of an incident within half an hour; wait until nobody does.", field="BOX")
    by_channel = f" ({found.channels})" if found.channels else ""
    return f"{found.heard} heard{by_channel}, {found.critical} critical, {found.unanswered} unanswered"


def _text(given: str) -> str:
    text = given.strip()
    if not 1 <= len(text) <= _LONGEST:
        raise Invalid(f"--say needs 1 to {_LONGEST} characters.", field="--say")
    return text
