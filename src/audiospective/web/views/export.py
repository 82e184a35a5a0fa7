"""Taking everything out: by hand, and by itself."""

from __future__ import annotations

from datetime import datetime

import msgspec

from audiospective.export.run import Format
from audiospective.export.scheduled import Bucket, Schedule
from audiospective.infra.language import mark, say, say_html, say_many_html
from audiospective.insights.zones import Zone
from audiospective.web.retold import retold
from audiospective.web.views.deck import Deck
from audiospective.web.views.words import ago, long_day

_FORMATS = (
    (Format.CSV, "CSV", mark("for spreadsheets; a line a play")),
    (Format.JSON, "JSON", mark("for programs")),
    (
        Format.READING_COPY,
        mark("Reading copy"),
        mark("a zip that opens in a browser without us, for ever, and comes back here to the letter"),
    ),
    (Format.SPOTIFY, mark("Spotify’s own"), mark("for whatever reads Spotify’s extended history")),
    (Format.LISTENBRAINZ, "ListenBrainz", mark("for scrobblers; music only")),
    (Format.PARQUET, "Parquet", mark("for data frames")),
)
_RANGES = (
    ("all", mark("everything")),
    ("365d", mark("the last year")),
    ("90d", mark("the last 90 days")),
    ("30d", mark("the last 30 days")),
    ("7d", mark("the last 7 days")),
)
_EVERY = (("week", mark("every week")), ("day", mark("every day")), ("month", mark("every month")))
#: What the export says of a copy that came whole; what went wrong is told in its place.
_ARRIVED = " arrived."


class Copies(msgspec.Struct, frozen=True):
    """How the copies that go by themselves stand; `place` "" for none."""

    place: str
    plan: str
    outcome: str
    is_bad: bool
    bucket: Bucket | None


class ExportView(msgspec.Struct, frozen=True):
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
    usual = tuple((value, say(words)) for value, words in _RANGES)
    ranges = usual if spelling in dict(_RANGES) else (*usual, (spelling, spelling))
    formats = tuple((fmt.value, say(name), say(what)) for fmt, name, what in _FORMATS)
    every = tuple((value, say(words)) for value, words in _EVERY)
    return ExportView(deck, formats, ranges, spelling, every, _copies(zone, schedule, bucket, now), has_folder)


def _copies(zone: Zone, schedule: Schedule | None, bucket: Bucket | None, now: datetime) -> Copies:
    if schedule is None:
        return Copies("", "", "", False, None)
    return Copies(schedule.place, _plan(zone, schedule, bucket), _outcome(schedule, now), schedule.troubles > 0, bucket)


def _plan(zone: Zone, schedule: Schedule, bucket: Bucket | None) -> str:
    """As what, how often, to where, and when next."""
    names = {fmt.value: name for fmt, name, _ in _FORMATS}
    plan = {
        "format": say(names.get(schedule.format, "")),
        "every": say(dict(_EVERY).get(schedule.every, "")),
        "day": long_day(zone.local(schedule.due_at).date()),
    }
    if bucket is None:
        return say("{format}, {every}, to this instance’s folder for copies; next on {day}.", **plan)
    return say_html("{format}, {every}, to the bucket <bdi>{bucket}</bdi>; next on {day}.", bucket=bucket.bucket, **plan)


def _outcome(schedule: Schedule, now: datetime) -> str:
    """What came of the last copy."""
    if schedule.troubles:
        return retold(schedule.outcome)
    if schedule.done_at is None or not schedule.outcome:
        return say("The first goes within five minutes.")
    return say_many_html(
        schedule.bytes_sent,
        "<bdi>{file}</bdi> arrived: {n} byte, {ago}.",
        "<bdi>{file}</bdi> arrived: {n} bytes, {ago}.",
        file=schedule.outcome.removesuffix(_ARRIVED),
        ago=ago(schedule.done_at, now),
    )
