"""The chapters of `/insights` and the story of a year: a sentence each, then what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from audiospective.infra.language import mark, mark_many, say, say_html, say_many
from audiospective.insights.zones import Zone
from audiospective.reports.answers import TrackAnswer
from audiospective.reports.insights import InsightsAnswer
from audiospective.web.charts.bars import bar, columns
from audiospective.web.charts.sleeve import sleeve
from audiospective.web.views.deck import Deck
from audiospective.web.views.figures import FigureView, Table
from audiospective.web.views.lists import Art, ListItem, TopList, spotify
from audiospective.web.views.ranges import RangeLink
from audiospective.web.views.words import hour, length, long_day, number, of_time, percent

_RANGES = (("30d", mark("30 days")), ("90d", mark("90 days")), ("365d", mark("A year")), ("all", mark("All time")))
_ROUND = {
    "plays": mark_many("{n} play", "{n} plays"),
    "tracks": mark_many("{n} track", "{n} tracks"),
    "artists": mark_many("{n} artist", "{n} artists"),
    "hours": mark_many("{n} hour", "{n} hours"),
}


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
        ranges=tuple(RangeLink(say(label), f"{base}{one}", one == found.range) for one, label in _RANGES),
        sentence=_sentence(found),
        lede=_lede(found, zone),
        starts=_starts(found) if found.sessions.count else None,
        lists=lists_of(found),
        moments=moments_of(found, zone),
        days=tuple(
            Moment(str(one.day.year), say_many(one.plays, "{n} play", "{n} plays"), one.track.name, f"/track/{one.track.id}")
            for one in found.on_this_day
        ),
    )


def lists_of(found: InsightsAnswer) -> tuple[TopList, ...]:
    """What opened sessions, what ran on repeat, what is forgotten."""
    openers = [(one.track, one.sessions, _by(one.track)) for one in found.sessions.openers]
    loops = [(one.track, one.plays, say("week of {day}", day=long_day(one.week))) for one in found.obsessions]
    lost = [(one.track, one.plays, say("last on {day}", day=long_day(one.last_at.date()))) for one in found.forgotten]
    named = (
        ("openers", say("What opens a session"), openers),
        ("loops", say("On repeat"), loops),
        ("lost", say("Loved, and forgotten"), lost),
    )
    return tuple(TopList(name, title, _items(rows)) for name, title, rows in named if rows)


def moments_of(found: InsightsAnswer, zone: Zone) -> tuple[Moment, ...]:
    """Round numbers and the longest return, oldest first."""
    told = [(one.at, say_many(one.number, *_ROUND[one.what]), one.track) for one in found.milestones if one.number > 1]
    back = found.longest_return
    if back is not None and (back.at - back.before).days > 1:
        told.append((back.at, say_many((back.at - back.before).days, "back after {n} day", "back after {n} days"), back.track))
    return tuple(
        Moment(long_day(zone.local(at).date()), said, one.name, f"/track/{one.id}")
        for at, said, one in sorted(told, key=lambda row: row[0])
    )


def _sentence(found: InsightsAnswer) -> str:
    if not found.sessions.count:
        return say("Nothing was played in these days.")
    return say_many(
        found.sessions.count,
        "You sat down {n} time, for {time} on average.",
        "You sat down {n} times, for {time} on average.",
        time=length(found.sessions.average_ms),
    )


def _lede(found: InsightsAnswer, zone: Zone) -> str:
    said = []
    if found.sessions.longest:
        longest = found.sessions.longest
        when: datetime = zone.local(longest.last_at)
        said.append(
            say_many(
                longest.plays,
                "Longest: {time} of music, {n} play, until {hour} on {day}.",
                "Longest: {time} of music, {n} plays, until {hour} on {day}.",
                time=length(longest.listened_ms),
                hour=of_time(when),
                day=long_day(when.date()),
            )
        )
    if found.skips.told and found.skips.skipped:
        said.append(say("{share} of what you began was skipped.", share=percent(found.skips.rate)))
    return " ".join(said)


def _starts(found: InsightsAnswer) -> FigureView:
    hours = found.sessions.by_hour
    best = max(range(24), key=hours.__getitem__)
    chart = columns(
        hours,
        [(at, hour(at)) for at in (0, 6, 12, 18)],
        say("Sessions by the hour in which they began; the most is lit"),
        height=240,
        lit=best,
        said=hour(best),
        unit=say("sessions"),
    )
    rows = tuple((hour(at), number(count)) for at, count in enumerate(hours))
    answer = say_html("Most often at <b>{hour}</b>.", hour=hour(best))
    return FigureView("starts", say("When do you sit down?"), answer, chart, Table((say("Hour"), say("Sessions")), rows), "bars")


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
