"""`ops errors`: what went wrong in the program, and whether that would be noticed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypedDict

from cyclopts import App

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit
from audiospective.cli.ops_around import target_of
from audiospective.cli.ops_board import BoxAnswer, ended, standings
from audiospective.cli.output import AsJson, HowMany, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Invalid
from audiospective.operations import faults, launch
from audiospective.operations.boxes import boxes
from audiospective.operations.faults import FaultKind
from audiospective.operations.judge import Reading
from audiospective.operations.probes import acting as acting_probes

app = App(name="errors", help="The built-in error store: what happened, how often, where.")

_SETTLED = ("R029", "R110", "R111", "R112", "R113")


class ErrorAnswer(TypedDict):
    """Errors of one kind; `weight` is critical, high, medium or low."""

    id: str
    title: str
    place: str
    weight: str
    test: bool
    first: datetime
    last: datetime
    count: int


@app.command(name="list")
def list_errors(*, hours: HowMany = 24, as_json: AsJson = False) -> int:
    """List errors by kind, the newest first; ends with 1 when there is one that nobody raised on purpose.

    Example: `audiospective ops errors list --hours 48`

    Parameters
    ----------
    hours
        How far back.
    """

    async def work(parts: Parts) -> list[ErrorAnswer]:
        async with parts.db.reading() as conn:
            return [_answer(one) for one in await faults.kinds(conn, parts.clock.now() - timedelta(hours=hours))]

    rows = with_parts(work)
    answer(rows, as_json=as_json, text=lambda found: "\n".join(map(_line, found)) or "No errors.")
    return Exit.NO if any(not row["test"] for row in rows) else Exit.DONE


@app.command
def show(error: str, /, *, as_json: AsJson = False) -> None:
    """Show one kind of error and how it came.

    Example: `audiospective ops errors show 3fa9c1`

    Parameters
    ----------
    error
        Its id, or the beginning of it.
    """

    async def work(parts: Parts) -> FaultKind:
        async with parts.db.reading() as conn:
            return await faults.find(conn, error)

    answer(with_parts(work), as_json=as_json, text=lambda one: f"{_line(_answer(one))}\n\n{one.trace or 'It left no trace.'}")


@app.command
def dsn() -> None:
    """Print the address at which this instance takes errors from Sentry's clients.

    Example: `audiospective ops errors dsn`
    """
    from audiospective.web.api.envelope import dsn as address  # noqa: PLC0415 (only this command needs the web)

    async def work(parts: Parts) -> str:
        return address(parts)

    print(with_parts(work), flush=True)


@app.command(name="test")
def try_out(*, url: str = "", as_json: AsJson = False) -> int:
    """Raise an error on purpose, as an operator, and see it arrive: settles its boxes.

    Example: `audiospective ops errors test`

    Parameters
    ----------
    url
        Where the instance answers; APP_URL unless named.
    """

    async def work(parts: Parts) -> list[BoxAnswer]:
        if parts.settings.tracker.dsn.reveal():
            raise Invalid("SENTRY_DSN is set, so errors are told there; look for the test on the tracker's own page.", field="SENTRY_DSN")
        found = await arrives(parts, url.rstrip("/") or parts.settings.app_url)
        wanted = [box for box in boxes() if box.id in _SETTLED]
        async with parts.db.transaction() as conn:
            await launch.record(conn, wanted, found, actor=acting(), now=parts.clock.now())
        return await standings(parts, wanted)

    return ended(with_parts(work), as_json)


async def arrives(parts: Parts, url: str) -> dict[str, Reading]:
    """Raise an error there, and look for it in the built-in store until it is in it, or for half a minute."""
    began = parts.clock.now()
    await acting_probes.raise_an_error(parts.db, parts.spotify.http, url, parts.clock)
    return await faults.arrives(parts.db, began, parts.clock, (await target_of(parts, url)).version)


def _answer(one: FaultKind) -> ErrorAnswer:
    return ErrorAnswer(
        id=one.fingerprint,
        title=one.title,
        place=one.place,
        weight=one.weight,
        test=one.is_test,
        first=one.first_at,
        last=one.last_at,
        count=one.count,
    )


def _line(row: ErrorAnswer) -> str:
    kind = "test" if row["test"] else row["weight"]
    return f"{row['id']}  {kind:<8} {row['count']:>5}×  {row['last']:%Y-%m-%d %H:%M}  {row['place']:<18} {row['title']}"
