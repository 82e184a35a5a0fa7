"""A listener who doesn't exist, in every state: what `/design` shows and tests look at. Nothing is read from anywhere."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

from audiospective.archive.catalog import AlbumCard, ArtistCard, TrackCard
from audiospective.archive.plays import Kind, Source
from audiospective.archive.proofs import Reason, Stretch, without
from audiospective.collect.imports.columns import Reject
from audiospective.collect.imports.run import FileCount, ImportRow, ImportStatus
from audiospective.insights.completeness import Completeness, Missing
from audiospective.insights.period import Period
from audiospective.insights.stats import Stats
from audiospective.insights.trends import Newness
from audiospective.reports.dashboard import (
    Dashboard,
    DayCount,
    MonthCount,
    RankedAlbum,
    RankedArtist,
    RankedTrack,
    RecentPlay,
    Sparks,
    YearWeeks,
)

NOW = datetime(2026, 3, 18, 21, 30, tzinfo=UTC)
TODAY = NOW.date()

_NAMES = (
    ("Low Tide Choir", "Marrow Coast"),
    ("真夜中のエレベーター", "雲の上"),
    ("سألوني الناس", "فرقة الميناء"),
    ("Minutes of the Last Meeting, as Read Aloud by the Treasurer (Live at the Corn Exchange)", "The Quiet Committee"),
    ("<b>&amp;</b>", '"; DROP TABLE songs'),
)


def dashboard(days: int = 7, *, begun: date = date(2017, 5, 2), level: float = 30.0) -> Dashboard:
    """A dashboard of the last `days`; `begun` is the day of the first play, `level` about how many there are a day."""
    period = Period(f"{days}d", TODAY - timedelta(days=days - 1), TODAY)
    shown = _days(max(90, days), begun, level)
    total = sum(one.plays for one in shown if one.day >= max(begun, period.first_day or begun))
    heard = heatmap(level)
    return Dashboard(
        period=period,
        stats=_stats(total),
        before=_stats(round(total * 0.8)) if begun.year < TODAY.year else None,
        new_share=31.0,
        new_share_before=22.0 if begun.year < TODAY.year else None,
        sparks=Sparks(*(tuple(round(level * (2 + math.sin(place + shift))) for place in range(12)) for shift in range(5))),
        daily=shown,
        daily_year_before=tuple(round(one.plays * 0.7) for one in shown) if begun.year < TODAY.year - 1 else (),
        busiest=max(shown, key=lambda one: one.plays) if total else None,
        average_per_day=total / days,
        heatmap=heard,
        peak=(5, 22) if total else None,
        top_tracks=tuple(RankedTrack(_track(n), 40 - 7 * n, 9_000_000, (3, None, 0, -4, 12)[n]) for n in range(5)) if total else (),
        top_artists=tuple(RankedArtist(_artist(n), 90 - 15 * n, 9_000_000, (-3, 1, None, 0, 2)[n]) for n in range(5)) if total else (),
        top_albums=tuple(RankedAlbum(_album(n), 60 - 9 * n, 9_000_000, 5 - n) for n in range(5)) if total else (),
        recent=tuple(_recent(n) for n in range(6)) if total else (),
        years=_years(begun, level),
        months=_months(begun, level),
        newness=_weeks(level),
        first_day=begun,
        today=TODAY,
        total_plays_ever=max(total, 1) * 40,
        podcast_plays=12,
    )


def heatmap(level: float) -> tuple[tuple[int, ...], ...]:
    """Evenings, Sunday first; nothing between two and six, and nothing at all at level 0."""
    return tuple(
        tuple(0 if 2 <= hour < 6 else round(level * (1 + math.sin(hour / 3.4 + day)) * hour / 30) for hour in range(24)) for day in range(7)
    )


def imported(state: str, number: int = 1) -> ImportStatus:
    """An import that is queued, running, done or failed."""
    rows = {"queued": 0, "running": 48_211, "failed": 0}.get(state, 106_557)
    rejected = 113 if state == "done" else 0
    duplicates = rows // 100
    summary = ImportRow(
        id=number,
        state=state,
        name="my_spotify_data.zip",
        format="" if state in {"queued", "failed"} else "spotify-extended",
        files=0 if state == "queued" else 26,
        files_done=11 if state == "running" else 26,
        rows=rows,
        new=rows - duplicates - rejected,
        duplicates=duplicates,
        rejected=rejected,
        bytes_total=12_000_000,
        bytes_done=5_400_000 if rows else 0,
        first_played_at=NOW - timedelta(days=3_200) if state == "done" else None,
        last_played_at=NOW if state == "done" else None,
        message="endsong_7.json ends in the middle of a row: the file is cut off. Unpack it again, or ask Spotify for it anew."
        if state == "failed"
        else "",
        requested_at=NOW - timedelta(minutes=3),
        started_at=NOW - timedelta(minutes=2),
        finished_at=NOW if state == "done" else None,
    )
    if state != "done":
        return ImportStatus(summary, (), ())
    counts = FileCount("Streaming_History_Audio_2024_1.json", rows, summary.new, duplicates, rejected)
    return ImportStatus(summary, (counts,), (Reject(counts.name, 1_204, "it names neither a track nor an episode nor a chapter"),))


def completeness(*gaps: tuple[int, int, Reason]) -> Completeness:
    """Ten years of proof but for these gaps: (days ago, hours long, why)."""
    bounds = Stretch(NOW - timedelta(days=3650), NOW)
    missing = [Missing(Stretch(at := NOW - timedelta(days=ago), at + timedelta(hours=hours)), why, hours) for ago, hours, why in gaps]
    lost = sum((one.stretch.length for one in missing), timedelta(0))
    proven = without(bounds, [one.stretch for one in missing])
    return Completeness(bounds, 1 - lost / bounds.length, tuple(proven), tuple(missing))


#: Whose permission ended one summer, and who had a party.
HOLES = completeness((212, 2_100, Reason.PERMISSION), (40, 2, Reason.TOO_LATE))


def _days(count: int, begun: date, level: float) -> tuple[DayCount, ...]:
    days = (TODAY - timedelta(days=back) for back in range(count - 1, -1, -1))
    return tuple(DayCount(day, _plays(day, level) if day >= begun else 0) for day in days)


def _plays(day: date, level: float) -> int:
    turn = day.toordinal()
    return max(0, round(level * (1 + 0.5 * math.sin(turn / 9) + 0.4 * math.sin(turn * 1.9))))


def _stats(plays: int) -> Stats:
    return Stats(plays, plays * 2 // 3, plays // 5, plays // 3, plays * 201_000, NOW, NOW)


def _years(begun: date, level: float) -> tuple[YearWeeks, ...]:
    years = []
    for year in range(begun.year, TODAY.year + 1):
        first, last = date(year, 1, 1), min(date(year, 12, 31), TODAY)
        starts = [first + timedelta(weeks=week) for week in range(min(52, (last - first).days // 7 + 1))]
        years.append(YearWeeks(year, tuple(7 * _plays(day, level) if day >= begun else 0 for day in starts)))
    return tuple(years)


def _months(begun: date, level: float) -> tuple[MonthCount, ...]:
    first, last = begun.year * 12 + begun.month - 1, TODAY.year * 12 + TODAY.month - 1
    starts = (date(month // 12, month % 12 + 1, 1) for month in range(first, last + 1))
    return tuple(MonthCount(day, 30 * _plays(day, level)) for day in starts)


def _weeks(level: float) -> tuple[Newness, ...]:
    monday = TODAY - timedelta(days=TODAY.weekday())
    starts = (monday - timedelta(weeks=back) for back in range(25, -1, -1))
    tracks = [(day, 4 * _plays(day, level)) for day in starts]
    return tuple(Newness(day, count, count * (day.toordinal() // 7 % 5) // 14) for day, count in tracks)


def _artist(number: int) -> ArtistCard:
    return ArtistCard(number + 1, _NAMES[number][1], f"artist{number}", None)


def _album(number: int) -> AlbumCard:
    return AlbumCard(number + 1, f"{_NAMES[number][0]} and others", f"album{number}" if number % 2 else None, None, _artist(number))


def _track(number: int) -> TrackCard:
    return TrackCard(number + 1, _NAMES[number][0], f"track{number}", 201_000, Kind.TRACK, _album(number), (_artist(number),))


def _recent(number: int) -> RecentPlay:
    gone = timedelta(minutes=4) + number * timedelta(hours=number * 9)
    return RecentPlay(NOW - gone, _track(number % 5), 201_000, Source.API)
