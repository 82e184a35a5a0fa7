"""An import as page, API and command line show it: the same numbers, and `rows = new + duplicates + rejected`, always."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import msgspec

from audiospective.archive.proofs import Ledger
from audiospective.collect.imports.columns import Reject
from audiospective.collect.imports.run import FileCount, ImportRow, ImportStatus, Rehearsal
from audiospective.insights.completeness import completeness
from audiospective.insights.listening import Listening, see


class RejectAnswer(msgspec.Struct, frozen=True):
    """A row that was set aside, and why; `row` from 1, within its file."""

    file: str
    row: int
    reason: str


class ImportAnswer(msgspec.Struct, frozen=True):
    """What became of an import (contract.md §3, `import`)."""

    import_id: int
    format: str
    files: int
    rows: int
    new: int
    duplicates: int
    rejected: list[RejectAnswer]
    first_played_at: datetime | None
    last_played_at: datetime | None
    seconds: float


class FileAnswer(msgspec.Struct, frozen=True):
    """What became of one file."""

    name: str
    rows: int
    new: int
    duplicates: int
    rejected: int


class ImportProgress(msgspec.Struct, frozen=True):
    """An import that may still run; `rejected` has the first 200 rows set aside, `rejected_count` says how many there are."""

    import_id: int
    state: str
    name: str
    message: str
    format: str
    files: int
    files_done: int
    bytes_total: int
    bytes_done: int
    rows: int
    new: int
    duplicates: int
    rejected_count: int
    rejected: list[RejectAnswer]
    per_file: list[FileAnswer]
    first_played_at: datetime | None
    last_played_at: datetime | None
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float


class ImportList(msgspec.Struct, frozen=True):
    """A person's imports, newest first."""

    imports: list[ImportProgress]


def finished(status: ImportStatus, rejected: Iterable[Reject]) -> ImportAnswer:
    """The answer of an import that has run, with every row that was set aside."""
    row = status.summary
    return ImportAnswer(
        row.id,
        row.format,
        row.files,
        row.rows,
        row.new,
        row.duplicates,
        [_reject(one) for one in rejected],
        row.first_played_at,
        row.last_played_at,
        round(status.seconds, 3),
    )


class RefusedAnswer(msgspec.Struct, frozen=True):
    """How many rows would be set aside for one reason."""

    reason: str
    rows: int


class RehearsalAnswer(msgspec.Struct, frozen=True):
    """What an import would do; nothing was written. `proven_percent_before` is null for an empty archive.

    The same figures hold when it is run, as long as nothing else changes the archive.
    """

    format: str
    files: int
    rows: int
    new: int
    duplicates: int
    rejected: int
    refused: list[RefusedAnswer]
    first_played_at: datetime | None
    last_played_at: datetime | None
    proven_percent_before: float | None
    proven_percent_after: float
    gaps_closed: int


def rehearsed(found: Rehearsal, listening: Listening, ledger: Ledger) -> RehearsalAnswer:
    """The answer of a rehearsal, with the gaps that the import would close."""
    row = found.status.summary
    before = completeness(listening, ledger)
    then = see(found.archive, listening.zone, listening.period, listening.lens, listening.now)
    after = completeness(then, replace(ledger, proofs=(*ledger.proofs, *found.covered)))
    return RehearsalAnswer(
        row.format,
        row.files,
        row.rows,
        row.new,
        row.duplicates,
        row.rejected,
        [RefusedAnswer(one.reason, one.rows) for one in found.refused],
        row.first_played_at,
        row.last_played_at,
        before.percent if before.bounds else None,
        after.percent,
        max(len(before.missing) - len(after.missing), 0),
    )


def progress(status: ImportStatus) -> ImportProgress:
    """An import as it stands."""
    return _progress(status.summary, status.seconds, status.per_file, status.rejects)


def listed(rows: Iterable[ImportRow]) -> ImportList:
    """Imports without their files and rejected rows."""
    return ImportList([progress(ImportStatus(row, (), ())) for row in rows])


def _progress(row: ImportRow, seconds: float, files: Iterable[FileCount], rejects: Iterable[Reject]) -> ImportProgress:
    told = {name: getattr(row, name) for name in ImportProgress.__struct_fields__ if hasattr(row, name) and name != "rejected"}
    return ImportProgress(
        **told,
        import_id=row.id,
        rejected_count=row.rejected,
        rejected=[_reject(one) for one in rejects],
        per_file=[FileAnswer(one.name, one.rows, one.new, one.duplicates, one.rejected) for one in files],
        seconds=round(seconds, 3),
    )


def _reject(reject: Reject) -> RejectAnswer:
    return RejectAnswer(reject.file, reject.row, reject.reason)
