"""`ops feedback`: what people say, and whether anybody is answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from cyclopts import App, Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.endings import Exit
from audiospective.cli.output import AsJson, HowMany, answer
from audiospective.cli.session import with_parts
from audiospective.operations import feedback
from audiospective.operations.feedback import PROMPT, Heard

app = App(name="feedback", help="The inbox: mails, posts and tickets, written down without names.")

Say = Annotated[str, Parameter(name="--say")]


@app.command
def add(
    *,
    say: Say,
    channel: str = "mail",
    critical: Annotated[bool, Parameter(negative=())] = False,
    incident: int | None = None,
    as_json: AsJson = False,
) -> None:
    """Write down what somebody said.

    Example: `audiospective ops feedback add --channel reddit --say "Exports end early" --critical`

    Parameters
    ----------
    say
        In your words, without a name.
    channel
        mail, twitter, reddit, ticket, chat, github or other.
    critical
        Somebody can't use it, or may lose something.
    incident
        The incident that it belongs to.
    """

    async def work(parts: Parts) -> dict[str, int]:
        async with parts.db.transaction() as conn:
            now = parts.clock.now()
            return {"id": await feedback.add(conn, channel, say, now=now, is_critical=critical, incident=incident)}

    answer(with_parts(work), as_json=as_json, text=lambda made: f"Written down as {made['id']}.")


@app.command
def reply(number: int, /, *, say: Say) -> None:
    """Note what was answered.

    Example: `audiospective ops feedback reply 4 --say "Fixed in 1.0.1, thank you"`

    Parameters
    ----------
    number
        As the list has it.
    say
        The answer.
    """

    async def work(parts: Parts) -> None:
        async with parts.db.transaction() as conn:
            await feedback.reply(conn, number, say, parts.clock.now())

    with_parts(work)
    print(f"{number} is answered.", flush=True)


@app.command(name="list")
def list_feedback(*, days: HowMany = 7, as_json: AsJson = False) -> int:
    """List what was said lately and what waits; ends with 1 when something waits for more than an hour.

    Example: `audiospective ops feedback list`

    Parameters
    ----------
    days
        How far back.
    """

    async def work(parts: Parts) -> tuple[list[Heard], bool]:
        now = parts.clock.now()
        async with parts.db.reading() as conn:
            found = await feedback.listed(conn, now - timedelta(days=days))
        return found, any(one.replied_at is None and now - one.at > PROMPT for one in found)

    found, is_late = with_parts(work)
    answer(found, as_json=as_json, text=lambda rows: "\n".join(map(_line, rows)) or "Nobody has said anything.")
    return Exit.NO if is_late else Exit.DONE


def _line(one: Heard) -> str:
    state = "answered" if one.replied_at else "WAITS"
    weight = "critical" if one.is_critical else ""
    return f"{one.id:>4}  {one.at:%Y-%m-%d %H:%M}  {one.channel:<8} {state:<9} {weight:<9} {one.said}"
