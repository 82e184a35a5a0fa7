"""`archive`, `import`, `imports`: listens come in."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Annotated, TypedDict

from cyclopts import App, Parameter

from audiospective.accounts import grants, people
from audiospective.accounts.grants import GrantEnded
from audiospective.accounts.people import Person
from audiospective.archive import coverage
from audiospective.bootstrap import Parts
from audiospective.cli.endings import Exit
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import somebody, with_parts
from audiospective.collect import sweep
from audiospective.collect.imports import run
from audiospective.collect.imports.detect import open_export
from audiospective.collect.imports.run import ImportRow, Progress
from audiospective.errors import NotFound
from audiospective.infra.database import Connection
from audiospective.reports import ask
from audiospective.reports.imports import ImportAnswer, RehearsalAnswer, finished, rehearsed

#: Rows set aside that a person is shown; a program gets them all.
_SHOWN = 20

imports = App(name="imports", help="What came from where, and taking it back.")


class SweepAnswer(TypedDict):
    """What came of a sweep; `fetched = new + duplicates`, troubles in words."""

    users: int
    fetched: int
    new: int
    duplicates: int
    gaps: int
    troubles: list[str]


def archive(*, user: str | None = None, as_json: AsJson = False) -> int:
    """Ask Spotify for what was heard last: of everyone who is due, or of one listener now.

    Example: `audiospective archive --user mara`

    Parameters
    ----------
    user
        One listener only.
    """

    async def work(parts: Parts) -> SweepAnswer:
        if user is None:
            swept = await sweep.sweep_due(parts.db, parts.spotify, parts.sealer, parts.clock)
        else:
            async with parts.db.reading() as conn:
                person = await somebody(conn, user)
                if await grants.state(conn, person.id) is None:
                    raise GrantEnded(grants.NOT_CONNECTED)
            swept = await sweep.sweep_person(parts.db, parts.spotify, parts.sealer, parts.clock, person.id)
        troubles = [trouble.message for trouble in swept.troubles]
        return SweepAnswer(
            users=swept.leased, fetched=swept.fetched, new=swept.new, duplicates=swept.duplicates, gaps=swept.gaps, troubles=troubles
        )

    done = with_parts(work)
    answer(done, as_json=as_json, text=_swept)
    return Exit.NO if done["troubles"] else Exit.DONE


def bring(
    paths: Annotated[list[Path], Parameter(name="PATH")],
    /,
    *,
    user: str,
    rehearse: Annotated[bool, Parameter(negative=())] = False,
    as_json: AsJson = False,
) -> None:
    """Import exports: files, folders or zips, as they came. Running it twice adds nothing.

    Example: `audiospective import my_spotify_data.zip --user mara`

    Parameters
    ----------
    paths
        What to import.
    user
        Whose archive it goes into.
    rehearse
        Say what it would bring, and write nothing.
    """
    if rehearse:
        return answer(with_parts(partial(_rehearsed, user=user, paths=paths)), as_json=as_json, text=_foretold)

    async def work(parts: Parts) -> ImportAnswer:
        async with parts.db.reading() as conn:
            person = await somebody(conn, user)
        export = open_export(paths)
        async with parts.db.transaction() as conn:
            name = paths[0].name if len(paths) == 1 else f"{paths[0].name} and {len(paths) - 1} more"
            import_id = await run.begin(conn, person.id, name=name, size=export.size, now=parts.clock.now())
        try:
            with _bar() as told, _told_as_by_ctrl_c():
                status = await run.run(parts.db, import_id, paths, parts.clock, told)
        except asyncio.CancelledError:  # or it would be shown as running for ever
            await run.give_up(parts.db, person.id, import_id, run.INTERRUPTED, parts.clock.now())
            raise
        async with parts.db.reading() as conn:
            return finished(status, await run.rejects(conn, person.id, import_id))

    return answer(with_parts(work), as_json=as_json, text=_told)


@contextmanager
def _told_as_by_ctrl_c() -> Iterator[None]:
    """A terminal that is closed, and whoever ends us politely, end an import as Ctrl-C does; what was chosen to be ignored stays so."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    mine = [number for number, how in before.items() if how is signal.SIG_DFL]
    for number in mine:
        signal.signal(number, signal.getsignal(signal.SIGINT))
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, signal.SIG_DFL)


async def _rehearsed(parts: Parts, *, user: str, paths: list[Path]) -> RehearsalAnswer:
    async with parts.db.reading() as conn:
        person = await somebody(conn, user)
        listening = await ask.listening(conn, parts.cache, person, "all", parts.clock.now())
        ledger = await coverage.ledger(conn, person.id)
    return rehearsed(await run.rehearse(parts.db, person.id, paths, parts.clock), listening, ledger)


