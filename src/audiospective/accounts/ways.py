"""How does somebody want to be told things? By mail, a signed hook, ntfy or Gotify; each way with the topics that they want by it.

Addresses and signing keys lie sealed, bound to their person. Mail is sent to nobody who hasn't opened the link in its first letter.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import msgspec

from audiospective.accounts import people
from audiospective.errors import Invalid, NotFound
from audiospective.infra import carriers
from audiospective.infra.database import Connection, Database, execute, fetch_all, fetch_one
from audiospective.infra.egress import check_address
from audiospective.infra.language import ENGLISH, Language, language, spoken
from audiospective.infra.outbox import Carrier, Channel, Leased, Message, Undelivered
from audiospective.infra.sealing import BrokenSeal, Sealer
from audiospective.infra.statements import statements
from audiospective.settings import Secret

sql = statements(__name__)

_MOST: Final = 10
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
_CONFIRM, _LEAVE = "confirm a way", "leave a topic"


class Kind(StrEnum):
    """How a message travels."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    NTFY = "ntfy"
    GOTIFY = "gotify"


class Topic(StrEnum):
    """What one can be told of."""

    TROUBLE = "trouble"
    """Collecting has stopped, or will soon."""
    COPIES = "copies"
    """A copy of the archive doesn't arrive."""
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Way:
    """One way, as stored."""

    id: int
    user_id: int
    kind: str
    target: bytes = field(repr=False)
    signing_key: bytes = field(repr=False)
    wants: Sequence[str]
    confirmed_at: datetime | None
    created_at: datetime
    language: str

    @property
    def tongue(self) -> Language:
        """In which language its owner is written to: as they have set, else as the page was on which they asked for it."""
        return language(self.language) or ENGLISH


@dataclass(frozen=True, slots=True)
class Added:
    """A new way; `signing_key` is shown this once, `confirm` is the end of the link in a mail's first letter, "" for hooks."""

    id: int
    signing_key: str = field(repr=False)
    confirm: str = field(repr=False)


class Post(msgspec.Struct, frozen=True):
    """The mail server and whose name letters bear; None where no mail is set up."""

    server: Secret
    sender: str


async def add(
    conn: Connection, sealer: Sealer, user: int, kind: str, target: str, *, wants: Iterable[str], now: datetime, local_hosts: Iterable[str]
) -> Added:
    """A new way, in the language that is spoken; raises Invalid naming the field."""
    chosen = [topic.value for topic in Topic if topic.value in set(wants)]
    if kind not in set(Kind):
        raise Invalid("Choose mail, a hook, ntfy or Gotify.", field="kind")
    if not chosen:
        raise Invalid("Choose what you want to be told.", field="wants")
    await people.one_at_a_time(conn, user)
    if (await fetch_one(conn, sql["count"], int, user=user) or 0) >= _MOST:
        raise Invalid(f"You have {_MOST} ways already; remove one first.", field="kind")
    where, key = _checked(Kind(kind), target.strip(), local_hosts), secrets.token_urlsafe(32)
    way = await fetch_one(
        conn,
        sql["add"],
        int,
        user=user,
        kind=kind,
        target=sealer.seal(where.encode(), bound=_bound(user)),
        key=sealer.seal(key.encode(), bound=_bound(user)),
        wants=chosen,
        confirmed_at=None if kind == Kind.MAIL else now,
        now=now,
        language=spoken().tag,
    )
    assert way is not None  # noqa: S101 (RETURNING gives a row)
    return Added(way, key, f"{way}.{sealer.sign(str(way).encode(), purpose=_CONFIRM)}" if kind == Kind.MAIL else "")


def _checked(kind: Kind, target: str, local_hosts: Iterable[str]) -> str:
    if kind is not Kind.MAIL:
        return check_address(target, local_hosts, field="target")
    if len(target) > 254 or not _ADDRESS.fullmatch(target):
        raise Invalid("This isn't a mail address; write it like mara@example.org.", field="target")
    return target


async def own(conn: Connection, user: int) -> list[Way]:
    """This person's ways."""
    return await fetch_all(conn, sql["own"], Way, user=user)


async def everybodys(conn: Connection) -> list[Way]:
    """All ways that work."""
    return await fetch_all(conn, sql["all"], Way)


async def remove(conn: Connection, user: int, way: int) -> None:
    """Take a way back; raises NotFound for anybody else's."""
    if not await execute(conn, sql["remove"], way=way, user=user):
        raise NotFound("There is no such way of yours; perhaps it was removed already.")


