"""`ops announce` and `ops support`: what is said to the team, to the public, and to whoever asks."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, TypedDict

import aiohttp
from cyclopts import App, Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit
from audiospective.cli.environment import read_settings
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Conflict, Invalid, Unavailable
from audiospective.infra import outbox
from audiospective.infra.database import Connection
from audiospective.infra.outbox import Channel, Message
from audiospective.operations import facts as facts_of
from audiospective.operations import launch as launch_of
from audiospective.operations import messages, telling
from audiospective.operations import support as answers_of
from audiospective.operations.boxes import boxes
from audiospective.operations.messages import TEXTS, Draft, Medium
from audiospective.operations.providers import selfhosted
from audiospective.operations.team import ROLES

app = App(name="announce", help="The runbook's 27 messages: draft, send, confirm.")
support = App(name="support", help="Answers to what people ask most.")

Facts = Annotated[list[str] | None, Parameter(name="--fact", help="A fact as NAME=VALUE; may be given many times.")]

_CHANNELS = {Medium.CHAT: Channel.CHAT, Medium.MAIL: Channel.MAIL}


class DraftAnswer(TypedDict):
    """A message, or why it can't be written; `length` as X counts. `waits`: only for what the launch itself finds out."""

    id: str
    medium: str
    subject: str
    body: str
    length: int
    refused: str
    waits: bool


@app.command
def draft(
    message: str = "", /, *, every: Annotated[bool, Parameter(name="--all")] = False, fact: Facts = None, as_json: AsJson = False
) -> int:
    """Show a message as it would be sent; a fact that isn't known refuses it by name. Ends with 1 when one is refused.

    What the launch itself finds out, such as whether all is well, a draft from before may wait for.

    Example: `audiospective ops announce draft M01 --fact version=v1.0.0 --fact "status=All systems operational"`

    Parameters
    ----------
    message
        M01 to M27.
    every
        All 27.
    """
    if bool(message) == every:
        raise Invalid("Name one message, as in M01, or give --all.", field="message")

    async def work(parts: Parts) -> list[DraftAnswer]:
        known = await _known(parts, fact)
        if not every:
            return [_drafted(messages.named(message), known)]
        drafted = [_drafted(text, known) for text in TEXTS]
        await _noted(parts, drafted)
        return drafted

    drafted = with_parts(work)
    answer(drafted, as_json=as_json, text=lambda all_: "\n\n".join(map(_shown, all_)))
    return Exit.NO if any(one["refused"] for one in drafted) else Exit.DONE


@app.command(name="fact")
def tell_fact(*facts: str) -> None:
    """Write down what only people know, so that every message may say it.

    Example: `audiospective ops announce fact development_time="two weeks" code_url=https://github.com/example/audiospective`

    Parameters
    ----------
    facts
        Each as NAME=VALUE.
    """
    told = _pairs(list(facts))

    async def work(parts: Parts) -> None:
        async with parts.db.transaction() as conn:
            await facts_of.tell(conn, told, actor=acting(), now=parts.clock.now())

    with_parts(work)
    print(f"Known now: {', '.join(told)}.", flush=True)


@app.command
def send(message: str, /, *, fact: Facts = None, launch: str = "current") -> None:
    """Leave a message for the team to be sent once. What goes to X, Reddit or a status page is posted by a person, then confirmed.

    Example: `audiospective ops announce send M01 --fact version=v1.0.0 --fact "status=All systems operational"`

    Parameters
    ----------
    message
        M01 to M27.
    launch
        The same message of the same launch is sent once.
    """
    text = messages.named(message)
    if text.medium not in _CHANNELS:
        raise Invalid(f"{text.id} is posted by a person; then: audiospective ops announce confirm {text.id} --url URL", field="message")

    async def work(parts: Parts) -> str:
        return await _sent(parts, messages.render(text, await _known(parts, fact)), launch)

    print(f"{text.id} {with_parts(work)}", flush=True)


@app.command
def plan(*, launch: str = "current") -> None:
    """Tell the team what is watched when, and by whom.

    Example: `audiospective ops announce plan`

    Parameters
    ----------
    launch
        The same plan of the same launch is told once.
    """

    async def work(parts: Parts) -> str:
        known = await _known(parts, None)
        roles = {role: known[role.replace("-", "_")] for role in ROLES if role.replace("-", "_") in known}
        said = telling.plan(roles, known.get("version", "this version"))
        return await _sent(parts, Draft(telling.PLAN, Medium.CHAT, "Audiospective: what is watched", said, len(said)), launch)

    print(f"The plan {with_parts(work)}", flush=True)