@imports.command(name="list")
def list_imports(*, user: str | None = None, as_json: AsJson = False) -> None:
    """List imports, newest first: everyone's, or one listener's.

    Example: `audiospective imports list --user mara`

    Parameters
    ----------
    user
        Whose imports; everyone's when left out.
    """

    async def work(parts: Parts) -> list[ImportRow]:
        async with parts.db.reading() as conn:
            listed = [row for person in await _these(conn, user) for row in await run.listed(conn, person.id)]
            return sorted(listed, key=lambda row: row.id, reverse=True)

    answer(with_parts(work), as_json=as_json, text=lambda rows: "\n".join(map(_line, rows)) or "No imports yet.")


@imports.command
def undo(import_id: int, /, *, user: str | None = None, as_json: AsJson = False) -> None:
    """Take back exactly the plays that one import brought.

    Example: `audiospective imports undo 3`

    Parameters
    ----------
    import_id
        Its number in the list.
    user
        Whose import it must be; anybody's when left out.
    """

    async def work(parts: Parts) -> dict[str, int]:
        async with parts.db.transaction() as conn:
            owner = await _owner(conn, import_id, user)
            return {"import_id": import_id, "removed": await run.take_back(conn, owner.id, import_id, parts.clock.now())}

    answer(with_parts(work), as_json=as_json, text=lambda done: f"Took back {done['removed']:,} plays.")


async def _these(conn: Connection, user: str | None) -> list[Person]:
    return await people.everyone(conn) if user is None else [await somebody(conn, user)]


async def _owner(conn: Connection, import_id: int, user: str | None) -> Person:
    """Whose import it is; raises NotFound where it is nobody's, or not this listener's."""
    for person in await _these(conn, user):
        with suppress(NotFound):
            await run.status(conn, person.id, import_id)
            return person
    raise NotFound("There is no such import.")


def _foretold(done: RehearsalAnswer) -> str:
    lines = [
        f"{done.rows:,} rows in {done.files} files, {done.format}; nothing was written. An import would bring:",
        f"{done.new:>12,} new",
        f"{done.duplicates:>12,} already here",
        f"{done.rejected:>12,} set aside",
        *(f"  {one.rows:>10,} {one.reason}" for one in done.refused),
        f"{done.proven_percent_after:>12} % proven{_before(done)}; {done.gaps_closed:,} gaps closed",
    ]
    return "\n".join(lines)


def _before(done: RehearsalAnswer) -> str:
    return "" if done.proven_percent_before is None else f", {done.proven_percent_before} % before"


def _told(done: ImportAnswer) -> str:
    lines = [
        f"{done.rows:,} rows in {done.files} files, {done.format}, {done.seconds:.1f} s",
        f"{done.new:>12,} new",
        f"{done.duplicates:>12,} already here",
        f"{len(done.rejected):>12,} set aside",
    ]
    lines += [f"  {one.file}, row {one.row}: {one.reason}" for one in done.rejected[:_SHOWN]]
    unsaid = len(done.rejected) - _SHOWN
    return "\n".join([*lines, *([f"  … and {unsaid:,} more; --json lists them all"] if unsaid > 0 else [])])


def _swept(done: SweepAnswer) -> str:
    line = f"{done['users']} asked: {done['fetched']:,} fetched, {done['new']:,} new, {done['duplicates']:,} already here."
    line += f" {done['gaps']:,} gaps found; “audiospective gaps” says what they lack." if done["gaps"] else ""
    return "\n".join([line, *done["troubles"]])


def _line(row: ImportRow) -> str:
    counts = f"{row.rows:>10,} rows {row.new:>10,} new {row.duplicates:>10,} already here {row.rejected:>6,} set aside"
    return f"{row.id:>5}  {row.requested_at:%Y-%m-%d %H:%M}  {row.state:<8} {counts}  {row.name}  {row.message}".rstrip()


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    """A progress bar on stderr when somebody looks at it."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 (a script never needs it)
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task, began = bar.add_task("Reading", total=None), time.monotonic()

        def told(progress: Progress) -> None:
            pace = progress.rows / max(time.monotonic() - began, 0.001)
            words = f"{progress.files_done} of {progress.files} files, {progress.rows:,} rows, {pace:,.0f} a second"
            bar.update(task, description=words, total=progress.bytes_total, completed=progress.bytes_done)

        yield told
