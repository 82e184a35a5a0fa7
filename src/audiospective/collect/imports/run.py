"""The flow of an import: receive it, read its files side by side, store them in order, say what became of every row.

Rows are stored in steps of some hundred thousand, each a transaction that also moves the progress. Storing is idempotent, so a run that
died is simply run again; a run that meets damage takes back what it brought, so that nothing is left half-written.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from audiospective.accounts import people
from audiospective.archive import coverage, history, repeats
from audiospective.archive.plays import History, UserId
from audiospective.archive.proofs import Stretch
from audiospective.archive.register import Known
from audiospective.archive.removal import undo_import
from audiospective.collect.imports import stalled
from audiospective.collect.imports.columns import ParsedFile, Reject
from audiospective.collect.imports.covering import covered, covers
from audiospective.collect.imports.detect import Export, Format, Member, open_export
from audiospective.collect.imports.keep import keep
from audiospective.collect.imports.readers import parsed_files, too_many
from audiospective.errors import AudiospectiveError, Conflict, NotFound, RateLimited, Unavailable
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, execute, fetch_all, fetch_one, retried
from audiospective.infra.queue import defer
from audiospective.infra.statements import statements

sql = statements(__name__)

INTERRUPTED = Unavailable("The import was interrupted. Nothing of it was kept; import it again.")

_ENDED = frozenset({"done", "failed", "undone"})
_STEP_ROWS = 150_000
_SHOWN_REJECTS = 200
#: What a rehearsal may hold at once in the process that serves pages; the largest real history seen has 340,000.
MOST_REHEARSED: Final = 500_000
#: One person's uploads lie on the disk until they are imported, one after the other.
_MOST_WAITING, _MOST_WAITING_BYTES = 20, 4 * 1024**3


class FileCount(msgspec.Struct, frozen=True):
    """What became of one file: `rows = new + duplicates + rejected`."""

    name: str
    rows: int
    new: int
    duplicates: int
    rejected: int


class ImportRow(msgspec.Struct, frozen=True):
    """An import as stored; `state` is queued, running, done, failed or undone."""

    id: int
    state: str
    name: str
    format: str
    files: int
    files_done: int
    rows: int
    new: int
    duplicates: int
    rejected: int
    bytes_total: int
    bytes_done: int
    first_played_at: datetime | None
    last_played_at: datetime | None
    message: str
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ImportStatus(msgspec.Struct, frozen=True):
    """An import with its files and the first rows that were set aside."""

    summary: ImportRow
    per_file: tuple[FileCount, ...]
    rejects: tuple[Reject, ...]

    @property
    def seconds(self) -> float:
        """How long it has taken; 0 before it has ended."""
        ended, began = self.summary.finished_at, self.summary.started_at
        return (ended - began).total_seconds() if ended and began else 0.0


class Refused(msgspec.Struct, frozen=True):
    """How many rows were set aside for one reason."""

    reason: str
    rows: int


class Rehearsal(msgspec.Struct, frozen=True):
    """What an import would bring; `covered` is the time that it would prove, `archive` what would be there afterwards."""

    status: ImportStatus
    refused: tuple[Refused, ...]
    covered: tuple[Stretch, ...]
    archive: History


class _TakenBack(Exception):
    """Ends a transaction without committing it."""


class Progress(msgspec.Struct, frozen=True):
    """How far a run has come."""

    files: int
    files_done: int
    bytes_total: int
    bytes_done: int
    rows: int


class _StoredFile(msgspec.Struct, frozen=True):
    """A file that an earlier try of the same import has stored."""

    name: str
    size: int
    format: str
    rows: int
    rejected: int
    covers_from: datetime | None
    covers_till: datetime | None

    def is_same(self, member: Member) -> bool:
        """Whether this is that file."""
        return (self.name, self.size, self.format) == (member.name, member.size, member.format.value)


class _Done(msgspec.Struct, frozen=True):
    """How much of an import is stored: files, their bytes and rows, and the time that they cover."""

    files: int = 0
    size: int = 0
    rows: int = 0
    rejected: int = 0
    spans: tuple[tuple[Format, Stretch], ...] = ()

    @classmethod
    def of(cls, stored: Sequence[_StoredFile]) -> _Done:
        """What an earlier try has done."""
        spans = [(Format(one.format), Stretch(one.covers_from, one.covers_till)) for one in stored if one.covers_from and one.covers_till]
        totals = (sum(one.size for one in stored), sum(one.rows for one in stored), sum(one.rejected for one in stored))
        return cls(len(stored), *totals, tuple(spans))

    def and_also(self, step: Sequence[tuple[Member, ParsedFile]]) -> _Done:
        """This and one step more."""
        spans = [(member.format, span) for member, parsed in step if (span := covers(member.format, parsed))]
        return _Done(
            self.files + len(step),
            self.size + sum(member.size for member, _ in step),
            self.rows + sum(parsed.rows for _, parsed in step),
            self.rejected + sum(len(parsed.rejected) for _, parsed in step),
            (*self.spans, *spans),
        )


async def begin(conn: Connection, user: UserId, *, name: str, size: int, now: datetime) -> int:
    """A new import, to be run by whoever calls `run`."""
    return (await fetch_all(conn, sql["begin"], int, user=user, name=name, size=size, now=now))[0]


async def receive(conn: Connection, user: UserId, *, name: str, folder: Path, size: int, now: datetime) -> int:
    """An upload in `folder`, looked into and queued: row and job in one transaction. Raises Invalid when it holds no history,
    RateLimited when too much waits already.
    """
    await asyncio.to_thread(open_export, [folder])
    await people.one_at_a_time(conn, user)
    await check_room(conn, user, size)
    import_id = await begin(conn, user, name=name, size=size, now=now)
    await defer(conn, "run_import", lock=f"import-{user}", import_id=import_id, folder=str(folder))
    return import_id


async def check_room(conn: Connection, user: UserId, size: int) -> None:
    """Raises RateLimited where this person's uploads that wait to be imported would fill the disk with one more of this size."""
    waits = await fetch_all(conn, sql["waits"], int, user=user)
    if len(waits) >= _MOST_WAITING or sum(waits) + size > _MOST_WAITING_BYTES:
        gb = _MOST_WAITING_BYTES >> 30
        message = f"{_MOST_WAITING} imports and {gb} GB may wait at a time; send this one when some of yours have ended."
        raise RateLimited(message, retry_after=60)


