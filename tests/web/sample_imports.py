"""Imports as their page shows them: none yet, foretold, under way, done, failed, taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from audiospective.collect.imports.columns import Reject
from audiospective.collect.imports.run import FileCount, ImportRow, ImportStatus
from audiospective.insights.completeness import Completeness
from audiospective.insights.zones import Zone
from audiospective.reports.imports import RefusedAnswer, RehearsalAnswer
from audiospective.web.views.deck import Deck
from audiospective.web.views.imports import ImportsView, imports_view
from audiospective.web.views.made_up import HOLES

_NOTHING = Completeness(None, 1.0, (), ())


def importing(deck: Deck, zone: Zone, now: datetime, hostile: str) -> Iterator[tuple[str, ImportsView]]:
    """Each state by its name."""
    foretold = RehearsalAnswer(
        "spotify-extended", 11, 143_880, 139_771, 4_097, 12, [RefusedAnswer("no track is named", 12)], now, now, 61.4, 98.7, 3
    )

    def one(**told: object) -> ImportStatus:
        return an_import(now, hostile, **told)

    running = one(state="running", rows=61_204, new=58_112, duplicates=3_088, rejected=4, bytes_done=21_000_000, files_done=4)
    done = one(state="done", rows=143_880, new=139_771, duplicates=4_097, rejected=12, bytes_done=48_000_000, files_done=11)
    states: dict[str, list[ImportStatus]] = {
        "none": [],
        "queued": [one(state="queued", files=0)],
        "running": [running, done],
        "done": [done],
        "failed": [one(state="failed", message="history.zip is a PDF, not an export; choose the zip as Spotify sent it.")],
        "undone": [one(state="undone")],
    }
    for state, found in states.items():
        view = imports_view(
            deck,
            found[0] if found else None,
            [status.summary for status in found],
            zone,
            complete=HOLES if state == "done" else _NOTHING,
            now=now,
            made_up="/made-up",
            foretold=foretold if state == "none" else None,
        )
        yield state, view


def an_import(now: datetime, hostile: str, **told: object) -> ImportStatus:
    """An import of eleven files; `told` overrides the fields of its row."""
    known: dict[str, object] = {"id": 3, "name": "my_spotify_data.zip", "format": "spotify-extended+spotify-account", "files": 11}
    counts = dict.fromkeys(("files_done", "rows", "new", "duplicates", "rejected", "bytes_done"), 0) | {"bytes_total": 48_000_000}
    times = {"requested_at": now, "started_at": now, "finished_at": now + timedelta(seconds=4.2)}
    ends = {"first_played_at": datetime(2016, 3, 4, tzinfo=UTC), "last_played_at": now, "message": ""}
    make: Callable[..., ImportRow] = ImportRow
    row = make(**(known | counts | times | ends | told))
    files = (FileCount("Streaming_History_Audio_2016-2018_0.json", 61_204, 58_112, 3_088, 4), FileCount(hostile, 0, 0, 0, 0))
    return ImportStatus(row, files if row.rows else (), (Reject(hostile, 1_204, hostile),) if row.rejected else ())
