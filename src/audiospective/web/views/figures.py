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

_UNKNOWN = "–"


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
        "Plays per day with a seven-day mean" + (", and the mean a year earlier" if earlier else ""),
        height=360,
        peak=(place, f"{number(days[place].plays)} on {short_day(days[place].day)}") if place is not None else None,
        unknown=unknown,
    )
    key = ("mean", *(("before",) if earlier else ()), *(("unknown",) if unknown else ()))
    return FigureView("days", "How much, day by day?", _day_answer(found, unknown), chart, _day_table(found, unknown, earlier), "line", key)


def _before_archive(found: Dashboard, days_later: int) -> int:
    """How many of the days shown lie before the first play, moved by so many days."""
    if found.first_day is None or not found.daily:
        return 0
    return min(max((found.first_day - found.daily[0].day).days + days_later, 0), len(found.daily))


def _day_answer(found: Dashboard, unknown: int) -> Markup:
    days = [one.plays for one in found.daily[unknown:]]
    answer = Markup("In {} you averaged <b>{} a day</b>.").format(
        counted(len(days), "day", "days"), counted(round(sum(days) / max(len(days), 1)), "play", "plays")
    )
    if found.busiest and len(days) > 1:
        answer += Markup(" The busiest was {}.").format(f"{WEEKDAYS[found.busiest.day.weekday()]} {short_day(found.busiest.day)}")
    return answer


def _day_table(found: Dashboard, unknown: int, earlier: Sequence[int]) -> Table:
    """Both columns end with today; what is unknown is a dash."""
    plays = [_UNKNOWN] * unknown + [number(one.plays) for one in found.daily[unknown:]]
    then = [_UNKNOWN] * (len(plays) - len(earlier)) + [number(one) for one in earlier]
    rows = zip((short_day(one.day) for one in found.daily), plays, then, strict=True)
    return Table(("Day", "Plays", "A year earlier"), tuple(rows)) if earlier else Table(("Day", "Plays"), tuple(row[:2] for row in rows))


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
    lit, said = (months.index(best), f"{number(best.plays)} in {_month(best.first_day)}") if best else (None, "")
    chart = columns(plays, labels, "Plays per month; the busiest is lit", height=360, lit=lit, said=said, unit="plays")
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
    """How many of each week's tracks were first plays; a week without plays has no share."""
    weeks = found.weekly_new
    shares = [round(one.new / one.tracks * 100) if one.tracks else None for one in weeks]
    labels = [(place, MONTHS[one.first_day.month - 1]) for place, one in enumerate(weeks) if one.first_day.day <= 7 and place]
    most = max((place for place, share in enumerate(shares) if share), key=lambda place: shares[place] or 0, default=None)
    said = f"{shares[most]} % in the week of {short_day(weeks[most].first_day)}" if most is not None else ""
    chart = columns(shares, labels, "Share of first plays by week; the highest is lit", height=236, lit=most, said=said, unit="%")
    rows = tuple(
        (short_day(one.first_day), _UNKNOWN if share is None else f"{share} %", number(one.tracks))
        for one, share in zip(weeks, shares, strict=True)
    )
    return FigureView("new", "How much of it was new?", _new_answer(found), chart, Table(("Week from", "New", "Tracks"), rows), "bars")


def _new_answer(found: Dashboard) -> Markup:
    heard = [one for one in found.weekly_new if one.tracks]
    if not heard:
        return Markup("Nothing was played in the last {} weeks.").format(len(found.weekly_new))
    new, tracks = sum(one.new for one in heard), sum(one.tracks for one in heard)
    return Markup("In a usual week of the last half year, <b>{} of {}</b> are first plays.").format(
        number(round(new / len(heard))), counted(round(tracks / len(heard)), "track", "tracks")
    )
