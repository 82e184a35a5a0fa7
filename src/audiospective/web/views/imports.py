"""Imports in words and bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from audiospective.collect.imports.run import ImportRow, ImportStatus
from audiospective.insights.completeness import Completeness
from audiospective.insights.zones import Zone
from audiospective.reports.imports import RehearsalAnswer
from audiospective.web.charts.bars import stack
from audiospective.web.views.deck import Deck
from audiospective.web.views.ledger import LedgerView, ledger_view
from audiospective.web.views.words import counted, long_day, number

_FORMATS = {
    "spotify-extended": "Spotify, extended",
    "spotify-account": "Spotify, one year",
    "lastfm-csv": "Last.fm",
    "lastfm-json": "Last.fm",
    "listenbrainz": "ListenBrainz",
    "listenbrainz-json": "ListenBrainz",
    "maloja": "Maloja",
    "koito": "Koito",
    "your_spotify": "your_spotify",
    "audiospective-csv": "Audiospective",
    "audiospective-json": "Audiospective",
    "empty": "empty",
}
#: Sooner nothing can be said of how fast it goes.
_SOON_S = 1.0

_STATES = {"queued": "waiting", "running": "at work", "done": "done", "failed": "refused", "undone": "taken back"}


@dataclass(frozen=True, slots=True)
class FileView:
    """A file's counts."""

    name: str
    rows: str
    new: str
    duplicates: str
    rejected: str


@dataclass(frozen=True, slots=True)
class RejectView:
    """A row that was set aside."""

    file: str
    row: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportView:
    """The newest import, large; `percent` is of bytes read, "" when it has ended."""

    id: int
    state: str
    is_running: bool
    title: str
    note: str
    percent: str
    bar: Markup
    rows: str
    new: str
    duplicates: str
    rejected: str
    files: tuple[FileView, ...]
    rejects: tuple[RejectView, ...]
    rejects_title: str


@dataclass(frozen=True, slots=True)
class EarlierView:
    """An import as a row of the table."""

    id: int
    when: str
    name: str
    format: str
    message: str
    state: str
    rows: str
    new: str
    duplicates: str
    rejected: str
    can_undo: bool


@dataclass(frozen=True, slots=True)
class ForetoldView:
    """What an import would bring; `sentence` says it in one."""

    sentence: str
    proven: str
    bar: Markup
    rows: str
    new: str
    duplicates: str
    rejected: str
    refused: tuple[tuple[str, str], ...]
    """Reason and rows."""


@dataclass(frozen=True, slots=True)
class ImportsView:
    """The page."""

    deck: Deck
    sentence: str
    foretold: ForetoldView | None
    current: ImportView | None
    earlier: tuple[EarlierView, ...]
    ledger: LedgerView | None
    made_up: str
    """Where made-up exports can be had, "" beside the real Spotify."""


def imports_view(
    deck: Deck,
    newest: ImportStatus | None,
    rows: Sequence[ImportRow],
    zone: Zone,
    *,
    complete: Completeness,
    now: datetime,
    made_up: str = "",
    foretold: RehearsalAnswer | None = None,
) -> ImportsView:
    """The page for these imports, newest first."""
    plays = sum(row.new for row in rows if row.state == "done")
    running = any(row.state in {"queued", "running"} for row in rows)
    sentence = (
        "Reading your export."
        if running
        else f"{counted(plays, 'play', 'plays')} came by import."
        if plays
        else "Bring the years you have."
    )
    return ImportsView(
        deck=deck,
        sentence=sentence,
        foretold=_foretold(foretold) if foretold else None,
        current=_current(newest, now) if newest else None,
        earlier=tuple(_earlier(row, zone) for row in rows),
        ledger=ledger_view(complete, zone),
        made_up=made_up,
    )


