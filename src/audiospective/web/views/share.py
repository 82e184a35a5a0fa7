"""A shared report as its visitors see it, and the page where its maker shares and takes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from markupsafe import Markup

from audiospective.infra.language import mark, say, say_html, say_many, say_many_html
from audiospective.insights.zones import Zone
from audiospective.reports.share import Item, Report, Section, Share
from audiospective.web.charts.bars import bar, columns
from audiospective.web.charts.sleeve import sleeve
from audiospective.web.views.deck import Deck
from audiospective.web.views.figures import FigureView, Table, week_figure
from audiospective.web.views.lists import Art, ListItem, TopList
from audiospective.web.views.words import hour, hours_and_minutes, long_day, month, number, short_day, span, weekday

_SECTIONS = {
    Section.NUMBERS: mark("Numbers: plays, hours, tracks, artists"),
    Section.TRACKS: mark("Top tracks"),
    Section.ARTISTS: mark("Top artists"),
    Section.ALBUMS: mark("Top albums"),
    Section.DAYS: mark("Plays over time"),
    Section.HOURS: mark("Hours of the week"),
}
_RANGES = (
    ("7d", mark("Last 7 days")),
    ("30d", mark("Last 30 days")),
    ("90d", mark("Last 90 days")),
    ("365d", mark("Last year")),
    ("all", mark("Everything")),
)
_ENDS = (("", mark("never")), ("7", mark("in a week")), ("30", mark("in a month")), ("365", mark("in a year")))


class SharedView(msgspec.Struct, frozen=True):
    """The public page; `description` is shown as text, whatever it holds."""

    id: str
    url: str
    title: str
    description: str
    eyebrow: str
    by: str
    sentence: str
    stats: tuple[tuple[str, str | Markup], ...]
    figures: tuple[FigureView, ...]
    lists: tuple[TopList, ...]
    made_on: str


class OwnShare(msgspec.Struct, frozen=True):
    """One of one's own reports."""

    id: str
    title: str
    when: str
    range: str
    ends: str
    views: str
    has_ended: bool


class SharesView(msgspec.Struct, frozen=True):
    """The page where reports are made and taken back; `base` and `new_id` are the link that was just made."""

    deck: Deck
    new_id: str
    base: str
    ranges: tuple[tuple[str, str], ...]
    range_now: str
    display_name: str
    sections: tuple[tuple[str, str], ...]
    ends: tuple[tuple[str, str], ...]
    own: tuple[OwnShare, ...]


def shared_view(found: Share, url: str) -> SharedView:
    """What everybody with the link sees."""
    told = found.report
    days = span(told.first_day, told.last_day) if told.first_day and told.last_day else ""
    return SharedView(
        id=found.id,
        url=url,
        title=told.title,
        description=told.description,
        eyebrow=days,
        by=told.name or "",
        sentence=_sentence(told),
        stats=_stats(told),
        figures=tuple(one for one in (days_figure(told), hours_figure(told)) if one is not None),
        lists=_lists(found.id, told),
        made_on=long_day(told.made_on),
    )


def shares_view(
    deck: Deck, own: Sequence[Share], zone: Zone, now: datetime, *, display_name: str, spelling: str, base: str, made: str = ""
) -> SharesView:
    """The page; `base` is where links begin, `made` the id of the report that was just made."""
    ranges = [(one, say(words)) for one, words in _RANGES] + ([] if spelling in dict(_RANGES) else [(spelling, spelling)])
    return SharesView(
        deck=deck,
        new_id=made if any(one.id == made for one in own) else "",
        base=base,
        ranges=tuple(ranges),
        range_now=spelling,
        display_name=display_name,
        sections=tuple((section.value, say(words)) for section, words in _SECTIONS.items()),
        ends=share_ends(),
        own=tuple(own_share(one, zone, now) for one in own),
    )


def share_ends() -> tuple[tuple[str, str], ...]:
    """In how many days a link may end, and how that is said."""
    return tuple((days, say(words)) for days, words in _ENDS)


def own_share(one: Share, zone: Zone, now: datetime) -> OwnShare:
    """A row of the table of one's own reports."""
    ended = one.expires_at is not None and one.expires_at <= now
    ends = say("never") if one.expires_at is None else long_day(zone.local(one.expires_at).date())
    told = one.report
    when = long_day(zone.local(one.created_at).date())
    words = dict(_RANGES).get(told.range)
    days = say(words) if words else told.range
    return OwnShare(one.id, told.title, when, days, say("ended {day}", day=ends) if ended else ends, number(one.views), ended)


