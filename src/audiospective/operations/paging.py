"""Who must hear of an open incident, and how often: pages until somebody answers, drafts of what people are to be told, the way up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from audiospective.infra import outbox
from audiospective.infra.database import Connection
from audiospective.infra.outbox import Channel, Message
from audiospective.operations import incidents, ledger
from audiospective.operations.incidents import ESCALATE_AFTER, TELL_EVERY, Incident, Stage, Update

#: So often is somebody paged who doesn't answer (SEV-1 at once, SEV-2 after its quarter of an hour).
PAGE_EVERY: Final = timedelta(minutes=5)


async def remind(conn: Connection, now: datetime) -> list[str]:
    """Leave the messages that are due, each once, however often this is asked; their keys."""
    still = [one for one in await incidents.listed(conn, now) if one.resolved_at is None]
    said = await incidents.history(conn, still)
    answered = await ledger.newest(conn, incidents.ACKNOWLEDGED)
    due = [message for one in still for message in due_of(one, said[one.id], is_answered=f"incident {one.id}" in answered, now=now)]
    return [message.key for message in due if await outbox.store(conn, message, now)]


def due_of(one: Incident, updates: Sequence[Update], *, is_answered: bool, now: datetime) -> list[Message]:
    """What is due of one incident by now. Pure."""
    paged = _pages(one, is_answered=is_answered, now=now)
    return [*_first_word(one, is_answered=is_answered), *paged, *_drafts(one, updates, now), *_escalation(one, now)]


def _first_word(one: Incident, *, is_answered: bool) -> list[Message]:
    """Of what opened by itself nobody knows yet, however long somebody would have to answer."""
    if is_answered or one.opened_by != incidents.BY_ITSELF:
        return []
    text = f"SEV-{one.severity}, opened by itself: {one.title}. Answer: audiospective ops incident ack {one.id}"
    channels = (Channel.CHAT, Channel.MAIL)
    return [Message(f"incident:{one.id}:opened:{channel.value}", channel, f"Incident {one.id}", text) for channel in channels]


def _pages(one: Incident, *, is_answered: bool, now: datetime) -> list[Message]:
    wait = incidents.ANSWER_WITHIN[one.severity]
    if is_answered or one.severity > 2 or now - one.opened_at < wait:
        return []
    number = int((now - one.opened_at - wait) / PAGE_EVERY)
    text = f"SEV-{one.severity}, {_minutes(one, now)} min: {one.title}. Answer: audiospective ops incident ack {one.id}"
    channels = (Channel.SMS, Channel.MAIL, Channel.CHAT) if one.severity == 1 else (Channel.CHAT, Channel.MAIL)
    return [Message(f"incident:{one.id}:page:{number}:{channel.value}", channel, f"Incident {one.id}", text) for channel in channels]


def _drafts(one: Incident, updates: Sequence[Update], now: datetime) -> list[Message]:
    """People were promised to hear every quarter of an hour; a draft says so to whoever writes it."""
    every = TELL_EVERY[one.severity]
    public = [update for update in updates if update.stage != Stage.NOTE]
    if every is None or not public or now - public[-1].at < every:
        return []
    number = int((now - one.opened_at) / every)
    last = public[-1]
    text = (
        f"People are to be told of “{one.title}” again. As it stands ({last.stage}, {last.at:%H:%M} UTC): {last.said}\n"
        f'audiospective ops incident update {one.id} --stage {last.stage} --say "…"'
    )
    return [Message(f"incident:{one.id}:draft:{number}", Channel.CHAT, f"Incident {one.id}: an update is due", text)]


def _escalation(one: Incident, now: datetime) -> list[Message]:
    if one.severity > 2 or now - one.opened_at < ESCALATE_AFTER:
        return []
    text = f"SEV-{one.severity} is open for {_minutes(one, now)} minutes: {one.title}. The deployment lead takes over."
    return [Message(f"incident:{one.id}:lead", Channel.MAIL, f"Incident {one.id}: for the deployment lead", text)]


def _minutes(one: Incident, now: datetime) -> int:
    return int((now - one.opened_at).total_seconds() // 60)
