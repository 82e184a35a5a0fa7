"""Messages to mail, chat and hooks: stored in the caller's transaction, sent once by a worker.

A process killed between sending and settling leaves a lease that ends; the message then goes out again under the same key
(`Idempotency-Key`, `Message-ID`), so a receiver that looks at keys sees it once, and any other at most once more for each such death.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)

#: Longer than any carrier may take, so that a living sender never loses its message to another.
LEASE: Final = timedelta(minutes=2)
#: One carrier has this long for one message.
PATIENCE_S: Final = 20.0
#: A message is tried so often, with pauses of 15 s doubling to 30 min, in about two hours.
ATTEMPTS: Final = 10

_SIZE = 20
_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(minutes=30)


class Channel(StrEnum):
    """How a message travels; where it arrives is a setting."""

    MAIL = "mail"
    CHAT = "chat"
    SMS = "sms"
    PERSON = "person"
    """To one of those whom the instance serves, by a way of their own."""


class Message(msgspec.Struct, frozen=True):
    """What is to be said. `key` is the same for the same news; `fallback` are channels that follow when one gives up."""

    key: str
    channel: Channel
    subject: str
    body: str
    fallback: Sequence[Channel] = ()
    way_id: int | None = None
    """Of a message to a person: by which way."""
    rich: str = ""
    """The same as HTML, for channels that show it."""


class Leased(msgspec.Struct, frozen=True):
    """A message in the hands of one sender; `attempts` counts this one."""

    id: int
    key: str
    channel: str
    fallback: list[str]
    subject: str
    body: str
    attempts: int
    created_at: datetime
    way_id: int | None = None
    rich: str = ""


class Condition(msgspec.Struct, frozen=True):
    """How the outbox is: messages given up lately, and since when the oldest waits."""

    dead: int
    oldest_waiting: datetime | None


class Receipt(msgspec.Struct, frozen=True):
    """What became of one message."""

    key: str
    channel: str
    state: str
    attempts: int
    created_at: datetime
    settled_at: datetime | None
    receipt: str
    trouble: str


class Undelivered(Exception):
    """A carrier couldn't hand it over; the sentence has no address and no secret. `for_good`: trying again is of no use."""

    def __init__(self, trouble: str, *, for_good: bool = False) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.for_good = for_good


#: Hands one message over and gives the receiver's receipt; raises Undelivered.
Carrier = Callable[[Leased], Awaitable[str]]


class Delivered(msgspec.Struct, frozen=True):
    """What one round did."""

    sent: int
    later: int
    dead: int


async def store(conn: Connection, message: Message, now: datetime) -> bool:
    """Leave a message to be sent; False if this key was stored before."""
    return bool(
        await execute(
            conn,
            sql["store"],
            key=message.key,
            channel=message.channel.value,
            fallback=[channel.value for channel in message.fallback],
            subject=message.subject,
            body=message.body,
            now=now,
            way=message.way_id,
            rich=message.rich,
        )
    )


async def is_stored(conn: Connection, key: str) -> bool:
    """Whether a message with this key was left before; for whoever would write it at some cost."""
    return await fetch_one(conn, sql["is_stored"], bool, key=key) is True


async def deliver_due(db: Database, carriers: Mapping[Channel, Carrier], clock: Clock) -> Delivered:
    """Send what is due: lease, hand over, settle. One message's trouble never delays another."""
    async with db.transaction() as conn:
        now = clock.now()
        leased = await fetch_all(conn, sql["take"], Leased, now=now, until=now + LEASE, size=_SIZE)
    answers = await asyncio.gather(*(_hand_over(carriers, one) for one in leased))
    async with db.transaction() as conn:
        ends = [await _settle(conn, one, answer, clock.now()) for one, answer in zip(leased, answers, strict=True)]
    return Delivered(ends.count("sent"), ends.count("later"), ends.count("dead"))


async def condition(conn: Connection, since: datetime) -> Condition:
    """How the outbox is; the dead are counted from `since` on."""
    return await fetch_one(conn, sql["condition"], Condition, since=since) or Condition(0, None)


async def receipts(conn: Connection, prefix: str = "", *, size: int = 50) -> list[Receipt]:
    """What became of the messages whose key begins with `prefix`, newest first."""
    return await fetch_all(conn, sql["receipts"], Receipt, prefix=prefix, size=size)


async def _hand_over(carriers: Mapping[Channel, Carrier], leased: Leased) -> str | Undelivered:
    carrier = carriers.get(Channel(leased.channel))
    if carrier is None:
        return Undelivered("this channel isn't set up", for_good=True)
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await carrier(leased)
    except Undelivered as trouble:
        return trouble
    except TimeoutError:
        return Undelivered("no answer in time")


async def _settle(conn: Connection, leased: Leased, answer: str | Undelivered, now: datetime) -> str:
    mine = {"id": leased.id, "attempts": leased.attempts}
    if isinstance(answer, str):
        return "sent" if await execute(conn, sql["sent"], now=now, receipt=answer[:200], **mine) else "lost"
    if not answer.for_good and leased.attempts < ATTEMPTS:
        await execute(conn, sql["later"], due=now + pause_after(leased.attempts), trouble=answer.trouble[:200], **mine)
        return "later"
    if await execute(conn, sql["dead"], now=now, trouble=answer.trouble[:200], **mine) and leased.fallback:
        await store(conn, _elsewhere(leased), now)
    return "dead"


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many failures: doubling, bounded."""
    return min(_FIRST_PAUSE * (1 << (attempts - 1)), _LONGEST_PAUSE)


def _elsewhere(leased: Leased) -> Message:
    first, *rest = (Channel(name) for name in leased.fallback)
    return Message(f"{leased.key}>{first}", first, leased.subject, leased.body, rest)