def _current(status: ImportStatus, now: datetime) -> ImportView:
    row = status.summary
    running = row.state in {"queued", "running"}
    done = min(99, int(row.bytes_done / row.bytes_total * 100)) if row.bytes_total else 0
    left = max(row.bytes_total - row.bytes_done, 0) * (row.rows / row.bytes_done if row.bytes_done else 1) if running else 0
    parts = [(row.new, "p-new"), (row.duplicates, "p-dup"), (row.rejected, "p-rej"), (left or (0 if row.rows else 1), "p-todo")]
    return ImportView(
        id=row.id,
        state=row.state,
        is_running=running,
        title=row.name,
        note=_note(status, now),
        percent=str(done) if running else "",
        bar=stack(parts, f"{number(row.rows)} rows read"),
        rows=number(row.rows),
        new=number(row.new),
        duplicates=number(row.duplicates),
        rejected=number(row.rejected),
        files=tuple(FileView(f.name, *map(number, (f.rows, f.new, f.duplicates, f.rejected))) for f in status.per_file),
        rejects=tuple(RejectView(reject.file, number(reject.row), reject.reason) for reject in status.rejects),
        rejects_title="Set aside, and why" + (f": the first {len(status.rejects)}" if len(status.rejects) < row.rejected else ""),
    )


def _note(status: ImportStatus, now: datetime) -> str:
    row = status.summary
    if row.state == "failed":
        return row.message
    if row.state in {"queued", "running"}:
        files = f"{row.files_done} of {counted(row.files, 'file', 'files')}{_pace(row, now)}"
        return f"{files}. You can close this page; it goes on." if row.files else "Waiting."
    if row.state == "undone":
        return "Taken back."
    said = f"{_format(row.format)}, {counted(row.files, 'file', 'files')}, {status.seconds:.1f} s"
    if row.first_played_at and row.last_played_at:
        said += f", from {long_day(row.first_played_at.date())} to {long_day(row.last_played_at.date())}"
    return f"{said}."


def _pace(row: ImportRow, now: datetime) -> str:
    """How fast it goes and how long it still takes, once that can be said."""
    seconds = (now - row.started_at).total_seconds() if row.started_at else 0.0
    if seconds < _SOON_S or not row.bytes_done or not row.rows:
        return ""
    left_s = math.ceil((row.bytes_total - row.bytes_done) / (row.bytes_done / seconds))
    left = f"about {counted(left_s, 'second', 'seconds')}" if left_s < 90 else f"about {counted(round(left_s / 60), 'minute', 'minutes')}"
    return f", {number(round(row.rows / seconds))} rows a second, {left} left"


def _foretold(found: RehearsalAnswer) -> ForetoldView:
    files = f"{_format(found.format)}, {counted(found.files, 'file', 'files')}"
    gaps = f" It would close {counted(found.gaps_closed, 'gap', 'gaps')}." if found.gaps_closed else ""
    before = "" if found.proven_percent_before is None else f"; now {found.proven_percent_before} %"
    return ForetoldView(
        sentence=f"{files}: an import would bring {counted(found.new, 'play', 'plays')} that aren't here yet.{gaps} Nothing was written.",
        proven=f"{found.proven_percent_after} % of your time would be proven{before}.",
        bar=stack([(found.new, "p-new"), (found.duplicates, "p-dup"), (found.rejected, "p-rej")], f"{number(found.rows)} rows read"),
        rows=number(found.rows),
        new=number(found.new),
        duplicates=number(found.duplicates),
        rejected=number(found.rejected),
        refused=tuple((one.reason, number(one.rows)) for one in found.refused),
    )


def _earlier(row: ImportRow, zone: Zone) -> EarlierView:
    when = zone.local(row.requested_at)
    return EarlierView(
        id=row.id,
        when=f"{when:%d %b %Y, %H:%M}",
        name=row.name,
        format=_format(row.format),
        message=row.message,
        state=_STATES[row.state],
        rows=number(row.rows),
        new=number(row.new),
        duplicates=number(row.duplicates),
        rejected=number(row.rejected),
        can_undo=row.state == "done" and row.new > 0,
    )


def _format(name: str) -> str:
    return " and ".join(_FORMATS.get(one, one) for one in name.split("+")) if name else ""
