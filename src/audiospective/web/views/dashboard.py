"""The dashboard in words and pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

import msgspec
from markupsafe import Markup

from audiospective.infra.language import mark, say, say_html, say_many
from audiospective.insights.completeness import Completeness
from audiospective.insights.lens import Lens
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone
from audiospective.reports.dashboard import Dashboard, Sparks
from audiospective.web.charts.bars import spark
from audiospective.web.charts.spine import spine
from audiospective.web.charts.strip import thin
from audiospective.web.views.deck import Deck
from audiospective.web.views.figures import FigureView, day_figure, heat_figure, month_figure, new_figure, new_key, rings_figure
from audiospective.web.views.ledger import proven_words
from audiospective.web.views.lists import RecentView, TopList, recent_view, top_albums, top_artists, top_tracks
from audiospective.web.views.marks import lens_words, parts_of
from audiospective.web.views.ranges import RangePicker, range_picker
from audiospective.web.views.words import (
    Delta,
    hour,
    hours_and_minutes,
    long_day,
    month,
    number,
    percent,
    percent_change,
    signed,
    span,
    weekday,
)

_JUST_NOW = timedelta(hours=2)
_NO_SPARKS = Sparks((), (), (), (), ())
_BEFORE = {
    "1d": mark("on the day before"),
    "7d": mark("on the 7 days before"),
    "30d": mark("on the 30 days before"),
    "90d": mark("on the 90 days before"),
    "365d": mark("on the year before"),
}
_WHEN = {
    "1d": mark("today"),
    "7d": mark("in 7 days"),
    "30d": mark("in 30 days"),
    "90d": mark("in 90 days"),
    "365d": mark("in 365 days"),
    "all": mark("in all"),
}


class StatView(msgspec.Struct, frozen=True):
    """One number of the row on top; `delta` None where nothing lies before."""

    name: str
    value: str | Markup
    delta: Delta | None
    spark: Markup


class DashboardView(msgspec.Struct, frozen=True):
    """All of it. `is_empty`: no plays at all, ever."""

    deck: Deck
    spine: Markup
    eyebrow: str
    zone: str
    proven: str
    strip: Markup
    """The same as a line to look at."""
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
    new_key: str
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
        zone=say("{city} time", city=zone.current.rpartition("/")[2].replace("_", " ")),
        proven=proven_words(complete),
        strip=thin(parts_of(complete), proven_words(complete)) if complete.proven else Markup(""),
        lens=lens_words(lens),
        share=f"/shares?{urlencode({'range': spelling})}",
        sentence=_sentence(found),
        lede=_lede(found),
        picker=range_picker(found.period, found.today, found.by),
        is_empty=not found.total_plays_ever,
        has_plays=bool(found.stats.total_plays),
        stats=_stats(found),
        before_words=say(_BEFORE.get(spelling, mark("on the time before"))),
        day_figure=day_figure(found) if found.period.days and found.period.days <= 366 else month_figure(found),
        rings_figure=rings_figure(found),
        heat_figure=heat_figure(found),
        new_figure=new_figure(found),
        new_key=new_key(found),
        tops=(
            top_tracks(found.top_tracks, compared=found.before is not None, way=found.by),
            top_artists(found.top_artists, compared=found.before is not None, way=found.by),
            top_albums(found.top_albums, compared=found.before is not None, way=found.by),
        ),
        recent_title=say("Just now") if found.recent and now - found.recent[0].ended_at < _JUST_NOW else say("Heard last"),
        recent=tuple(recent_view(one.ended_at, one.card, zone, now) for one in found.recent),
        podcasts=say_many(
            found.podcast_plays, "{n} podcast or audiobook play is kept apart.", "{n} podcast and audiobook plays are kept apart."
        )
        if found.podcast_plays
        else "",
    )


def _eyebrow(found: Dashboard) -> str:
    first, last = found.period.first_day, found.period.last_day
    if first and last:
        return span(first, last)
    return say("Since {day}", day=long_day(found.first_day)) if found.first_day else ""


def _with_its_days(when: str) -> str:
    """No line of a heading ends between 7 and days."""
    return re.sub(r"(\d) ", "\\1\u00a0", when)


def _sentence(found: Dashboard) -> Markup:
    plays, spelling = found.stats.total_plays, found.period.spelling
    when = _with_its_days(say(_WHEN[spelling])) if spelling in _WHEN else _named(found.period)
    if not plays:
        return say_html("Nothing played {when}, as far as your archive knows.", when=when)
    tracks = say_many(plays, "{n} track", "{n} tracks")
    if found.before is None:
        return say_html("You played <em>{tracks}</em> {when}.", tracks=tracks, when=when)
    change = percent_change(plays, found.before.total_plays)
    if change.direction == "same":
        return say_html("You played <em>{tracks}</em> {when}, as many as before.", tracks=tracks, when=when)
    if change.direction == "new":
        return say_html("You played <em>{tracks}</em> {when}, and none before.", tracks=tracks, when=when)
    much = change.words.replace(" ", "\u00a0")
    if change.direction == "up":
        return say_html(
            'You played <em>{tracks}</em> {when}, <span class="hot">{much} more</span> than before.', tracks=tracks, when=when, much=much
        )
    return say_html(
        'You played <em>{tracks}</em> {when}, <span class="hot">{much} less</span> than before.', tracks=tracks, when=when, much=much
    )


def _named(period: Period) -> str:
    """In 2024, in March 2024, else in these days: their dates stand above."""
    if len(period.spelling) == len("2024"):
        return say("in {year}", year=period.spelling)
    is_month = period.first_day is not None and len(period.spelling) == len("2024-03")
    return say("in {month}", month=month(period.first_day)) if period.first_day and is_month else say("in these days")


def _lede(found: Dashboard) -> str:
    if not found.top_artists:
        return say("Choose another range, or bring older years with an export.")
    artist = found.top_artists[0].card.name
    if found.peak is None:
        lines = [say("Mostly {artist}.", artist=artist)]
    else:
        day, at = found.peak
        lines = [
            say("Mostly {artist}, most of all on {weekday} around {hour}.", artist=artist, weekday=weekday((day + 6) % 7), hour=hour(at))
        ]
    fresh = next((one.card.name for one in found.top_artists[1:] if found.before is not None and one.change is None), None)
    lines += [say("{artist} wasn’t there before.", artist=fresh)] if fresh else []
    return " ".join(lines)


def _stats(found: Dashboard) -> tuple[StatView, ...]:
    now, before, sparks = found.stats, found.before, found.sparks or _NO_SPARKS
    share, earlier = found.new_share, found.new_share_before
    points = signed(round(share - earlier), _points) if share is not None and earlier is not None else None
    return (
        StatView(
            say("Plays"), number(now.total_plays), _change(now.total_plays, before.total_plays if before else None), _spark(sparks.plays)
        ),
        StatView(
            say("Time heard"),
            hours_and_minutes(now.listened_ms),
            _change(now.listened_ms, before.listened_ms if before else None),
            _spark(sparks.listened_ms),
        ),
        StatView(
            say("Tracks"),
            number(now.unique_tracks),
            _change(now.unique_tracks, before.unique_tracks if before else None),
            _spark(sparks.tracks),
        ),
        StatView(
            say("Artists"),
            number(now.unique_artists),
            _change(now.unique_artists, before.unique_artists if before else None),
            _spark(sparks.artists),
        ),
        StatView(say("New to you"), percent(round(share or 0)), points, _spark(sparks.new_share))
        if found.period.first_day
        else StatView(say("Albums"), number(now.unique_albums), None, Markup("")),
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
    return spine(months, shown, current, say("Your archive, by year"))
