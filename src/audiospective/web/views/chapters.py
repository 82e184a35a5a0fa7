"""The pictures of a story: each a question, its answer in a sentence, the chart, and the table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
from markupsafe import Markup

from audiospective.infra.language import say, say_html, say_many, say_many_html
from audiospective.insights.completeness import Completeness
from audiospective.insights.zones import Zone
from audiospective.reports.story import Story
from audiospective.web.charts.bands import bands
from audiospective.web.charts.bars import columns
from audiospective.web.charts.cells import cells
from audiospective.web.charts.clock import clock
from audiospective.web.charts.lorenz import lorenz
from audiospective.web.charts.stream import stream
from audiospective.web.charts.yeardays import cuts_of, yeardays
from audiospective.web.views.figures import FigureView, Table
from audiospective.web.views.words import hour, listed, month, months, number, percent, short_month, span

#: Years of days that are drawn; the API has all.
_YEARS = 3
_COLOURS = 7


class EraView(msgspec.Struct, frozen=True):
    """An era as a row: its colour, who belongs to it, its days, how many plays."""

    kind: str
    artists: tuple[tuple[str, str], ...]
    when: str
    plays: str


def calendar_figure(told: Story, complete: Completeness, zone: Zone) -> FigureView:
    """Plays of every day; what nobody can prove is hatched."""
    years = told.calendar.years[-_YEARS:][::-1]
    cuts = cuts_of([plays for one in years for plays in one.plays])
    missing = _unproven(complete, zone)
    drawn = Markup("")
    for one in years:
        shown = [plays if _is_known(told, date(one.year, 1, 1) + timedelta(days=at)) else None for at, plays in enumerate(one.plays)]
        label = say("Plays of every day of {year}", year=one.year)
        hatched = frozenset(at for at in range(len(one.plays)) if date(one.year, 1, 1) + timedelta(days=at) in missing)
        if len(years) > 1:
            drawn += Markup('<p class="small muted">{}</p>').format(one.year)
        drawn += yeardays(one.year, shown, cuts, months(), label, unproven=hatched)
    active, known = sum(one.active_days for one in told.calendar.years), _days_known(told)
    answer = say_many_html(
        known, "You listened on <b>{active} of {n} day</b>.", "You listened on <b>{active} of {n} days</b>.", active=number(active)
    )
    rows = [_month_row(one.year, at, one.plays) for one in told.calendar.years for at in range(12)]
    table = Table((say("Month"), say("Plays"), say("Days with music")), tuple(row for row in rows if row[1] != "0"))
    return FigureView("calendar", say("Which days?"), answer, drawn, table, "")


def _unproven(complete: Completeness, zone: Zone) -> frozenset[date]:
    found = set()
    for one in complete.missing:
        first, last = (zone.local(moment).date() for moment in one.stretch)
        found |= {first + timedelta(days=step) for step in range(min((last - first).days + 1, 3_660))}
    return frozenset(found)


def _is_known(told: Story, day: date) -> bool:
    first, last = told.period.first_day or date.min, told.period.last_day or date.max
    return max(first, told.first_day or date.max) <= day <= min(last, told.today)


def _days_known(told: Story) -> int:
    first = max(told.period.first_day or date.min, told.first_day or date.min)
    return max((min(told.period.last_day or date.max, told.today) - first).days + 1, 0)


def _month_row(year: int, place: int, plays: Sequence[int]) -> tuple[str, ...]:
    first = date(year, place + 1, 1)
    begin = (first - date(year, 1, 1)).days
    end = ((first + timedelta(days=31)).replace(day=1) - date(year, 1, 1)).days
    mine = plays[begin : end if place < 11 else None]
    return month(first), number(sum(mine)), number(sum(map(bool, mine)))


def clock_figure(told: Story) -> FigureView:
    """The hours of the day, as a clock."""
    hours = [told.activity.by_hour[str(at)] for at in range(24)]
    best = max(range(24), key=hours.__getitem__)
    share = percent(round(hours[best] / max(sum(hours), 1) * 100))
    answer = say_html("<b>{hour}</b> holds {share} of your plays.", hour=hour(best), share=share)
    label = say("Plays by hour of the day, midnight on top; most at {hour}", hour=hour(best))
    drawn = clock(hours, [(at, f"{at:02d}") for at in range(0, 24, 3)], label)
    rows = tuple((hour(at), number(plays)) for at, plays in enumerate(hours))
    return FigureView("clock", say("What time is music time?"), answer, drawn, Table((say("Hour"), say("Plays")), rows), "")


def taste_figure(told: Story) -> FigureView | None:
    """Genres, or artists, as streams; None where there are too few steps to move."""
    steps, streams = told.taste.steps, told.taste.streams
    if len(steps) < 3 or not streams:
        return None
    named = [(f"k{place % _COLOURS + 1}", one.what.name, one.plays) for place, one in enumerate(streams) if one.what]
    if not named:
        return None
    rest = [("k8", say("all others"), one.plays) for one in streams if one.what is None]
    total, shown = sum(sum(one.plays) for one in streams), sum(sum(one[2]) for one in named)
    largest = max(named, key=lambda one: sum(one[2]))
    share = percent(round(sum(largest[2]) / max(total, 1) * 100))
    answer = say_html("<b>{name}</b> has {share} of all plays.", name=largest[1], share=share)
    drawn = [*named, *rest] if shown * 2 >= total else named
    if len(drawn) == len(named) and rest:
        answer += Markup(" ") + say_many(len(named), "The {n} largest is drawn.", "The {n} largest are drawn, the table has the rest.")
    every = max(len(steps) // 6, 1)
    labels = [(place, short_month(steps[place])) for place in range(0, len(steps), every)]
    label = say("The largest over time, as streams; the widest has most plays")
    heads = (say("From"), *(name for _, name, _ in (*named, *rest)))
    rows = tuple((short_month(one), *(number(plays[place]) for _, _, plays in (*named, *rest))) for place, one in enumerate(steps))
    return FigureView("taste", say("How did your taste move?"), answer, stream(drawn, labels, label), Table(heads, rows), "")


def decades_figure(told: Story) -> FigureView | None:
    """From which decades; None while nothing is known of it."""
    found = told.decades
    if not found.decades or found.median_year is None:
        return None
    plays = [one.plays for one in found.decades]
    best = max(range(len(plays)), key=plays.__getitem__)
    answer = say_html(
        "Half of it came out by <b>{year}</b>. Known for {share} of your plays.",
        year=found.median_year,
        share=percent(round(found.known_percentage)),
    )
    drawn = columns(
        plays,
        [(place, str(one.decade)) for place, one in enumerate(found.decades)],
        say("Plays by decade of release; the most played is lit"),
        height=240,
        lit=best,
        said=number(plays[best]),
        unit=say("plays"),
    )
    rows = tuple((f"{one.decade}–{one.decade + 9}", number(one.plays)) for one in found.decades)
    return FigureView("decades", say("From which decades?"), answer, drawn, Table((say("Decade"), say("Plays")), rows), "bars")


def cohorts_figure(told: Story) -> FigureView | None:
    """What became of each year's discoveries; None before any is old enough."""
    years: dict[str, list[tuple[int, dict[str, int | None]]]] = {}
    for one in told.cohorts.cohorts:
        if not one.is_begin and one.found:
            years.setdefault(one.month[:4], []).append((one.found, one.kept))
    names = next((list(one.kept) for one in told.cohorts.cohorts), [])
    rows = [(year, [_share(those, name) for name in names]) for year, those in years.items()]
    rows = [(year, values) for year, values in rows if any(value is not None for value in values)][-10:]
    if not rows:
        return None
    last = next((row for row in reversed(rows) if row[1][1] is not None), rows[-1])
    value, after = (last[1][1], 12) if last[1][1] is not None else (last[1][0] or 0.0, 3)
    answer = say_html(
        "Of the artists you met in {year}, <b>{share}</b> were heard again {months} months later.",
        year=last[0],
        share=percent(round(value or 0)),
        months=after,
    )
    heads = [say("{n} months", n=name) for name in names]
    label = say("Share of each year’s new artists that were heard again 3, 12 and 36 months later")
    begin = next((one.month for one in told.cohorts.cohorts if one.is_begin), "")
    table = tuple(
        (
            one.month + (" · " + say("the archive begins here") if one.month == begin else ""),
            number(one.found),
            *("–" if kept is None else number(kept) for kept in one.kept.values()),
        )
        for one in told.cohorts.cohorts
        if one.found
    )
    return FigureView(
        "cohorts",
        say("Do discoveries last?"),
        answer,
        cells(rows, heads, label),
        Table((say("Month"), say("New artists"), *heads), table),
        "",
    )


