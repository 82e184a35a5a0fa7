"""The chapters of `/insights` and the story of a year: a sentence each, then what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from audiospective.insights.zones import Zone
from audiospective.reports.answers import TrackAnswer
from audiospective.reports.insights import InsightsAnswer
from audiospective.web.charts.bars import bar, columns
from audiospective.web.charts.sleeve import sleeve
from audiospective.web.views.deck import Deck
from audiospective.web.views.figures import FigureView, Table
from audiospective.web.views.lists import Art, ListItem, TopList, spotify
from audiospective.web.views.ranges import RangeLink
from audiospective.web.views.words import counted, long_day, number, short_day

_RANGES = (("30d", "30 days"), ("90d", "90 days"), ("365d", "A year"), ("all", "All time"))
_ORDINALS = {1: "first"}


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened, when, with a link to its track."""

    when: str
    said: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class InsightsView:
    """The page; a chapter without anything to say is left out."""

    deck: Deck
    ranges: tuple[RangeLink, ...]
    sentence: str
    lede: str
    starts: FigureView | None
    lists: tuple[TopList, ...]
    moments: tuple[Moment, ...]
    days: tuple[Moment, ...]


def insights_view(found: InsightsAnswer, deck: Deck, zone: Zone, *, base: str = "/insights?range=") -> InsightsView:
    """The page over a range."""
    return InsightsView(
        deck=deck,
        ranges=tuple(RangeLink(label, f"{base}{one}", one == found.range) for one, label in _RANGES),
        sentence=_sentence(found),
        lede=_lede(found, zone),
        starts=_starts(found) if found.sessions.count else None,
        lists=lists_of(found),
        moments=moments_of(found, zone),
        days=tuple(
            Moment(str(one.day.year), counted(one.plays, "play", "plays"), one.track.name, f"/track/{one.track.id}")
            for one in found.on_this_day
        ),
    )


def lists_of(found: InsightsAnswer) -> tuple[TopList, ...]:
    """What opened sessions, what ran on repeat, what is forgotten."""
    openers = [(one.track, one.sessions, _by(one.track)) for one in found.sessions.openers]
    loops = [(one.track, one.plays, f"week of {short_day(one.week)} {one.week.year}") for one in found.obsessions]
    lost = [(one.track, one.plays, f"last on {long_day(one.last_at.date())}") for one in found.forgotten]
    named = (("openers", "What opens a session", openers), ("loops", "On repeat", loops), ("lost", "Loved, and forgotten", lost))
    return tuple(TopList(name, title, _items(rows)) for name, title, rows in named if rows)


def moments_of(found: InsightsAnswer, zone: Zone) -> tuple[Moment, ...]:
    """Round numbers and the longest return, oldest first."""
    told = [(one.at, f"{_nth(one.number)} {one.what.removesuffix('s')}", one.track) for one in found.milestones if one.number > 1]
    back = found.longest_return
    if back is not None and (back.at - back.before).days > 1:
        told.append((back.at, f"back after {counted((back.at - back.before).days, 'day', 'days')}", back.track))
    return tuple(
        Moment(long_day(zone.local(at).date()), said, one.name, f"/track/{one.id}")
        for at, said, one in sorted(told, key=lambda row: row[0])
    )


def _sentence(found: InsightsAnswer) -> str:
    if not found.sessions.count:
        return "Nothing was played in these days."
    return f"You sat down {counted(found.sessions.count, 'time', 'times')}, for {_length(found.sessions.average_ms)} on average."


def _lede(found: InsightsAnswer, zone: Zone) -> str:
    said = []
    if found.sessions.longest:
        longest = found.sessions.longest
        when: datetime = zone.local(longest.last_at)
        music = f"{_length(longest.listened_ms)} of music, {counted(longest.plays, 'play', 'plays')}"
        said.append(f"Longest: {music}, until {when:%H:%M} on {long_day(when.date())}")
    if found.skips.told and found.skips.skipped:
        said.append(f"{found.skips.rate:g} % of what you began was skipped")
    return ". ".join(said) + ("." if said else "")


def _starts(found: InsightsAnswer) -> FigureView:
    hours = found.sessions.by_hour
    best = max(range(24), key=hours.__getitem__)
    chart = columns(
        hours,
        [(hour, f"{hour:02d}") for hour in (0, 6, 12, 18)],
        "Sessions by the hour in which they began; the most is lit",
        height=240,
        lit=best,
        said=f"{best:02d}:00",
        unit="sessions",
    )
    rows = tuple((f"{hour:02d}:00", number(count)) for hour, count in enumerate(hours))
    answer = Markup("Most often at <b>{:02d}:00</b>.").format(best)
    return FigureView("starts", "When do you sit down?", answer, chart, Table(("Hour", "Sessions"), rows), "bars")


def _items(rows: Sequence[tuple[TrackAnswer, int, str]]) -> tuple[ListItem, ...]:
    most = max(count for _, count, _ in rows)
    return tuple(
        ListItem(
            one.name, said, _art(one), number(count), None, bar(count / most * 100), spotify("track", one.spotify_id), f"/track/{one.id}"
        )
        for one, count, said in rows
    )


def _art(one: TrackAnswer) -> Art:
    return Art(None, sleeve(one.id))


def _by(one: TrackAnswer) -> str:
    return ", ".join(artist.name for artist in one.artists)


def _nth(count: int) -> str:
    return _ORDINALS.get(count, f"{number(count)}th")


def _length(ms: int) -> str:
    minutes = round(ms / 60_000)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
