"""`ops ledger`: what operators did and what checks found, and whether it is still what was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cyclopts import App

from audiospective.bootstrap import Parts
from audiospective.cli.endings import Exit
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.operations import ledger

app = App(name="ledger", help="What operators did and what checks found.")


@dataclass(frozen=True, slots=True)
class LedgerAnswer:
    """A line of the ledger."""

    seq: int
    at: datetime
    actor: str
    event: str
    subject: str
    body: dict[str, object]


@app.command(name="show")
def show_ledger(*, event: str = "", last: int = 50, as_json: AsJson = False) -> None:
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
        return [LedgerAnswer(line.seq, line.at, line.actor, line.event, line.subject, line.told()) for line in lines[-max(last, 1) :]]

    answer(with_parts(work), as_json=as_json, text=lambda lines: "\n".join(map(_ledger_line, lines)) or "Nothing is on record yet.")


@app.command
def verify(*, as_json: AsJson = False) -> int:
    """Check that no line of the ledger was changed or taken out.

    Example: `audiospective ops ledger verify`
    """

    async def work(parts: Parts) -> dict[str, int | None]:
        async with parts.db.reading() as conn:
            lines = await ledger.whole(conn)
        return {"lines": len(lines), "first_broken": ledger.first_broken(lines)}

    found = with_parts(work)
    broken = found["first_broken"]
    said = f"{found['lines']:,} lines, the chain is whole." if broken is None else f"Line {broken} isn't what was written."
    answer(found, as_json=as_json, text=lambda _: said)
    return Exit.DONE if broken is None else Exit.NO


def _ledger_line(one: LedgerAnswer) -> str:
    return f"{one.seq:>6}  {one.at:%Y-%m-%d %H:%M:%S}  {one.actor}  {one.event}  {one.subject}"
