"""What a year was, or a month, or any days: a magazine of one's own, to show to a friend or to print."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
from markupsafe import Markup

from audiospective.infra.language import say, say_html, say_many, say_many_html
from audiospective.insights.completeness import Completeness
from audiospective.insights.lens import Lens
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone
from audiospective.reports.answers import StatsAnswer
from audiospective.reports.story import Story
from audiospective.web.charts.bars import columns
from audiospective.web.views import chapters, told_lists
from audiospective.web.views.deck import Deck
from audiospective.web.views.figures import FigureView, Table
from audiospective.web.views.insights import Moment, moments_of
from audiospective.web.views.lists import TopList
from audiospective.web.views.marks import Marks, marks_of
from audiospective.web.views.words import (
    Delta,
    hours_and_minutes,
    length,
    long_day,
    month,
    months,
    number,
    percent,
    percent_change,
    short_day,
    short_month,
    span,
)


class Number(msgspec.Struct, frozen=True):
    """One of the numbers on the cover; `delta` None where nothing lies before."""

    name: str
    value: str | Markup
    delta: Delta | None


class Fact(msgspec.Struct, frozen=True):
    """A large word or number and what it is of; `href` leads to its plays."""

    large: str | Markup
    said: str
    href: str


class YearView(msgspec.Struct, frozen=True):
    """The page; `before` and `after` lead to its neighbours ("" for none), `parts` into its months."""

    deck: Deck
    marks: Marks
    title: str
    sentence: Markup
    lede: str
    numbers: tuple[Number, ...]
    before: tuple[str, str]
    after: tuple[str, str]
    parts: tuple[tuple[str, str], ...]
    facts: tuple[Fact, ...]
    figures: tuple[tuple[FigureView, str], ...]
    tops: tuple[TopList, ...]
    lists: tuple[TopList, ...]
    moments: tuple[Moment, ...]
    share: str
    insights: str
    spoken: tuple[TopList, ...]
    is_empty: bool


def year_view(told: Story, deck: Deck, zone: Zone, complete: Completeness, lens: Lens) -> YearView:
    """The page of a year, a month, or any days."""
    period, stats = told.period, told.compared.this_week
    title, is_empty = title_of(period), not stats.total_plays
    tops = told_lists.tops_of(told)
    genres = (one for one in tops if one.id == "genres")  # below, where a fourth leaves no hole beside the figures
    lists = (*genres, told_lists.new_list(told, zone), told_lists.gone_list(told), *told_lists.own_lists(told.own))
    return YearView(
        deck=deck,
        marks=marks_of(period, told.first_day, zone, complete, lens),
        title=title,
        sentence=_sentence(told, title),
        lede="" if is_empty else _lede(told),
        numbers=_numbers(stats, told.compared.last_week),
        before=_beside(period, -1),
        after=_beside(period, 1),
        parts=_parts(period),
        facts=() if is_empty else _facts(told, zone),
        figures=() if is_empty else _figures(told, complete, zone),
        tops=() if is_empty else tuple(one for one in tops if one.id != "genres"),
        lists=() if is_empty else tuple(one for one in lists if one is not None and one.id != "lost"),
        moments=moments_of(told.own, zone),
        share=f"/shares?range={period.spelling}",
        insights=f"/insights?range={period.spelling}",
        spoken=told_lists.spoken_lists(told, zone),
        is_empty=is_empty,
    )


def title_of(period: Period) -> str:
    """2024, March 2024, 1 January – 31 March 2024."""
    if period.first_day is None or period.last_day is None or len(period.spelling) == len("2024"):
        return period.spelling
    return month(period.first_day) if len(period.spelling) == len("2024-03") else span(period.first_day, period.last_day)


def _sentence(told: Story, title: str) -> Markup:
    plays, artists = told.compared.this_week.total_plays, told.tops.artists.now
    if not plays:
        return say_html("Nothing of {time} is in your archive.", time=title)
    if not artists:
        return say_many_html(plays, "{time} was <em>{n} play</em>.", "{time} was <em>{n} plays</em>.", time=title)
    return say_many_html(
        plays,
        "{time} was <em>{n} play</em>, and <em>{artist}</em> more than anybody.",
        "{time} was <em>{n} plays</em>, and <em>{artist}</em> more than anybody.",
        time=title,
        artist=artists[0].what.name,
    )


def _lede(told: Story) -> str:
    found, said = told.discovery, []
    if found.new_tracks:
        share = percent(round(found.discovery_rate))
        said.append(
            say_many(
                found.new_tracks,
                "{n} track was new to you, {share} of all that you heard.",
                "{n} tracks were new to you, {share} of all that you heard.",
                share=share,
            )
        )
    active = sum(one.active_days for one in told.calendar.years)
    said.append(say_many(active, "There was music on {n} day.", "There was music on {n} days."))
    return " ".join(said)


def _numbers(now: StatsAnswer, before: StatsAnswer | None) -> tuple[Number, ...]:
    then = before if before and before.total_plays else None
    return (
        Number(say("Plays"), number(now.total_plays), _change(now.total_plays, then.total_plays if then else None)),
        Number(say("Time heard"), hours_and_minutes(now.listened_ms), _change(now.listened_ms, then.listened_ms if then else None)),
        Number(say("Tracks"), number(now.unique_tracks), _change(now.unique_tracks, then.unique_tracks if then else None)),
        Number(say("Artists"), number(now.unique_artists), _change(now.unique_artists, then.unique_artists if then else None)),
        Number(say("Albums"), number(now.unique_albums), _change(now.unique_albums, then.unique_albums if then else None)),
    )


def _change(now: int, before: int | None) -> Delta | None:
    return None if before is None else percent_change(now, before)


def _facts(told: Story, zone: Zone) -> tuple[Fact, ...]:
    """What one would tell first: the day, the week on repeat, the longest evening, the longest run."""
    facts = [_busiest(told)]
    if told.own.obsessions:
        one = told.own.obsessions[0]
        said = say("plays of {name} in the week of {day}", name=one.track.name, day=long_day(one.week))
        facts.append(Fact(number(one.plays), said, f"/track/{one.track.id}"))
    longest = told.own.sessions.longest
    if longest and longest.plays > 1:
        day = zone.local(longest.last_at).date()
        facts.append(Fact(length(longest.listened_ms), say("of music in one go, until {day}", day=long_day(day)), f"/history?until={day}"))
    run = next((one for one in told.runs.runs if one.days > 1 and one.start_date and one.end_date), None)
    if run and run.start_date and run.end_date:
        said = say("days with music one after the other, {days}", days=span(run.start_date, run.end_date))
        facts.append(Fact(number(run.days), said, f"/history?until={run.end_date}"))
    return tuple(facts)


def _busiest(told: Story) -> Fact:
    plays, day = max(
        (plays, date(one.year, 1, 1) + timedelta(days=at)) for one in told.calendar.years for at, plays in enumerate(one.plays)
    )
    return Fact(number(plays), say("plays on {day}, the fullest day", day=long_day(day)), f"/history?until={day}")


def _figures(told: Story, complete: Completeness, zone: Zone) -> tuple[tuple[FigureView, str], ...]:
    drawn = [
        (_steps_figure(told), "c8"),
        (chapters.clock_figure(told), "c4"),
        (chapters.calendar_figure(told, complete, zone), "c12"),
        (chapters.taste_figure(told), "c7"),
        (chapters.decades_figure(told), "c5"),
    ]
    return tuple((one, wide) for one, wide in drawn if one is not None)


def _steps_figure(told: Story) -> FigureView:
    """Month by month of a year or more, day by day of less."""
    by_month = (told.period.days or 0) > 92
    counts: dict[date, int] = {}
    for year in told.calendar.years:
        for at, plays in enumerate(year.plays):
            day = date(year.year, 1, 1) + timedelta(days=at)
            if (told.period.first_day or day) <= day <= min(told.period.last_day or day, told.today):
                start = day.replace(day=1) if by_month else day
                counts[start] = counts.get(start, 0) + plays
    steps = list(counts)
    best = max(steps, key=lambda one: counts[one])
    words, named = (say("How much, month by month?"), short_month) if by_month else (say("How much, day by day?"), short_day)
    label = say("Plays per month; the busiest is lit") if by_month else say("Plays per day; the busiest is lit")
    every = max(len(steps) // 6, 1)
    drawn = columns(
        list(counts.values()),
        [(place, named(steps[place])) for place in range(0, len(steps), every)],
        label,
        height=300,
        lit=steps.index(best),
        said=number(counts[best]),
        unit=say("plays"),
    )
    answer = say_html("Most in <b>{time}</b>.", time=month(best)) if by_month else say_html("Most on <b>{time}</b>.", time=long_day(best))
    table = Table((say("Month") if by_month else say("Day"), say("Plays")), tuple((named(one), number(counts[one])) for one in steps))
    return FigureView("steps", words, answer, drawn, table, "bars")


def _parts(period: Period) -> tuple[tuple[str, str], ...]:
    if len(period.spelling) != len("2024"):
        return ()
    return tuple((f"/year/{period.spelling}-{at:02d}", name) for at, name in enumerate(months(), 1))


def _beside(period: Period, step: int) -> tuple[str, str]:
    """Address and name of the year, month, or as many days before or after; empty at the ends of the calendar."""
    first, last = period.first_day, period.last_day
    if first is None or last is None:
        return "", ""
    try:
        if len(period.spelling) == len("2024"):
            return f"/year/{first.year + step:04d}", str(first.year + step)
        if len(period.spelling) == len("2024-03"):
            other = (first - timedelta(days=1)) if step < 0 else (last + timedelta(days=1))
            return f"/year/{other.year:04d}-{other.month:02d}", month(other)
        width = (last - first) + timedelta(days=1)
        begin, end = first + step * width, last + step * width
        return f"/year/{begin}..{end}", span(begin, end)
    except OverflowError:
        return "", ""