@app.command
def confirm(message: str, /, *, url: str) -> None:
    """Make sure that what a person posted is there and holds our address.

    Example: `audiospective ops announce confirm M05 --url https://x.com/audiospective/status/1`

    Parameters
    ----------
    message
        M01 to M27.
    url
        Where it was posted.
    """
    text = messages.named(message)

    async def work(parts: Parts) -> bool:
        async with parts.db.transaction() as conn:
            await telling.check(conn, text.id, parts.clock.now())
        try:
            async with parts.spotify.http.get(url, timeout=aiohttp.ClientTimeout(total=15)) as page:
                is_there = page.status == 200 and parts.settings.app_url.encode() in await page.content.read(2_000_000)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable("That page can't be reached.") from error
        if is_there:
            async with parts.db.transaction() as conn:
                await _write(conn, text.id, url, "", parts.clock.now())
        return is_there

    if not with_parts(work):
        raise Conflict(f"{text.id} isn't confirmed: the page doesn't hold our address.")
    print(f"{text.id} is confirmed.", flush=True)


@support.command(name="answer")
def support_answer(question: str, /, *, as_json: AsJson = False) -> None:
    """Print the answer to a question that people ask.

    Example: `audiospective ops support answer Q2`

    Parameters
    ----------
    question
        Q1 permissions, Q2 how often, Q3 deletion, Q4 safety.
    """
    found = answers_of.answer(question, read_settings().app_url)
    answer(found, as_json=as_json, text=lambda one: f"{one.question}\n\n{one.text}")


async def _known(parts: Parts, given: list[str] | None) -> dict[str, str]:
    """What was given, over what the record has."""
    async with parts.db.reading() as conn:
        return await facts_of.known(conn, parts.sealer, parts.settings.app_url, parts.clock.now()) | _pairs(given)


def _pairs(given: list[str] | None) -> dict[str, str]:
    known = {}
    for pair in given or []:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise Invalid(f"“{pair[:60]}” must be NAME=VALUE, as in version=v1.0.0.", field="--fact")
        known[name.strip()] = value
    return known


async def _sent(parts: Parts, made: Draft, launch: str) -> str:
    """Left in the outbox once; without a channel of its kind, noted where operators read. What became of it, in words.

    All in one transaction: whoever is killed on the way has said nothing, or has said it and it is written down.
    """
    channel, now = _CHANNELS[made.medium], parts.clock.now()
    async with parts.db.transaction() as conn:
        await telling.check(conn, made.id, now)
        if channel in parts.carriers():
            if not await outbox.store(conn, Message(f"announce:{launch}:{made.id}", channel, made.subject, made.body), now):
                raise Conflict(f"{made.id} was left to be sent before; it is sent once a launch.")
            where, said = channel.value, "is in the outbox; a worker sends it within seconds."
        elif channel is Channel.CHAT:
            await selfhosted.note(conn, made.body, now)
            where, said = "inbox", "is in the operators' inbox; no chat is set up (SLACK_WEBHOOK_URL)."
        else:
            raise Invalid(f"{made.id} goes by {channel}, which isn't set up: see SLACK_WEBHOOK_URL, SMTP_URL.", field="message")
        await _write(conn, made.id, where, made.body, now)
    return said


async def _write(conn: Connection, message: str, where: str, body: str, now: datetime) -> None:
    """Into the ledger, and settle the boxes that ask for it."""
    await telling.note(conn, message, where=where, digest=_digest(body), actor=acting(), now=now)
    await _settle(conn, now)


async def _noted(parts: Parts, drafted: list[DraftAnswer]) -> None:
    now = parts.clock.now()
    async with parts.db.transaction() as conn:
        refused = [one["id"] for one in drafted if one["refused"] and not one["waits"]]
        digests = {one["id"]: _digest(one["body"]) for one in drafted if not one["refused"]}
        await telling.note_drafts(conn, refused, digests, actor=acting(), now=now)
        await _settle(conn, now)


async def _settle(conn: Connection, now: datetime) -> None:
    found = await telling.readings(conn)
    await launch_of.record(conn, [box for box in boxes() if box.reading in found], found, actor=acting(), now=now)


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def _drafted(text: messages.Text, known: dict[str, str]) -> DraftAnswer:
    try:
        return _answer(messages.render(text, known))
    except Invalid as refused:
        lacking = messages.missing(text, known)
        waits = bool(lacking) and facts_of.LATER.issuperset(lacking)
        why = f"{text.id} waits for what the launch finds out: {', '.join(lacking)}." if waits else refused.message
        return DraftAnswer(id=text.id, medium=text.medium.value, subject="", body="", length=0, refused=why, waits=waits)


def _answer(made: Draft) -> DraftAnswer:
    return DraftAnswer(
        id=made.id, medium=made.medium.value, subject=made.subject, body=made.body, length=made.length, refused="", waits=False
    )


def _shown(one: DraftAnswer) -> str:
    head = f"── {one['id']} · {one['medium']} · {one['length']} characters"
    return f"{head}\n{one['refused'] or one['body']}"
