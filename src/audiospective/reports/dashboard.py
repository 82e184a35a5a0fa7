"""The dashboard's answers, assembled: a range at a glance, and the shape of the whole archive around it. No formatted text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from weakref import WeakKeyDictionary

import msgspec
import numpy as np

from audiospective.archive import catalog
from audiospective.archive.catalog import AlbumCard, ArtistCard, TrackCard
from audiospective.archive.plays import I4, History, Source
from audiospective.infra.database import Connection
from audiospective.insights import activity, recent, top
from audiospective.insights.discovery import discovery
from audiospective.insights.lens import Lens
from audiospective.insights.listening import Listening
from audiospective.insights.period import Period, of_days
from audiospective.insights.stats import Stats, stats
from audiospective.insights.top import By
from audiospective.insights.trends import Interval, Newness, newness
from audiospective.insights.zones import Zone, day_of, month_number, month_start, months, ordinal

_SHOWN = 5
_RECENT = 6
_SPARKS = 12
_WEEKS = 26
_LEAST_DAYS, _MOST_DAYS, _YOUNG_DAYS = 90, 366, 14


class DayCount(msgspec.Struct, frozen=True):
    """Plays of one local day."""

    day: date
    plays: int


class RankedTrack(msgspec.Struct, frozen=True):
    """A track with its plays; `change` (plays, or ms where lists go by time) against the period before, None for one that had none then."""

    card: TrackCard
    plays: int
    listened_ms: int
    change: int | None


class RankedArtist(msgspec.Struct, frozen=True):
    """An artist, as RankedTrack."""

    card: ArtistCard
    plays: int
    listened_ms: int
    change: int | None


class RankedAlbum(msgspec.Struct, frozen=True):
    """An album, as RankedTrack."""

    card: AlbumCard
    plays: int
    listened_ms: int
    change: int | None


class RecentPlay(msgspec.Struct, frozen=True):
    """One of the newest plays."""

    ended_at: datetime
    card: TrackCard
    ms_played: int | None
    source: Source


class YearWeeks(msgspec.Struct, frozen=True):
    """Plays of the weeks of a year, 52 or as many as have begun; week 1 begins on 1 January."""

    year: int
    weeks: tuple[int, ...]


class MonthCount(msgspec.Struct, frozen=True):
    """Plays of one month."""

    first_day: date
    plays: int


class Sparks(msgspec.Struct, frozen=True):
    """Twelve periods of equal length, the last is the one shown: plays, ms, tracks, artists, share of new tracks in per cent."""

    plays: tuple[int, ...]
    listened_ms: tuple[int, ...]
    tracks: tuple[int, ...]
    artists: tuple[int, ...]
    new_share: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything that the dashboard shows; `before` and shares are None where there is nothing to compare with."""

    period: Period
    stats: Stats
    before: Stats | None
    new_share: float | None
    new_share_before: float | None
    sparks: Sparks | None
    daily: tuple[DayCount, ...]
    daily_year_before: tuple[int, ...]
    busiest: DayCount | None
    average_per_day: float
    heatmap: tuple[tuple[int, ...], ...]
    peak: tuple[int, int] | None
    top_tracks: tuple[RankedTrack, ...]
    top_artists: tuple[RankedArtist, ...]
    top_albums: tuple[RankedAlbum, ...]
    recent: tuple[RecentPlay, ...]
    years: tuple[YearWeeks, ...]
    months: tuple[MonthCount, ...]
    newness: tuple[Newness, ...]
    """By week around the range, half a year at least; by month where the range is longer than a year."""
    first_day: date | None
    today: date
    total_plays_ever: int
    podcast_plays: int
    by: By = By.PLAYS
    """What the top lists are ordered by; their changes are in the same."""
    newness_by: Interval = Interval.WEEK


#: Dashboards live as long as the history that they were made of; a changed archive is another history.
_made: WeakKeyDictionary[History, dict[tuple[Period, Zone, Lens, date, By, int], Dashboard]] = WeakKeyDictionary()
_MOST_MADE = 16


