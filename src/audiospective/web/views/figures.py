"""The dashboard's charts: each a question, its answer in a sentence, the picture, and the table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from audiospective.reports.dashboard import Dashboard
from audiospective.web.charts.bars import columns
from audiospective.web.charts.daily import daily
from audiospective.web.charts.heatmap import heatmap
from audiospective.web.charts.rings import Ring, rings
from audiospective.web.views.words import MONTHS, WEEKDAYS, counted, number, short_day


@dataclass(frozen=True, slots=True)
class Table:
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


def day_figure(found: Dashboard) -> FigureView:
    """Plays per day."""
    days = found.daily
    busiest = found.busiest
    answer = Markup("In {} you averaged <b>{} a day</b>.").format(
        counted(len(days), "day", "days"), counted(round(found.average_per_day), "play", "plays")
    )
    if busiest:
        answer += Markup(" The busiest was {}.").format(f"{WEEKDAYS[busiest.day.weekday()]} {short_day(busiest.day)}")
    place = next((i for i, one in enumerate(days) if busiest and one.day == busiest.day), None)
    chart = daily(
        [one.plays for one in days],
        found.daily_year_before,
        frozenset(i for i, one in enumerate(days) if one.day.weekday() > 4),
        _day_labels([one.day for one in days]),
        "Plays per day with a seven-day mean, and the mean a year earlier",
        height=330,
        peak=(place, f"{number(days[place].plays)} on {short_day(days[place].day)}") if place is not None else None,
    )
    before = found.daily_year_before or (0,) * len(days)
    heads = ("Day", "Plays", "A year earlier") if found.daily_year_before else ("Day", "Plays")
    rows = tuple((short_day(one.day), number(one.plays), number(then))[: len(heads)] for one, then in zip(days, before, strict=True))
    return FigureView("days", "How much, day by day?", answer, chart, Table(heads, rows), "line")


def month_figure(found: Dashboard) -> FigureView:
    """Plays per month, for ranges too long for days."""
    months = [one for one in found.months if _is_within(found, one.first_day)]
    plays = [one.plays for one in months]
    best = max(months, key=lambda one: one.plays, default=None)
    answer = Markup("In {} you averaged <b>{} a month</b>.").format(
        counted(len(months), "month", "months"), counted(round(sum(plays) / max(len(plays), 1)), "play", "plays")
    )
    if best:
        answer += Markup(" The busiest was {}.").format(_month(best.first_day))
    every = max(1, len({one.first_day.year for one in months}) // 8)
    labels = [
        (place, str(one.first_day.year)) for place, one in enumerate(months) if one.first_day.month == 1 and one.first_day.year % every == 0
    ]
    lit = frozenset({plays.index(best.plays)}) if best else frozenset()
    chart = columns(plays, labels, "Plays per month; the busiest is lit", height=330, lit=lit, unit="plays")
    rows = tuple((_month(one.first_day), number(one.plays)) for one in months)
    return FigureView("days", "How much, month by month?", answer, chart, Table(("Month", "Plays"), rows), "bars")


def _is_within(found: Dashboard, month: date) -> bool:
    first, last = found.period.first_day, found.period.last_day
    return first is None or last is None or first.replace(day=1) <= month <= last


def _month(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"


def _day_labels(days: Sequence[date]) -> list[tuple[int, str]]:
    if len(days) > 150:
        return [(place, MONTHS[day.month - 1]) for place, day in enumerate(days) if day.day == 1 and day.month % 2]
    return [(place, short_day(day)) for place, day in enumerate(days) if day.day in {1, 15}]


def rings_figure(found: Dashboard) -> FigureView:
    """The shape of the whole archive."""
    years = found.years
    last = len(years) - 1
    drawn = [Ring(one.weeks, "ring-now" if place == last else f"y{_shade(place, last)}") for place, one in enumerate(years)]
    needle = found.today.timetuple().tm_yday / 366
    label = f"{counted(len(years), 'ring', 'rings')}, one a year" + (
        f", from {years[0].year} inside to {years[-1].year} outside" if years else ""
    )
    answer = Markup("One ring a year, January at the top; it swells where you played more. The <b>outer ring is {}</b>.").format(
        found.today.year
    )
    chart = rings(drawn, label, size=420, months=MONTHS, inner=max(34.0, 150.0 - 24.0 * len(years)), needle=needle)
    rows = tuple((str(one.year), number(sum(one.weeks))) for one in years)
    return FigureView("rings", "What shape is your archive?", answer, chart, Table(("Year", "Plays"), rows), "")


def _shade(place: int, last: int) -> int:
    """1 (oldest, palest) to 10."""
    return 1 + round(place / max(last - 1, 1) * 9) if last > 1 else 6


def heat_figure(found: Dashboard) -> FigureView:
    """Plays by weekday and hour."""
    monday_first = (*found.heatmap[1:], found.heatmap[0])
    if found.peak:
        day, hour = found.peak
        answer = Markup("<b>{} at {:02d}:00</b> is your hour.").format(WEEKDAYS[(day + 6) % 7], hour)
        label = f"Plays by weekday and hour; most on {WEEKDAYS[(day + 6) % 7]} at {hour:02d}:00"
    else:
        answer, label = Markup("No plays in these days."), "Plays by weekday and hour; none"
    names = [name[:3] for name in WEEKDAYS]
    rows = tuple((name, *(str(plays) for plays in hours)) for name, hours in zip(names, monday_first, strict=True))
    heads = ("Day", *(f"{hour:02d}" for hour in range(24)))
    return FigureView("hours", "When do you listen?", answer, heatmap(monday_first, names, label), Table(heads, rows), "grid")


def new_figure(found: Dashboard) -> FigureView:
    """How many of each week's tracks were first plays."""
    weeks = found.weekly_new
    shares = [round(one.new / one.tracks * 100) if one.tracks else 0 for one in weeks]
    heard = [share for share, one in zip(shares, weeks, strict=True) if one.tracks]
    usual = round(sum(heard) / len(heard)) if heard else 0
    answer = Markup("<b>{} %</b> of this week’s tracks are first plays; your usual week has {} %.").format(
        shares[-1] if shares else 0, usual
    )
    labels = [
        (place, MONTHS[one.first_day.month - 1]) for place, one in enumerate(weeks) if one.first_day.day <= 7 and place < len(weeks) - 2
    ]
    chart = columns(
        shares, [*labels, (len(weeks) - 1, "now")], "Share of first plays by week", height=236, lit=frozenset({len(weeks) - 1}), unit="%"
    )
    rows = tuple((short_day(one.first_day), f"{share} %", number(one.tracks)) for one, share in zip(weeks, shares, strict=True))
    return FigureView("new", "How much of it was new?", answer, chart, Table(("Week from", "New", "Tracks"), rows), "bars")
