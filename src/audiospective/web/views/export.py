"""Taking everything out: by hand, and by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audiospective.export.run import Format
from audiospective.export.scheduled import Bucket, Schedule
from audiospective.insights.zones import Zone
from audiospective.web.views.deck import Deck
from audiospective.web.views.words import ago, long_day, number

_FORMATS = (
    (Format.CSV, "CSV", "for spreadsheets; a line a play"),
    (Format.JSON, "JSON", "for programs"),
    (Format.READING_COPY, "Reading copy", "a zip that opens in a browser without us, for ever, and comes back here to the letter"),
    (Format.SPOTIFY, "Spotify’s own", "for whatever reads Spotify’s extended history"),
    (Format.LISTENBRAINZ, "ListenBrainz", "for scrobblers; music only"),
    (Format.PARQUET, "Parquet", "for data frames"),
)
_RANGES = (
    ("all", "everything"),
    ("365d", "the last year"),
    ("90d", "the last 90 days"),
    ("30d", "the last 30 days"),
    ("7d", "the last 7 days"),
)
EVERY = (("week", "every week"), ("day", "every day"), ("month", "every month"))


@dataclass(frozen=True, slots=True)
class Copies:
    """How the copies that go by themselves stand; `place` "" for none."""

    place: str
    where: str
    format: str
    every: str
    outcome: str
    is_bad: bool
    next: str
    bucket: Bucket | None


@dataclass(frozen=True, slots=True)
class ExportView:
    """The page; formats are (value, name, what for)."""

    deck: Deck
    formats: tuple[tuple[str, str, str], ...]
    ranges: tuple[tuple[str, str], ...]
    range_now: str
    every: tuple[tuple[str, str], ...]
    copies: Copies
    has_folder: bool


def export_view(
    deck: Deck, zone: Zone, schedule: Schedule | None, bucket: Bucket | None, now: datetime, *, spelling: str, has_folder: bool
) -> ExportView:
    """The page for one person."""
    ranges = _RANGES if spelling in dict(_RANGES) else (*_RANGES, (spelling, spelling))
    formats = tuple((fmt.value, name, what) for fmt, name, what in _FORMATS)
    return ExportView(deck, formats, ranges, spelling, EVERY, _copies(zone, schedule, bucket, now), has_folder)


def _copies(zone: Zone, schedule: Schedule | None, bucket: Bucket | None, now: datetime) -> Copies:
    if schedule is None:
        return Copies("", "", "", "week", "", False, "", None)
    names = {fmt.value: name for fmt, name, _ in _FORMATS}
    where = f"the bucket {bucket.bucket}" if bucket else "this instance’s folder for copies"
    done = f"{schedule.outcome} {number(schedule.bytes_sent)} bytes, {ago(schedule.done_at, now)}." if schedule.done_at else ""
    outcome = schedule.outcome if schedule.troubles else done or "The first goes within five minutes."
    due = long_day(zone.local(schedule.due_at).date())
    rhythm = dict(EVERY).get(schedule.every, "")
    return Copies(schedule.place, where, names.get(schedule.format, ""), rhythm, outcome, schedule.troubles > 0, due, bucket)