def _share(those: Sequence[tuple[int, dict[str, int | None]]], name: str) -> float | None:
    """Per cent kept of the months whose time has come; None when none has."""
    known = [(found, kept[name] or 0) for found, kept in those if kept[name] is not None]
    total = sum(found for found, _ in known)
    return sum(kept for _, kept in known) / total * 100 if total else None


def favourites_figure(told: Story) -> FigureView | None:
    """A few favourites, or many; None with fewer than two artists."""
    found = told.favourites
    if found.artists < 2:
        return None
    answer = say_many_html(
        found.half,
        "<b>{n} artist</b> of {all} has half of your plays.",
        "<b>{n} artists</b> of {all} have half of your plays.",
        all=number(found.artists),
    )
    label = say("How much of the plays the less played artists have together; the straight line would be all alike")
    drawn = lorenz(found.curve, say("least played artists"), say("most"), label)
    rows = tuple((percent(place * 5), percent(share)) for place, share in enumerate(found.curve))
    heads = (say("The least played"), say("Of the plays"))
    return FigureView("favourites", say("A few favourites, or many?"), answer, drawn, Table(heads, rows), "line")


def eras_figure(told: Story) -> FigureView | None:
    """Chapters along the time line; None for one chapter alone."""
    eras = told.eras.eras
    if len(eras) < 2 or not told.steps.data:
        return None
    starts = [date.fromisoformat(one.date) for one in told.steps.data]
    kinds = [f"k{_era_at(told, day) % _COLOURS + 1}" for day in starts]
    newest = eras[-1]
    answer = say_html(
        "The newest began in <b>{month}</b>: {names}.",
        month=month(newest.first_day),
        names=listed([one.what.name for one in newest.artists]),
    )
    labels = [(place, str(day.year)) for place, day in enumerate(starts) if place and day.year != starts[place - 1].year]
    label = say_many(len(eras), "{n} chapter along the time line", "{n} chapters along the time line")
    drawn = bands([one.plays for one in told.steps.data], kinds, labels[-14:], label, unit=say("plays"))
    rows = tuple(
        (span(one.first_day, one.last_day), listed([artist.what.name for artist in one.artists]), number(one.plays), f"{one.change:.2f}")
        for one in eras
    )
    heads = (say("Days"), say("Artists"), say("Plays"), say("Change"))
    return FigureView("eras", say("Which chapters?"), answer, drawn, Table(heads, rows), "")


def _era_at(told: Story, day: date) -> int:
    """The era in which the middle of a step lies."""
    middle = day + timedelta(days=3 if told.steps.interval == "week" else 14)
    return max((place for place, one in enumerate(told.eras.eras) if one.first_day <= middle), default=0)


def era_rows(told: Story) -> tuple[EraView, ...]:
    """Chapters as rows, the newest first."""
    rows = []
    for place, one in enumerate(told.eras.eras):
        when = say("{first} to {last}", first=short_month(one.first_day), last=short_month(one.last_day))
        artists = tuple((artist.what.name, f"/artist/{artist.what.id}") for artist in one.artists)
        rows.append(EraView(f"k{place % _COLOURS + 1}", artists, when, say_many(one.plays, "{n} play", "{n} plays")))
    return tuple(reversed(rows)) if len(rows) > 1 else ()
