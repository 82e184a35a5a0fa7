"""How complete an archive is, in words and as a strip."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from markupsafe import Markup

from audiospective.infra.language import say, say_many
from audiospective.insights.completeness import Completeness, Missing
from audiospective.insights.zones import Zone
from audiospective.reports.completeness import SENTENCES
from audiospective.web.charts.strip import strip
from audiospective.web.retold import retold
from audiospective.web.views.words import day_and_time, long_day, number, of_time, percent

#: The largest losses are shown; the API has them all.
_SHOWN = 50


class GapView(msgspec.Struct, frozen=True):
    """A gap as a row."""

    when: str
    why: str
    lost: str


class LedgerView(msgspec.Struct, frozen=True):
    """`title` is the answer in a sentence; `note` says what would help, "" where nothing is missing."""

    title: str
    note: str
    strip: Markup
    gaps: tuple[GapView, ...]
    more: str


def proven_words(found: Completeness) -> str:
    """98.7 % proven; "" where there is nothing to prove, or nothing that could."""
    return say("{share} proven", share=percent(found.percent)) if found.proven else ""


def ledger_view(found: Completeness, zone: Zone) -> LedgerView | None:
    """None where nothing was heard or asked for."""
    if found.bounds is None:
        return None
    begin, end = (zone.local(moment).date() for moment in found.bounds)
    since = long_day(begin)
    title = say("{share} of the time since {day} is proven", share=percent(found.percent), day=since)
    gaps = say_many(len(found.missing), "{n} gap", "{n} gaps")
    largest = sorted(found.missing, key=lambda one: (-one.likely_lost, one.stretch))[:_SHOWN]
    return LedgerView(
        title=title if found.missing else say("Nothing is missing since {day}", day=since),
        note=_note(found),
        strip=strip(_parts(found), since, long_day(end), f"{title}; {gaps}"),
        gaps=tuple(_gap(one, zone) for one in sorted(largest, key=lambda one: one.stretch)),
        more=say("The {shown} largest of {count}; the API has them all.", shown=_SHOWN, count=number(len(found.missing)))
        if len(found.missing) > _SHOWN
        else "",
    )


def _note(found: Completeness) -> str:
    if not found.missing:
        return say("Each answer of Spotify’s overlapped the one before, or an official export covers the time.")
    lost = (
        say_many(found.likely_lost, "About {n} play is missing.", "About {n} plays are missing.")
        if found.likely_lost
        else say("How many plays are missing isn’t known.")
    )
    help_ = say("Spotify’s extended history, asked for today, would close every gap up to then.")
    return f"{lost} {help_}"


def _parts(found: Completeness) -> Sequence[tuple[float, float]]:
    if found.bounds is None:
        return []
    whole = found.bounds.length
    return [((one.stretch.from_at - found.bounds.from_at) / whole * 100, one.stretch.length / whole * 100) for one in found.missing]


def _gap(one: Missing, zone: Zone) -> GapView:
    first, last = (zone.local(moment) for moment in one.stretch)
    return GapView(_span(first, last), retold(SENTENCES[one.reason]), say("about {count}", count=number(one.likely_lost)))


def _span(first: datetime, last: datetime) -> str:
    if first.date() == last.date():
        return f"{day_and_time(first)}–{of_time(last)}"
    return f"{day_and_time(first)} – {day_and_time(last)}"
