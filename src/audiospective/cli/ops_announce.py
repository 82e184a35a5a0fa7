"""`ops announce` and `ops support`: what is said to the team, to the public, and to whoever asks."""

from __future__ import annotations

from typing import Annotated, TypedDict

import aiohttp
from cyclopts import App, Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.endings import Exit
from audiospective.cli.environment import read_settings
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Conflict, Invalid, Unavailable
from audiospective.infra import outbox
from audiospective.infra.outbox import Channel, Message
from audiospective.operations import messages
from audiospective.operations import support as answers_of
from audiospective.operations.messages import TEXTS, Draft, Medium

app = App(name="announce", help="The runbook's 27 messages: draft, send, confirm.")
support = App(name="support", help="Answers to what people ask most.")

Facts = Annotated[list[str] | None, Parameter(name="--fact", help="A fact as NAME=VALUE; may be given many times.")]

_CHANNELS = {Medium.CHAT: Channel.CHAT, Medium.MAIL: Channel.MAIL}


class DraftAnswer(TypedDict):
    """A message, or why it can't be written; `length` as X counts."""

    id: str
    medium: str
    subject: str
    body: str
    length: int
    refused: str


@app.command
def draft(
    message: str = "", /, *, every: Annotated[bool, Parameter(name="--all")] = False, fact: Facts = None, as_json: AsJson = False
) -> int:
    """Show a message as it would be sent; a fact that isn't known refuses it by name. Ends with 1 when one is refused.

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
    known = _facts(fact)
    drafted = [_drafted(text, known) for text in TEXTS] if every else [_answer(messages.render(messages.named(message), known))]
    answer(drafted, as_json=as_json, text=lambda all_: "\n\n".join(map(_shown, all_)))
    return Exit.NO if any(one["refused"] for one in drafted) else Exit.DONE


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
    made = messages.render(messages.named(message), _facts(fact))
    if made.medium not in _CHANNELS:
        raise Invalid(f"{made.id} is posted by a person; then: audiospective ops announce confirm {made.id} --url URL", field="message")
    news = Message(f"announce:{launch}:{made.id}", _CHANNELS[made.medium], made.subject, made.body)

    async def work(parts: Parts) -> bool:
        if news.channel not in parts.carriers():
            raise Invalid(f"{made.id} goes by {news.channel}, which isn't set up: see SLACK_WEBHOOK_URL, SMTP_URL.", field="message")
        async with parts.db.transaction() as conn:
            return await outbox.store(conn, news, parts.clock.now())

    if not with_parts(work):
        raise Conflict(f"{made.id} was left to be sent before; it is sent once a launch.")
    print(f"{made.id} is in the outbox; a worker sends it within seconds.", flush=True)


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
        try:
            async with parts.spotify.http.get(url, timeout=aiohttp.ClientTimeout(total=15)) as page:
                return page.status == 200 and parts.settings.app_url.encode() in await page.content.read(2_000_000)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable("That page can't be reached.") from error

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


def _facts(given: list[str] | None) -> dict[str, str]:
    """What was given, over what the settings know."""
    url = read_settings().app_url
    known = {"url": url, "status_url": f"{url}/status"}
    for pair in given or []:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise Invalid(f"“{pair[:60]}” must be NAME=VALUE, as in version=v1.0.0.", field="--fact")
        known[name.strip()] = value
    return known


def _drafted(text: messages.Text, known: dict[str, str]) -> DraftAnswer:
    try:
        return _answer(messages.render(text, known))
    except Invalid as refused:
        return DraftAnswer(id=text.id, medium=text.medium.value, subject="", body="", length=0, refused=refused.message)


def _answer(made: Draft) -> DraftAnswer:
    return DraftAnswer(id=made.id, medium=made.medium.value, subject=made.subject, body=made.body, length=made.length, refused="")


def _shown(one: DraftAnswer) -> str:
    head = f"── {one['id']} · {one['medium']} · {one['length']} characters"
    return f"{head}\n{one['refused'] or one['body']}"