async def run_received(db: Database, import_id: int, folder: Path, clock: Clock) -> None:
    """Runs a queued import; what was wrong with it stands in its row. The upload goes when the work is done, whatever came of it."""
    try:
        await run(db, import_id, [folder], clock)
    except AudiospectiveError as error:
        if not isinstance(error, NotFound):
            await _failed(db, import_id, error.message, clock.now())
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def run(
    db: Database, import_id: int, paths: Sequence[Path], clock: Clock, progress: Callable[[Progress], None] = lambda _: None
) -> ImportStatus:
    """Reads and stores everything in `paths`; what became of it. Raises Invalid or TooLarge, and then nothing is left of it."""
    async with db.transaction() as conn:
        user = await fetch_one(conn, sql["owner"], int, id=import_id)
    if user is None:
        raise NotFound("This import is no longer there.")
    try:
        export = await asyncio.to_thread(open_export, paths)
        done = await _start(db, import_id, export, clock.now())
        whole = await _store_all(db, UserId(user), import_id, export, done=done, now=clock.now(), progress=progress)
    except Exception as error:  # whatever it was: nothing half-written stays, and no import is at work for ever
        told = _told(error)
        await give_up(db, UserId(user), import_id, told, clock.now())
        if not isinstance(error, AudiospectiveError | MemoryError):
            raise
        raise told from error
    async with db.transaction() as conn:
        await coverage.prove_import(conn, UserId(user), import_id, whole)
        await execute(conn, sql["finish"], id=import_id, state="done", message="", now=clock.now())
        return await status(conn, UserId(user), import_id)


async def take_back(conn: Connection, user: UserId, import_id: int, now: datetime) -> int:
    """Removes the listens that this import alone brought; how many. Raises Conflict while it is at work, NotFound for another's."""
    await stalled.give_up(conn, now)
    if (await status(conn, user, import_id)).summary.state not in _ENDED:
        raise Conflict("This import is still at work; take it back once it has ended.")
    return await undo_import(conn, user, import_id)


async def give_up(db: Database, user: UserId, import_id: int, why: AudiospectiveError, now: datetime) -> None:
    """Nothing is left of it but why."""
    async with db.transaction() as conn:
        await undo_import(conn, user, import_id)
        await execute(conn, sql["clear_files"], id=import_id)
        await execute(conn, sql["clear_rejects"], id=import_id)
        await execute(conn, sql["count_nothing"], id=import_id)
    await _failed(db, import_id, why.message, now)


