"""The dashboard's charts: each a question, its answer in a sentence, the picture, and the table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
from markupsafe import Markup

from audiospective.infra.language import say, say_html, say_many, say_many_html
from audiospective.insights.trends import Interval, Newness
from audiospective.reports.dashboard import Dashboard
from audiospective.web.charts.bars import columns
from audiospective.web.charts.daily import daily
from audiospective.web.charts.heatmap import heatmap
from audiospective.web.charts.rings import Ring, rings
from audiospective.web.views.words import (
    hour,
    in_weeks_order,
    months,
    number,
    percent,
    short_day,
    short_month,
    short_weekday,
    span,
    weekday,
    weekday_and_day,
)

_UNKNOWN = "–"


class Table(msgspec.Struct, frozen=True):
    """The numbers behind a chart: heads, then rows of as many cells."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FigureView:
    """A chart with its question, its answer in a sentence, and its table; `plot` tells the script how to read the table."""

    id: str
    question: str
    answer: Markup
    chart: Markup
    table: Table
    plot: str
    key: tuple[str, ...] = ()
    """What of the picture needs a word beside it: mean, before, unknown."""


def day_figure(found: Dashboard) -> FigureView:
    """Plays per day. Days before the archive began are unknown, not empty; so are those a year earlier."""
    days, busiest = found.daily, found.busiest
    unknown = _before_archive(found, 0)
    earlier = found.daily_year_before[_before_archive(found, 364) :]
    place = next((i for i, one in enumerate(days) if busiest and one.day == busiest.day), None)
    chart = daily(
        [one.plays for one in days],
        earlier,
        frozenset(i for i, one in enumerate(days) if one.day.weekday() > 4),
        _day_labels([one.day for one in days]),
        say("Plays per day with a seven-day mean, and the mean a year earlier") if earlier else say("Plays per day with a seven-day mean"),
        height=360,
        peak=(place, say("{count} on {day}", count=number(days[place].plays), day=short_day(days[place].day)))
        if place is not None
        else None,
        unknown=unknown,
    )
    key = ("mean", *(("before",) if earlier else ()), *(("unknown",) if unknown else ()))
    return FigureView(
        "days", say("How much, day by day?"), _day_answer(found, unknown), chart, _day_table(found, unknown, earlier), "line", key
    )


def _before_archive(found: Dashboard, days_later: int) -> int:
    """How many of the days shown lie before the first play, moved by so many days."""
    if found.first_day is None or not found.daily:
        return 0
    return min(max((found.first_day - found.daily[0].day).days + days_later, 0), len(found.daily))


def _day_answer(found: Dashboard, unknown: int) -> Markup:
    days = [one.plays for one in found.daily[unknown:]]
    plays = _plays(sum(days) / max(len(days), 1))
    answer = say_many_html(
        len(days), "In {n} day you averaged <b>{plays} a day</b>.", "In {n} days you averaged <b>{plays} a day</b>.", plays=plays
    )
    if found.busiest and len(days) > 1:
        answer += " " + say_html("The busiest was {day}.", day=weekday_and_day(found.busiest.day))
    return answer


def _plays(average: float) -> str:
    return say_many(round(average), "{n} play", "{n} plays")


def _day_table(found: Dashboard, unknown: int, earlier: Sequence[int]) -> Table:
    """Both columns end with today; what is unknown is a dash."""
    plays = [_UNKNOWN] * unknown + [number(one.plays) for one in found.daily[unknown:]]
    then = [_UNKNOWN] * (len(plays) - len(earlier)) + [number(one) for one in earlier]
    rows = zip((short_day(one.day) for one in found.daily), plays, then, strict=True)
    heads = (say("Day"), say("Plays"), say("A year earlier"))
    return Table(heads, tuple(rows)) if earlier else Table(heads[:2], tuple(row[:2] for row in rows))


def month_figure(found: Dashboard) -> FigureView:
    """Plays per month, for ranges too long for days."""
    shown = [one for one in found.months if _is_within(found, one.first_day)]
    plays = [one.plays for one in shown]
    best = max(shown, key=lambda one: one.plays, default=None)
    average = _plays(sum(plays) / max(len(plays), 1))
    answer = say_many_html(
        len(shown), "In {n} month you averaged <b>{plays} a month</b>.", "In {n} months you averaged <b>{plays} a month</b>.", plays=average
    )
    if best:
        answer += " " + say_html("The busiest was {day}.", day=short_month(best.first_day))
    labels = _year_labels([one.first_day for one in shown])
    lit, said = (
        (shown.index(best), say("{count} in {month}", count=number(best.plays), month=short_month(best.first_day))) if best else (None, "")
    )
    chart = columns(plays, labels, say("Plays per month; the busiest is lit"), height=360, lit=lit, said=said, unit=say("plays"))
    rows = tuple((short_month(one.first_day), number(one.plays)) for one in shown)
    return FigureView("days", say("How much, month by month?"), answer, chart, Table((say("Month"), say("Plays")), rows), "bars")