async def dashboard(conn: Connection, listening: Listening, by: By = By.PLAYS, week_starts: int = 0) -> Dashboard:
    """The dashboard of a range, from memory while neither the archive nor the day has changed; weeks begin on Monday (0) or Sunday (6)."""
    kept = _made.setdefault(listening.history, {})
    key = (listening.period, listening.zone, listening.lens, listening.zone.today(listening.now), by, week_starts)
    if key not in kept:
        found = await assemble(conn, listening, by, week_starts)
        if len(kept) >= _MOST_MADE:
            kept.clear()
        kept[key] = found
    return kept[key]


async def assemble(conn: Connection, listening: Listening, by: By = By.PLAYS, week_starts: int = 0) -> Dashboard:
    """The dashboard of a range, made anew. Names are asked for once, for the ids that are shown."""
    earlier_period = listening.period.previous()
    earlier = listening.over(earlier_period) if earlier_period else None
    everything = listening.everything
    today = listening.zone.today(listening.now)
    first_day = day_of(everything.day[0]) if len(everything) else None
    daily = _daily(everything, *_shown_days(listening, first_day, today))
    found = activity.activity(listening)
    newness_by = Interval.WEEK if 0 < (listening.period.days or 0) <= _MOST_DAYS else Interval.MONTH
    lists = await _lists(conn, listening, earlier, by)
    return Dashboard(
        period=listening.period,
        stats=stats(listening),
        before=stats(earlier) if earlier and len(earlier) else None,
        new_share=discovery(listening).rate if len(listening) else None,
        new_share_before=discovery(earlier).rate if earlier and len(earlier) else None,
        sparks=_sparks(listening),
        daily=daily,
        daily_year_before=_year_before(everything, daily),
        busiest=max(daily, key=lambda one: (one.plays, one.day), default=None) if any(one.plays for one in daily) else None,
        average_per_day=sum(one.plays for one in daily) / len(daily) if daily else 0.0,
        heatmap=found.heatmap,
        peak=found.peak,
        top_tracks=lists.tracks,
        top_artists=lists.artists,
        top_albums=lists.albums,
        recent=lists.recent,
        years=_years(everything, today),
        months=_months(everything, today),
        newness=_newness(listening, newness_by, today, week_starts),
        first_day=first_day,
        today=today,
        total_plays_ever=len(everything),
        podcast_plays=listening.heard.podcast_plays,
        by=by,
        newness_by=newness_by,
    )


class _Lists(msgspec.Struct, frozen=True):
    """The three lists and the newest plays, named."""

    tracks: tuple[RankedTrack, ...]
    artists: tuple[RankedArtist, ...]
    albums: tuple[RankedAlbum, ...]
    recent: tuple[RecentPlay, ...]


async def _lists(conn: Connection, now: Listening, earlier: Listening | None, by: By) -> _Lists:
    """Names are asked for at once."""
    history, plays = now.history, recent.recent(now.everything, _RECENT).plays
    tracks, artists, albums = top.tracks(now, _SHOWN, by), top.artists(now, _SHOWN, by), top.albums(now, _SHOWN, by)
    cards = await catalog.cards(
        conn,
        {one.id for one in tracks} | {play.track_id for play in plays},
        {one.id for one in albums},
        {one.id for one in artists},
    )
    was = [_before(earlier, by, ids) for ids in (history.track_ids, history.artist_ids, history.album_ids)]
    return _Lists(
        tuple(RankedTrack(cards.tracks[one.id], one.plays, one.listened_ms, _change(one, was[0], by)) for one in tracks),
        tuple(RankedArtist(cards.artists[one.id], one.plays, one.listened_ms, _change(one, was[1], by)) for one in artists),
        tuple(RankedAlbum(cards.albums[one.id], one.plays, one.listened_ms, _change(one, was[2], by)) for one in albums),
        tuple(RecentPlay(play.ended_at, cards.tracks[play.track_id], play.ms_played, play.source) for play in plays),
    )


def _before(earlier: Listening | None, by: By, ids_by_track: I4) -> dict[int, int] | None:
    return top.amounts(earlier, ids_by_track, by) if earlier and len(earlier) else None