async def rehearse(db: Database, user: UserId, paths: Sequence[Path], clock: Clock, *, most: int | None = None) -> Rehearsal:
    """What `run` would do: the same files read, matched and stored, and all of it taken back. Raises what `run` raises,
    and TooLarge for more than `most` rows; where pages are served beside it, they are read in little memory.

    The files are read before the transaction begins; it holds the person's archive for as long as storing takes.
    """
    now = clock.now()
    export = await asyncio.to_thread(open_export, paths)
    read = await _read_all(export, now, most)
    covers_all = covered([(member.format, span) for member, parsed in read if (span := covers(member.format, parsed))])
    try:
        async with db.transaction() as conn:
            import_id = await begin(conn, user, name="rehearsal", size=export.size, now=now)
            await execute(conn, sql["start"], id=import_id, now=now, format=export.format, files=len(export.files), size=export.size)
            await keep(conn, user, import_id, read, known={}, files=0, rejected=0)
            told = await status(conn, user, import_id)
            refused = await fetch_all(conn, sql["reasons"], Refused, id=import_id)
            archive = await history.load(conn, user)
            raise _TakenBack
    except _TakenBack:
        return Rehearsal(told, tuple(refused), tuple(covers_all), archive)


async def _read_all(export: Export, now: datetime, most: int | None) -> list[tuple[Member, ParsedFile]]:
    read: list[tuple[Member, ParsedFile]] = []
    async for member, parsed in parsed_files(export, now, most=most):
        read.append((member, parsed))
        if most is not None and sum(file.rows for _, file in read) > most:
            raise too_many(most)
    return read


async def status(conn: Connection, user: UserId, import_id: int) -> ImportStatus:
    """One import of this person; raises NotFound for anybody else's."""
    row = await fetch_one(conn, sql["one"], ImportRow, id=import_id, user=user)
    if row is None:
        raise NotFound("There is no such import.")
    files = await fetch_all(conn, sql["files"], FileCount, id=import_id)
    rejects = await fetch_all(conn, sql["rejects"], Reject, id=import_id, limit=_SHOWN_REJECTS)
    return ImportStatus(row, tuple(files), tuple(rejects))


async def rejects(conn: Connection, user: UserId, import_id: int) -> list[Reject]:
    """Every row that was set aside; raises NotFound for anybody else's import."""
    await status(conn, user, import_id)
    return await fetch_all(conn, sql["rejects"], Reject, id=import_id, limit=None)


async def listed(conn: Connection, user: UserId) -> list[ImportRow]:
    """This person's imports, newest first."""
    return await fetch_all(conn, sql["all"], ImportRow, user=user)


async def _start(db: Database, import_id: int, export: Export, now: datetime) -> _Done:
    """Begins, or goes on where a try that was cut short has come to; what that stored stays."""
    async with db.transaction() as conn:
        stored = await fetch_all(conn, sql["stored"], _StoredFile, id=import_id)
        if stored and all(old.is_same(one) for old, one in zip(stored, export.files, strict=False)) and len(stored) <= len(export.files):
            return _Done.of(stored)
        await execute(conn, sql["clear_files"], id=import_id)
        await execute(conn, sql["clear_rejects"], id=import_id)
        await repeats.forget(conn, import_id)
        await execute(conn, sql["start"], id=import_id, now=now, format=export.format, files=len(export.files), size=export.size)
    return _Done()


def _told(error: Exception) -> AudiospectiveError:
    if isinstance(error, AudiospectiveError):
        return error
    if not isinstance(error, MemoryError):
        return Unavailable("Something went wrong on our side; it is logged, and nothing of this import was kept.")
    return Unavailable(
        "There is too little memory for this import: a million plays take about 700 MB. Nothing of it was kept; import it again with more."
    )


async def _failed(db: Database, import_id: int, message: str, now: datetime) -> None:
    async with db.transaction() as conn:
        await execute(conn, sql["finish"], id=import_id, state="failed", message=message, now=now)


async def _store_all(
    db: Database, user: UserId, import_id: int, export: Export, *, done: _Done, now: datetime, progress: Callable[[Progress], None]
) -> list[Stretch]:
    """Stores step by step; the time that the files cover without a hole."""
    known: Known = {}
    step: list[tuple[Member, ParsedFile]] = []
    async for member, parsed in parsed_files(replace(export, files=export.files[done.files :]), now):
        step.append((member, parsed))
        last = done.files + len(step) == len(export.files)
        if last or sum(file.rows for _, file in step) >= _STEP_ROWS:
            known = await retried(partial(_store_step, db, user, import_id, step, known=known, done=done))
            done = done.and_also(step)
            progress(Progress(len(export.files), done.files, export.size, done.size, done.rows))
            step = []
    return covered(done.spans)


async def _store_step(
    db: Database, user: UserId, import_id: int, step: Sequence[tuple[Member, ParsedFile]], *, known: Known, done: _Done
) -> Known:
    """Stores some files; what is known of names then. A step that is undone has learned nothing."""
    learned = dict(known)
    async with db.transaction() as conn:
        await keep(conn, user, import_id, step, known=learned, files=done.files, rejected=done.rejected)
    return learned
