"""What a year was, or a month: something to show to a friend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from audiospective.infra.language import say, say_html, say_many_html
from audiospective.insights.zones import Zone
from audiospective.reports.insights import InsightsAnswer
from audiospective.reports.share import Item, Report
from audiospective.web.charts.bars import bar
from audiospective.web.charts.sleeve import sleeve
from audiospective.web.views.deck import Deck
from audiospective.web.views.figures import FigureView
from audiospective.web.views.insights import Moment, lists_of, moments_of
from audiospective.web.views.lists import Art, ListItem, TopList
from audiospective.web.views.share import days_figure, hours_figure
from audiospective.web.views.words import hours_and_minutes, month, months, number


@dataclass(frozen=True, slots=True)
class YearView:
    """The page; `before` and `after` lead to its neighbours, `months` into a year."""

    deck: Deck
    title: str
    sentence: Markup
    stats: tuple[tuple[str, str | Markup], ...]
    before: tuple[str, str]
    after: tuple[str, str]
    months: tuple[tuple[str, str], ...]
    lists: tuple[TopList, ...]
    figures: tuple[FigureView, ...]
    moments: tuple[Moment, ...]
    share: str
    is_empty: bool


def year_view(report: Report, found: InsightsAnswer, deck: Deck, zone: Zone) -> YearView:
    """The page of a year or a month."""
    spelling = report.range
    numbers = report.numbers
    plays = numbers.plays if numbers else 0
    title = spelling if len(spelling) == len("2024") else month(_first(spelling))
    return YearView(
        deck=deck,
        title=title,
        sentence=_sentence(report, title, plays),
        stats=(
            (say("Plays"), number(plays)),
            (say("Time heard"), hours_and_minutes(numbers.listened_ms if numbers else 0)),
            (say("Tracks"), number(numbers.tracks if numbers else 0)),
            (say("Artists"), number(numbers.artists if numbers else 0)),
        ),
        before=_beside(spelling, -1),
        after=_beside(spelling, 1),
        months=tuple((f"/year/{spelling}-{one:02d}", name) for one, name in enumerate(months(), 1)) if len(spelling) == 4 else (),
        lists=(*_tops(report), *(one for one in lists_of(found) if one.id != "lost")) if plays else (),
        figures=tuple(one for one in (days_figure(report), hours_figure(report)) if one is not None) if plays else (),
        moments=moments_of(found, zone),
        share=f"/shares?range={spelling}",
        is_empty=not plays,
    )


def _sentence(report: Report, title: str, plays: int) -> Markup:
    if not plays:
        return say_html("Nothing of {time} is in your archive.", time=title)
    if not report.artists:
        return say_many_html(plays, "{time} was <em>{n} play</em>.", "{time} was <em>{n} plays</em>.", time=title)
    return say_many_html(
        plays,
        "{time} was <em>{n} play</em>, and <em>{artist}</em> more than anybody.",
        "{time} was <em>{n} plays</em>, and <em>{artist}</em> more than anybody.",
        time=title,
        artist=report.artists[0].name,
    )


def _tops(report: Report) -> tuple[TopList, ...]:
    named = (
        ("tracks", say("Tracks"), report.tracks),
        ("artists", say("Artists"), report.artists),
        ("albums", say("Albums"), report.albums),
    )
    return tuple(TopList(kind, title, _items(items)) for kind, title, items in named if items)


def _items(items: Sequence[Item]) -> tuple[ListItem, ...]:
    return tuple(_item(place, one, items[0].plays) for place, one in enumerate(items))


def _item(place: int, one: Item, most: int) -> ListItem:
    return ListItem(one.name, one.by, Art(None, sleeve(place)), number(one.plays), None, bar(one.plays / most * 100), one.link)


def _first(spelling: str) -> date:
    return date(int(spelling[:4]), int(spelling[5:7]) if len(spelling) > 4 else 1, 1)


def _beside(spelling: str, step: int) -> tuple[str, str]:
    """Address and name of the year or month before or after."""
    first = _first(spelling)
    if len(spelling) == 4:
        return f"/year/{first.year + step}", str(first.year + step)
    other = (first - timedelta(days=1)) if step < 0 else (first + timedelta(days=31))
    return f"/year/{other.year}-{other.month:02d}", month(other)