def _change(one: top.Ranked, before: dict[int, int] | None, by: By) -> int | None:
    """Difference, in plays or ms, to the period before; 0 where there was no such period, None for what is new since."""
    if before is None:
        return 0
    return (one.plays if by is By.PLAYS else one.listened_ms) - before[one.id] if one.id in before else None


def _shown_days(listening: Listening, first_day: date | None, today: date) -> tuple[date, date]:
    """The period's days, at least 90 and at most 366; a young archive shows its own days, two weeks at least."""
    last = min(listening.period.last_day or today, today)
    days = min(max(listening.period.days or _MOST_DAYS, _LEAST_DAYS), _MOST_DAYS)
    if first_day is not None and first_day <= last:
        days = min(days, max((last - first_day).days + 1, _YOUNG_DAYS, listening.period.days or 0))
    return last - timedelta(days=days - 1), last


def _daily(everything: Listening, first: date, last: date) -> tuple[DayCount, ...]:
    shown = everything.over(of_days(first, last)) if first <= last else None
    if shown is None:
        return ()
    counts = np.bincount(shown.day - ordinal(first), minlength=(last - first).days + 1).tolist()
    return tuple(DayCount(first + timedelta(days=place), plays) for place, plays in enumerate(counts))


def _year_before(everything: Listening, daily: tuple[DayCount, ...]) -> tuple[int, ...]:
    """The same days 364 days (52 weeks) earlier, so that weekdays agree; empty when there were no plays."""
    if not daily:
        return ()
    earlier = _daily(everything, daily[0].day - timedelta(days=364), daily[-1].day - timedelta(days=364))
    return tuple(one.plays for one in earlier) if any(one.plays for one in earlier) else ()


def _sparks(listening: Listening) -> Sparks | None:
    """Twelve periods as long as the one shown, side by side; None for a range without end, or so long that years run out before them."""
    period = listening.period
    if period.first_day is None or period.last_day is None or period.days is None:
        return None
    if period.first_day.toordinal() <= period.days * (_SPARKS - 1):
        return None
    width = timedelta(days=period.days)
    spans = [of_days(period.first_day - width * back, period.last_day - width * back) for back in range(_SPARKS - 1, -1, -1)]
    seen = [listening.over(span) for span in spans]
    totals = [stats(one) for one in seen]
    return Sparks(
        plays=tuple(one.total_plays for one in totals),
        listened_ms=tuple(one.listened_ms for one in totals),
        tracks=tuple(one.unique_tracks for one in totals),
        artists=tuple(one.unique_artists for one in totals),
        new_share=tuple(discovery(one).rate for one in seen),
    )


def _years(everything: Listening, today: date) -> tuple[YearWeeks, ...]:
    if not len(everything):
        return ()
    found = []
    for year in range(day_of(everything.day[0]).year, today.year + 1):
        first, last = date(year, 1, 1), min(date(year, 12, 31), today)
        of_year = everything.over(of_days(first, last))
        size = min(52, (last - first).days // 7 + 1)
        weeks = np.minimum((of_year.day - ordinal(first)) // 7, 51)
        found.append(YearWeeks(year, tuple(np.bincount(weeks, minlength=size).tolist())))
    return tuple(found)


def _months(everything: Listening, today: date) -> tuple[MonthCount, ...]:
    if not len(everything):
        return ()
    numbers = months(everything.day)
    low, high = int(numbers.min()), max(month_number(today), int(numbers.max()))
    counts = np.bincount(numbers - low, minlength=high - low + 1).tolist()
    return tuple(MonthCount(month_start(low + place), plays) for place, plays in enumerate(counts))


def _newness(listening: Listening, by: Interval, today: date, week_starts: int) -> tuple[Newness, ...]:
    """Of the period; where that is short, of the half year that ends with it. Whole weeks."""
    period = listening.period
    if by is Interval.MONTH or period.first_day is None or period.last_day is None:
        return newness(listening, by)
    last = min(period.last_day, today)
    first = min(period.first_day, last - timedelta(weeks=_WEEKS - 1))
    begun = first - timedelta(days=(first.weekday() - week_starts) % 7)
    return newness(listening.over(of_days(begun, last)), by, week_starts)
