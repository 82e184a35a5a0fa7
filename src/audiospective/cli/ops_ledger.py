"""`ops ledger`: what operators did and what checks found, and whether it is still what was written."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TypedDict

import msgspec
from cyclopts import App

from audiospective.bootstrap import Parts
from audiospective.cli.endings import Exit
from audiospective.cli.output import AsJson, HowMany, answer
from audiospective.cli.session import with_parts
from audiospective.operations import ledger, mirror

app = App(name="ledger", help="What operators did and what checks found.")


class LedgerAnswer(msgspec.Struct, frozen=True):
    """A line of the ledger."""

    seq: int
    at: datetime
    actor: str
    event: str
    subject: str
    body: dict[str, object]


class VerifiedLedger(TypedDict):
    """How many lines there are, the first that breaks the chain, and the first that the copy has otherwise; None where none does."""

    lines: int
    first_broken: int | None
    first_differing: int | None


@app.command(name="show")
def show_ledger(*, event: str = "", last: HowMany = 50, as_json: AsJson = False) -> None:
    """Print the ledger's last lines, oldest first.

    Example: `audiospective ops ledger show --event smoke.walked`

    Parameters
    ----------
    event
        Only these, as in box.signed.
    last
        How many.
    """

    async def work(parts: Parts) -> list[LedgerAnswer]:
        async with parts.db.reading() as conn:
            lines = [line for line in await ledger.whole(conn) if event in {"", line.event}]
        return [
            LedgerAnswer(line.seq, line.at, line.actor, line.event, line.subject, line.told())
            for line in lines[max(len(lines) - last, 0) :]
        ]

    answer(with_parts(work), as_json=as_json, text=lambda lines: "\n".join(map(_ledger_line, lines)) or "Nothing is on record yet.")


@app.command
def verify(*, as_json: AsJson = False) -> int:
    """Check that no line of the ledger was changed or taken out, in the database or of the copy in logs/ledger.jsonl.

    Example: `audiospective ops ledger verify`
    """

    async def work(parts: Parts) -> VerifiedLedger:
        file = parts.settings.home / mirror.FILE
        await mirror.catch_up(parts.db, file)
        async with parts.db.reading() as conn:
            lines = await ledger.whole(conn)
        differing = await asyncio.to_thread(mirror.first_differing, file, lines)
        return VerifiedLedger(lines=len(lines), first_broken=ledger.first_broken(lines), first_differing=differing)

    found = with_parts(work)
    answer(found, as_json=as_json, text=_verified)
    return Exit.DONE if found["first_broken"] is None and found["first_differing"] is None else Exit.NO


def _verified(found: VerifiedLedger) -> str:
    if found["first_broken"] is not None:
        return f"Line {found['first_broken']} isn't what was written."
    if found["first_differing"] is not None:
        return f"Line {found['first_differing']} stands in logs/ledger.jsonl and no longer so in the database."
    return f"{found['lines']:,} lines, the chain is whole, and the copy in logs/ledger.jsonl is the same."


def _ledger_line(one: LedgerAnswer) -> str:
    return f"{one.seq:>6}  {one.at:%Y-%m-%d %H:%M:%S}  {one.actor}  {one.event}  {one.subject}"