def _year_labels(starts: Sequence[date]) -> list[tuple[int, str]]:
    """Years at their January, some left out where they are many."""
    every = max(1, len({day.year for day in starts}) // 8)
    return [(place, str(day.year)) for place, day in enumerate(starts) if day.month == 1 and day.year % every == 0]


def _is_within(found: Dashboard, month: date) -> bool:
    first, last = found.period.first_day, found.period.last_day
    return first is None or last is None or first.replace(day=1) <= month <= last


def _day_labels(days: Sequence[date]) -> list[tuple[int, str]]:
    if len(days) > 150:
        names = months()
        return [(place, names[day.month - 1]) for place, day in enumerate(days) if day.day == 1 and day.month % 2]
    return [(place, short_day(day)) for place, day in enumerate(days) if day.day in {1, 15}]


def rings_figure(found: Dashboard) -> FigureView:
    """The shape of the whole archive."""
    years = found.years
    last = len(years) - 1
    drawn = [Ring(one.weeks, "ring-now" if place == last else f"y{_shade(place, last)}") for place, one in enumerate(years)]
    needle = found.today.timetuple().tm_yday / 366
    label = say_many(len(years), "{n} ring, one a year", "{n} rings, one a year")
    if years:
        label += say(", from {first} inside to {last} outside", first=years[0].year, last=years[-1].year)
    answer = say_html(
        "One ring a year, January at the top; it swells where you played more. The <b>outer ring is {year}</b>.", year=found.today.year
    )
    chart = rings(drawn, label, size=420, months=months(), inner=max(34.0, 150.0 - 24.0 * len(years)), needle=needle)
    rows = tuple((str(one.year), number(sum(one.weeks))) for one in years)
    return FigureView("rings", say("What shape is your archive?"), answer, chart, Table((say("Year"), say("Plays")), rows), "")


def _shade(place: int, last: int) -> int:
    """1 (oldest, palest) to 10."""
    return 1 + round(place / max(last - 1, 1) * 9) if last > 1 else 6


def heat_figure(found: Dashboard) -> FigureView:
    """Plays by weekday and hour."""
    if found.peak:
        day, at = found.peak
        answer = say_html("<b>{weekday} at {hour}</b> is your hour.", weekday=weekday((day + 6) % 7), hour=hour(at))
        label = say("Plays by weekday and hour; most on {weekday} at {hour}", weekday=weekday((day + 6) % 7), hour=hour(at))
    else:
        answer, label = say_html("No plays in these days."), say("Plays by weekday and hour; none")
    return week_figure(say("When do you listen?"), answer, label, (*found.heatmap[1:], found.heatmap[0]))


def week_figure(question: str, answer: Markup, label: str, monday_first: Sequence[Sequence[int]]) -> FigureView:
    """Plays by weekday and hour, days as weeks go where this language is spoken."""
    names = in_weeks_order([short_weekday(day) for day in range(7)])
    grid = in_weeks_order(monday_first)
    rows = tuple((name, *(number(plays) for plays in hours)) for name, hours in zip(names, grid, strict=True))
    heads = (say("Day"), *(hour(at) for at in range(24)))
    return FigureView("hours", question, answer, heatmap(grid, names, label), Table(heads, rows), "grid")


def new_figure(found: Dashboard) -> FigureView:
    """How many of the tracks of each week, or month, were first plays; one without plays has no share."""
    steps, weekly = found.newness, found.newness_by is Interval.WEEK
    shares = [round(one.new / one.tracks * 100) if one.tracks else None for one in steps]
    most = max((place for place, share in enumerate(shares) if share), key=lambda place: shares[place] or 0, default=None)
    said = ""
    if most is not None:
        share, begun = percent(shares[most] or 0), steps[most].start
        said = (
            say("{share} in the week of {day}", share=share, day=short_day(begun))
            if weekly
            else say("{count} in {month}", count=share, month=short_month(begun))
        )
    label = say("Share of first plays by week; the highest is lit") if weekly else say("Share of first plays by month; the highest is lit")
    chart = columns(shares, _new_labels(steps, weekly=weekly), label, height=236, lit=most, said=said, unit="%")
    rows = tuple(
        (short_day(one.start) if weekly else short_month(one.start), _UNKNOWN if share is None else percent(share), number(one.tracks))
        for one, share in zip(steps, shares, strict=True)
    )
    heads = (say("Week from") if weekly else say("Month"), say("New"), say("Tracks"))
    return FigureView("new", say("How much of it was new?"), _new_answer(steps, weekly=weekly), chart, Table(heads, rows), "bars")


def new_key(found: Dashboard) -> str:
    """What the columns of `new_figure` are, and of which days."""
    if found.newness_by is not Interval.WEEK:
        return say("First plays by month")
    if not found.newness:
        return say("First plays by week")
    last = min(found.newness[-1].start + timedelta(days=6), found.today)
    return say("First plays by week, {days}", days=span(found.newness[0].start, last))


def _new_labels(steps: Sequence[Newness], *, weekly: bool) -> list[tuple[int, str]]:
    """A month's name at its first week, every second month in a whole year; or a year at its January."""
    if not weekly:
        return _year_labels([one.start for one in steps])
    names, every = months(), 2 if len(steps) > 30 else 1
    begun = [(place, one.start.month) for place, one in enumerate(steps) if one.start.day <= 7 and place]
    return [(place, names[month - 1]) for place, month in begun if month % every == 1 % every]


def _new_answer(steps: Sequence[Newness], *, weekly: bool) -> Markup:
    heard = [one for one in steps if one.tracks]
    if not heard:
        return say_html("No plays in these days.")
    new, tracks = number(round(sum(one.new for one in heard) / len(heard))), round(sum(one.tracks for one in heard) / len(heard))
    if weekly:
        return say_many_html(
            tracks,
            "In a usual week of these, <b>{new} of {n} track</b> is a first play.",
            "In a usual week of these, <b>{new} of {n} tracks</b> are first plays.",
            new=new,
        )
    return say_many_html(
        tracks,
        "In a usual month, <b>{new} of {n} track</b> is a first play.",
        "In a usual month, <b>{new} of {n} tracks</b> are first plays.",
        new=new,
    )
