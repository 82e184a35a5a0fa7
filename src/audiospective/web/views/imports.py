"""Imports in words and bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

import msgspec
from markupsafe import Markup

from audiospective.collect.imports.run import ImportRow, ImportStatus
from audiospective.infra.language import mark, say, say_many
from audiospective.insights.completeness import Completeness
from audiospective.insights.zones import Zone
from audiospective.reports.imports import RehearsalAnswer
from audiospective.web.charts.bars import stack
from audiospective.web.retold import retold
from audiospective.web.views.deck import Deck
from audiospective.web.views.ledger import LedgerView, ledger_view
from audiospective.web.views.words import day_and_time, listed, long_day, number, percent

_FORMATS = {
    "spotify-extended": mark("Spotify, extended"),
    "spotify-account": mark("Spotify, one year"),
    "lastfm-csv": "Last.fm",
    "lastfm-json": "Last.fm",
    "listenbrainz": "ListenBrainz",
    "listenbrainz-json": "ListenBrainz",
    "maloja": "Maloja",
    "koito": "Koito",
    "your_spotify": "your_spotify",
    "your_spotify-json": "your_spotify",
    "audiospective-csv": "Audiospective",
    "audiospective-json": "Audiospective",
    "audiospective-jsonl": "Audiospective",
    "empty": mark("empty"),
}
#: Sooner nothing can be said of how fast it goes.
_SOON_S = 1.0

_STATES = {
    "queued": mark("waiting"),
    "running": mark("at work"),
    "done": mark("done"),
    "failed": mark("refused"),
    "undone": mark("taken back"),
}


class FileView(msgspec.Struct, frozen=True):
    """A file's counts."""

    name: str
    rows: str
    new: str
    duplicates: str
    rejected: str


class RejectView(msgspec.Struct, frozen=True):
    """A row that was set aside."""

    file: str
    row: str
    reason: str


class ImportView(msgspec.Struct, frozen=True):
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
    told: str
    """What a toast says once it has ended."""


class EarlierView(msgspec.Struct, frozen=True):
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
    undone: str
    """What a toast says once it was taken back."""


class ForetoldView(msgspec.Struct, frozen=True):
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


class ImportsView(msgspec.Struct, frozen=True):
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
        say("Reading your export.")
        if running
        else say_many(plays, "{n} play came by import.", "{n} plays came by import.")
        if plays
        else say("Bring the years you have.")
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
        bar=stack(parts, _rows_read(row.rows)),
        rows=number(row.rows),
        new=number(row.new),
        duplicates=number(row.duplicates),
        rejected=number(row.rejected),
        files=tuple(FileView(f.name, *map(number, (f.rows, f.new, f.duplicates, f.rejected))) for f in status.per_file),
        rejects=tuple(RejectView(reject.file, number(reject.row), retold(reject.reason)) for reject in status.rejects),
        rejects_title=say("Set aside, and why: the first {count}", count=len(status.rejects))
        if len(status.rejects) < row.rejected
        else say("Set aside, and why"),
        told=say_many(
            row.new,
            "{n} new play, {others} were already here.",
            "{n} new plays, {others} were already here.",
            others=number(row.duplicates),
        ),
    )


def _note(status: ImportStatus, now: datetime) -> str:
    row = status.summary
    if row.state == "failed":
        return retold(row.message)
    if row.state in {"queued", "running"}:
        if not row.files:
            return say("Waiting.")
        done = say_many(row.files, "{done} of {n} file.", "{done} of {n} files.", done=number(row.files_done))
        return " ".join(one for one in (done, _pace(row, now), say("You can close this page; it goes on.")) if one)
    if row.state == "undone":
        return say("Taken back.")
    files, seconds = say_many(row.files, "{n} file", "{n} files"), number(round(status.seconds, 1))
    said = say("{format}, {files}, {seconds} s.", format=_format(row.format), files=files, seconds=seconds)
    if row.first_played_at and row.last_played_at:
        first, last = long_day(row.first_played_at.date()), long_day(row.last_played_at.date())
        said = say(
            "{format}, {files}, {seconds} s, from {first} to {last}.",
            format=_format(row.format),
            files=files,
            seconds=seconds,
            first=first,
            last=last,
        )
    return said


def _rows_read(rows: int) -> str:
    return say_many(rows, "{n} row read", "{n} rows read")


def _pace(row: ImportRow, now: datetime) -> str:
    """How fast it goes and how long it still takes, once that can be said."""
    seconds = (now - row.started_at).total_seconds() if row.started_at else 0.0
    if seconds < _SOON_S or not row.bytes_done or not row.rows:
        return ""
    left_s = math.ceil((row.bytes_total - row.bytes_done) / (row.bytes_done / seconds))
    speed = number(round(row.rows / seconds))
    if left_s < 90:
        return say_many(
            left_s, "{speed} rows a second, about {n} second left.", "{speed} rows a second, about {n} seconds left.", speed=speed
        )
    return say_many(
        round(left_s / 60), "{speed} rows a second, about {n} minute left.", "{speed} rows a second, about {n} minutes left.", speed=speed
    )


def _foretold(found: RehearsalAnswer) -> ForetoldView:
    files = say("{format}, {files}.", format=_format(found.format), files=say_many(found.files, "{n} file", "{n} files"))
    new = say_many(
        found.new, "An import would bring {n} play that isn’t here yet.", "An import would bring {n} plays that aren’t here yet."
    )
    gaps = say_many(found.gaps_closed, "It would close {n} gap.", "It would close {n} gaps.") if found.gaps_closed else ""
    return ForetoldView(
        sentence=" ".join(one for one in (files, new, gaps, say("Nothing was written.")) if one),
        proven=_would_be_proven(found),
        bar=stack([(found.new, "p-new"), (found.duplicates, "p-dup"), (found.rejected, "p-rej")], _rows_read(found.rows)),
        rows=number(found.rows),
        new=number(found.new),
        duplicates=number(found.duplicates),
        rejected=number(found.rejected),
        refused=tuple((retold(one.reason), number(one.rows)) for one in found.refused),
    )


def _would_be_proven(found: RehearsalAnswer) -> str:
    after = percent(found.proven_percent_after)
    if found.proven_percent_before is None:
        return say("{after} of your time would be proven.", after=after)
    return say("{after} of your time would be proven; now {before}.", after=after, before=percent(found.proven_percent_before))


def _earlier(row: ImportRow, zone: Zone) -> EarlierView:
    when = zone.local(row.requested_at)
    return EarlierView(
        id=row.id,
        when=day_and_time(when),
        name=row.name,
        format=_format(row.format),
        message=retold(row.message),
        state=say(_STATES[row.state]),
        rows=number(row.rows),
        new=number(row.new),
        duplicates=number(row.duplicates),
        rejected=number(row.rejected),
        can_undo=row.state in {"done", "failed"} and row.new > 0,
        undone=say_many(
            row.new,
            "Took back {n} play. Import the file again to have it back.",
            "Took back {n} plays. Import the file again to have them back.",
        ),
    )


def _format(name: str) -> str:
    return listed(list(dict.fromkeys(say(_FORMATS.get(one, one)) for one in name.split("+")))) if name else ""
