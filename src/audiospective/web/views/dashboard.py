"""The dashboard in words and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from markupsafe import Markup

from audiospective.infra.language import say_many
from audiospective.insights.completeness import Completeness
from audiospective.insights.lens import Lens
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone
from audiospective.reports.dashboard import Dashboard, Sparks
from audiospective.web.charts.bars import spark
from audiospective.web.charts.spine import spine
from audiospective.web.views.deck import Deck
from audiospective.web.views.figures import FigureView, day_figure, heat_figure, month_figure, new_figure, rings_figure
from audiospective.web.views.ledger import proven_words
from audiospective.web.views.lists import RecentView, TopList, recent_view, top_albums, top_artists, top_tracks
from audiospective.web.views.ranges import RangePicker, range_picker
from audiospective.web.views.words import WEEKDAYS, Delta, counted, hours_and_minutes, long_day, month, number, percent_change, signed, span

_JUST_NOW = timedelta(hours=2)
_NO_SPARKS = Sparks((), (), (), (), ())
_BEFORE = {
    "1d": "the day before",
    "7d": "the 7 days before",
    "30d": "the 30 days before",
    "90d": "the 90 days before",
    "365d": "the year before",
}


@dataclass(frozen=True, slots=True)
class StatView:
    """One number of the row on top; `delta` None where nothing lies before."""

    name: str
    value: str | Markup
    delta: Delta | None
    spark: Markup


@dataclass(frozen=True, slots=True)
class DashboardView:
    """All of it. `is_empty`: no plays at all, ever; `note` says what an empty range means."""

    deck: Deck
    spine: Markup
    eyebrow: str
    zone: str
    proven: str
    lens: str
    """What is left out of these numbers; "" where nothing is."""
    share: str
    """Where a report of this range is made."""
    sentence: Markup
    lede: str
    picker: RangePicker
    is_empty: bool
    has_plays: bool
    stats: tuple[StatView, ...]
    before_words: str
    day_figure: FigureView
    rings_figure: FigureView
    heat_figure: FigureView
    new_figure: FigureView
    tops: tuple[TopList, ...]
    recent_title: str
    recent: tuple[RecentView, ...]
    podcasts: str


def dashboard_view(found: Dashboard, deck: Deck, zone: Zone, now: datetime, *, complete: Completeness, lens: Lens) -> DashboardView:
    """The view of a dashboard."""
    spelling = found.period.spelling
    return DashboardView(
        deck=deck,
        spine=_spine(found),
        eyebrow=_eyebrow(found),
        zone=f"{zone.current.rpartition('/')[2].replace('_', ' ')} time",
        proven=proven_words(complete),
        lens=_lens(lens),
        share=f"/shares?{urlencode({'range': spelling})}",
        sentence=_sentence(found),
        lede=_lede(found),
        picker=range_picker(found.period, found.today, found.by),
        is_empty=not found.total_plays_ever,
        has_plays=bool(found.stats.total_plays),
        stats=_stats(found),
        before_words=f"on {_BEFORE.get(spelling, 'the time before')}",
        day_figure=day_figure(found) if found.period.days and found.period.days <= 366 else month_figure(found),
        rings_figure=rings_figure(found),
        heat_figure=heat_figure(found),
        new_figure=new_figure(found),
        tops=(
            top_tracks(found.top_tracks, compared=found.before is not None, way=found.by),
            top_artists(found.top_artists, compared=found.before is not None, way=found.by),
            top_albums(found.top_albums, compared=found.before is not None, way=found.by),
        ),
        recent_title="Just now" if found.recent and now - found.recent[0].ended_at < _JUST_NOW else "Heard last",
        recent=tuple(recent_view(one.ended_at, one.card, zone, now) for one in found.recent),
        podcasts=f"{counted(found.podcast_plays, 'podcast or audiobook play', 'podcast and audiobook plays')} are kept apart."
        if found.podcast_plays
        else "",
    )


def _lens(lens: Lens) -> str:
    said = [f"from {lens.min_ms // 1000} s on"] if lens.min_ms != Lens().min_ms else []
    said += [f"{counted(lens.leaves_out, 'thing', 'things')} left out"] if lens.leaves_out else []
    return ", ".join(said)


def _eyebrow(found: Dashboard) -> str:
    first, last = found.period.first_day, found.period.last_day
    if first and last:
        return span(first, last)
    return f"Since {long_day(found.first_day)}" if found.first_day else ""


def _sentence(found: Dashboard) -> Markup:
    plays = found.stats.total_plays
    when = {"1d": "today", "7d": "in 7 days", "30d": "in 30 days", "90d": "in 90 days", "365d": "in a year", "all": "in all"}
    words = when.get(found.period.spelling) or f"in {_named(found.period)}"
    if not plays:
        return Markup("Nothing played {}, as far as your archive knows.").format(words)
    told = Markup("You played <em>{}</em> {}").format(counted(plays, "track", "tracks"), words)
    if found.before is None:
        return told + "."
    change = percent_change(plays, found.before.total_plays)
    if change.direction == "same":
        return told + ", as many as before."
    more = "more" if change.direction == "up" else "less" if change.words.endswith("%") else "fewer"
    return told + Markup(', <span class="hot">{} {}</span> than before.').format(change.words.replace(" ", "\u00a0"), more)


def _named(period: Period) -> str:
    """2024, March 2024, else “these days”: their dates stand above."""
    if len(period.spelling) == len("2024"):
        return period.spelling
    return month(period.first_day) if period.first_day and len(period.spelling) == len("2024-03") else "these days"


def _lede(found: Dashboard) -> str:
    if not found.top_artists:
        return "Choose another range, or bring older years with an export."
    lines = [f"Mostly {found.top_artists[0].card.name}"]
    if found.peak is not None:
        day, hour = found.peak
        lines[0] += f", most of all on {WEEKDAYS[(day + 6) % 7]} around {hour:02d}:00"
    fresh = next((one.card.name for one in found.top_artists[1:] if found.before is not None and one.change is None), None)
    if fresh:
        lines.append(f"{fresh} wasn’t there before")
    return ". ".join(lines) + "."


def _stats(found: Dashboard) -> tuple[StatView, ...]:
    now, before, sparks = found.stats, found.before, found.sparks or _NO_SPARKS
    share, earlier = found.new_share, found.new_share_before
    points = signed(round(share - earlier), _points) if share is not None and earlier is not None else None
    return (
        StatView("Plays", number(now.total_plays), _change(now.total_plays, before.total_plays if before else None), _spark(sparks.plays)),
        StatView(
            "Time heard",
            hours_and_minutes(now.listened_ms),
            _change(now.listened_ms, before.listened_ms if before else None),
            _spark(sparks.listened_ms),
        ),
        StatView(
            "Tracks", number(now.unique_tracks), _change(now.unique_tracks, before.unique_tracks if before else None), _spark(sparks.tracks)
        ),
        StatView(
            "Artists",
            number(now.unique_artists),
            _change(now.unique_artists, before.unique_artists if before else None),
            _spark(sparks.artists),
        ),
        StatView("New to you", Markup("{}<small> %</small>").format(round(share or 0)), points, _spark(sparks.new_share))
        if found.period.first_day
        else StatView("Albums", number(now.unique_albums), None, Markup("")),
    )


def _points(count: int) -> str:
    return say_many(count, "{n} point", "{n} points")


def _change(now: int, before: int | None) -> Delta | None:
    return None if before is None else percent_change(now, before)


def _spark(values: Sequence[float]) -> Markup:
    return spark(values) if values else Markup("")


def _spine(found: Dashboard) -> Markup:
    months = [(one.first_day.year, one.plays) for one in found.months]
    if not found.months or found.first_day is None:
        return Markup("")
    whole = (found.today - found.months[0].first_day).days + 31
    shown = None
    if found.period.first_day and found.period.last_day:
        start = max((found.period.first_day - found.months[0].first_day).days / whole * 100, 0.0)
        shown = (min(start, 99.3), max(min((found.period.days or 1) / whole * 100, 100 - start), 0.7))
    spelling = found.period.spelling
    current = int(spelling) if spelling.isdigit() else None
    return spine(months, shown, current, "Your archive, by year")