async def confirm(conn: Connection, sealer: Sealer, token: str, now: datetime) -> bool:
    """Whether the link of a first letter was right; opening it twice is fine."""
    way, _, signature = token.partition(".")
    if not (way.isdecimal() and len(way) < 10 and sealer.verify(way.encode(), signature, purpose=_CONFIRM)):
        return False
    await execute(conn, sql["confirm"], way=int(way), now=now)
    return await fetch_one(conn, sql["one"], Way, way=int(way)) is not None


def leaving(sealer: Sealer, way: int, topic: Topic) -> str:
    """The end of the link by which a letter is unsubscribed from, without signing in."""
    return f"{way}.{topic.value}.{sealer.sign(f'{way} {topic.value}'.encode(), purpose=_LEAVE)}"


def topic_of(sealer: Sealer, token: str) -> tuple[int, Topic] | None:
    """Which way and topic such a link is of; None unless it was made here."""
    way, _, rest = token.partition(".")
    topic, _, signature = rest.partition(".")
    is_ours = way.isdecimal() and len(way) < 10 and topic in set(Topic)
    if not is_ours or not sealer.verify(f"{way} {topic}".encode(), signature, purpose=_LEAVE):
        return None
    return int(way), Topic(topic)


async def leave(conn: Connection, way: int, topic: Topic) -> None:
    """Nothing of this topic by this way any more."""
    await execute(conn, sql["want_no_more"], way=way, topic=topic.value)


def shown(sealer: Sealer, way: Way) -> str:
    """Enough of the address for its owner to know it by; a hook's secret part is left out."""
    try:
        where = sealer.open(way.target, bound=_bound(way.user_id)).decode()
    except BrokenSeal:
        return "…"
    if way.kind == Kind.MAIL:
        name, _, host = where.partition("@")
        return f"{name[:2]}…@{host}"
    return f"{urlsplit(where).hostname}/…"


def news(way: Way, key: str, subject: str, body: str, *, rich: str = "") -> Message:
    """A message to somebody by one of their ways."""
    return Message(news_key(way, key), Channel.PERSON, subject, body, way_id=way.id, rich=rich)


def news_key(way: Way, key: str) -> str:
    """What makes the same news by the same way one message."""
    return f"{key}:{way.id}"


def carrier(db: Database, sealer: Sealer, http: aiohttp.ClientSession, post: Post | None, app_url: str) -> Carrier:
    """Carries messages to listeners, each by its own way."""

    async def carry(leased: Leased) -> str:
        async with db.reading() as conn:
            way = await fetch_one(conn, sql["one"], Way, way=leased.way_id)
        if way is None:
            raise Undelivered("this way is gone", for_good=True)
        try:
            where, key = (sealer.open(one, bound=_bound(way.user_id)).decode() for one in (way.target, way.signing_key))
        except BrokenSeal as error:
            raise Undelivered("its address can't be opened", for_good=True) from error
        if way.kind == Kind.MAIL:
            return await _by_mail(sealer, post, way, where, leased, app_url=app_url)
        return await carriers.post(http, *_for_hook(Kind(way.kind), where, leased, key), key=leased.key)

    return carry


async def _by_mail(sealer: Sealer, post: Post | None, way: Way, where: str, leased: Leased, *, app_url: str) -> str:
    is_first = leased.key.startswith("confirm:")
    if post is None or (way.confirmed_at is None and not is_first):
        raise Undelivered("no mail is set up, or its address isn't confirmed", for_good=True)
    topic = next((topic for topic in Topic if leased.key.startswith(f"{topic.value}:")), None)
    headers: dict[str, str] = {}
    if topic is not None:  # one click, without signing in (RFC 8058)
        headers["List-Unsubscribe"] = f"<{app_url}/api/unsubscribe/{leaving(sealer, way.id, topic)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return await carriers.send_letter(post.server, carriers.letter(leased, where, sender=post.sender, headers=headers))


def _for_hook(kind: Kind, where: str, leased: Leased, key: str) -> tuple[str, bytes, Mapping[str, str]]:
    """Address, body and headers as each kind of receiver wants them."""
    said = {"title": leased.subject, "message": leased.body}
    if kind is Kind.NTFY:  # https://docs.ntfy.sh/publish/#publish-as-json
        root, _, topic = where.rstrip("/").rpartition("/")
        return root + "/", json.dumps({"topic": topic, **said}).encode(), {}
    if kind is Kind.GOTIFY:  # https://gotify.net/docs/pushmsg
        return where, json.dumps({**said, "priority": 5}).encode(), {}
    body = json.dumps({"id": leased.key, **said, "event": leased.key.partition(":")[0]}).encode()
    return where, body, {"X-Audiospective-Signature": carriers.hook_signature(key, body)}


def _bound(user: int) -> bytes:
    return f"notice way {user}".encode()