def _sentence(told: Report) -> str:
    if told.numbers is None:
        return ""
    plays = say_many(told.numbers.plays, "{n} play", "{n} plays")
    return say_many(told.numbers.artists, "{plays} of {n} artist", "{plays} of {n} artists", plays=plays)


def _stats(told: Report) -> tuple[tuple[str, str | Markup], ...]:
    if told.numbers is None:
        return ()
    numbers = told.numbers
    return (
        (say("Plays"), number(numbers.plays)),
        (say("Time heard"), hours_and_minutes(numbers.listened_ms)),
        (say("Tracks"), number(numbers.tracks)),
        (say("Artists"), number(numbers.artists)),
    )


def _lists(share_id: str, told: Report) -> tuple[TopList, ...]:
    named = (
        ("tracks", say("Top tracks"), told.tracks),
        ("artists", say("Top artists"), told.artists),
        ("albums", say("Top albums"), told.albums),
    )
    return tuple(
        TopList(kind, title, tuple(_item(share_id, kind, place, one, items[0].plays) for place, one in enumerate(items)), kind == "artists")
        for kind, title, items in named
        if items
    )


def _item(share_id: str, kind: str, place: int, one: Item, most: int) -> ListItem:
    art = Art(f"/share/{share_id}/cover/{kind}/{place}" if one.image_url else None, sleeve(place + len(kind)))
    return ListItem(one.name, one.by, art, number(one.plays), None, bar(one.plays / most * 100), one.link)


def days_figure(told: Report) -> FigureView | None:
    """Plays per day or month; None where the report has none."""
    if not told.days:
        return None
    by_day = told.interval == "day"
    plays = [count for _, count in told.days]
    best = max(range(len(plays)), key=plays.__getitem__)
    named = short_day if by_day else month
    average = say_many(round(sum(plays) / len(plays)), "{n} play", "{n} plays")
    count, day = number(plays[best]), named(told.days[best][0])
    labels = _labels([day for day, _ in told.days], by_day)
    rows = tuple((named(day), number(count)) for day, count in told.days)
    if by_day:
        question, head, label = say("How much, day by day?"), say("Day"), say("Plays per day; the busiest is lit")
        said = say("{count} on {day}", count=count, day=day)
        answer = say_many_html(
            len(plays), "In {n} day an average of <b>{plays} a day</b>.", "In {n} days an average of <b>{plays} a day</b>.", plays=average
        )
    else:
        question, head, label = say("How much, month by month?"), say("Month"), say("Plays per month; the busiest is lit")
        said = say("{count} in {month}", count=count, month=day)
        answer = say_many_html(
            len(plays),
            "In {n} month an average of <b>{plays} a month</b>.",
            "In {n} months an average of <b>{plays} a month</b>.",
            plays=average,
        )
    chart = columns(plays, labels, label, height=300, lit=best if plays[best] else None, said=said, unit=say("plays"))
    return FigureView("days", question, answer, chart, Table((head, say("Plays")), rows), "bars")


def _labels(days: Sequence[date], by_day: bool) -> list[tuple[int, str]]:
    if by_day:
        step = max(len(days) // 6, 1)
        return [(place, short_day(days[place])) for place in range(0, len(days), step)]
    return [(place, str(day.year)) for place, day in enumerate(days) if day.month == 1]


def hours_figure(told: Report) -> FigureView | None:
    """Plays by weekday and hour; None where the report has none."""
    if not told.heatmap:
        return None
    monday_first = [*told.heatmap[1:], told.heatmap[0]]
    most, day, at = max((plays, -day, -hour) for day, row in enumerate(monday_first) for hour, plays in enumerate(row))
    if not most:
        return week_figure(say("When?"), say_html("No plays in these days."), say("Plays by weekday and hour; none"), monday_first)
    when = {"weekday": weekday(-day), "hour": hour(-at)}
    answer = say_html("Most of all on <b>{weekday} at {hour}</b>.", **when)
    return week_figure(say("When?"), answer, say("Plays by weekday and hour; most on {weekday} at {hour}", **when), monday_first)
