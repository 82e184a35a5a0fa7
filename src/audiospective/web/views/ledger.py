"""How complete an archive is, in words and as a strip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from audiospective.insights.completeness import Completeness, Missing
from audiospective.insights.zones import Zone
from audiospective.reports.completeness import SENTENCES
from audiospective.web.charts.strip import strip
from audiospective.web.views.words import counted, long_day, number

#: The largest losses are shown; the API has them all.
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class GapView:
    """A gap as a row."""

    when: str
    why: str
    lost: str


@dataclass(frozen=True, slots=True)
class LedgerView:
    """`title` is the answer in a sentence; `note` says what would help, "" where nothing is missing."""

    title: str
    note: str
    strip: Markup
    gaps: tuple[GapView, ...]
    more: str


def proven_words(found: Completeness) -> str:
    """98.7 % proven; "" where there is nothing to prove, or nothing that could."""
    return f"{number(found.percent)} % proven" if found.proven else ""


def ledger_view(found: Completeness, zone: Zone) -> LedgerView | None:
    """None where nothing was heard or asked for."""
    if found.bounds is None:
        return None
    begin, end = (zone.local(moment).date() for moment in found.bounds)
    title = f"{number(found.percent)} % of the time since {long_day(begin)} is proven"
    largest = sorted(found.missing, key=lambda one: (-one.likely_lost, one.stretch))[:_SHOWN]
    return LedgerView(
        title=title if found.missing else f"Nothing is missing since {long_day(begin)}",
        note=_note(found),
        strip=strip(_parts(found), long_day(begin), long_day(end), f"{title}; {counted(len(found.missing), 'gap', 'gaps')}"),
        gaps=tuple(_gap(one, zone) for one in sorted(largest, key=lambda one: one.stretch)),
        more=f"The {_SHOWN} largest of {number(len(found.missing))}; the API has them all." if len(found.missing) > _SHOWN else "",
    )


def _note(found: Completeness) -> str:
    if not found.missing:
        return "Each answer of Spotify’s overlapped the one before, or an official export covers the time."
    lost = (
        f"About {counted(found.likely_lost, 'play', 'plays')} are missing."
        if found.likely_lost
        else "How many plays are missing isn’t known."
    )
    return f"{lost} Spotify’s extended history, asked for today, would close every gap up to then."


def _parts(found: Completeness) -> Sequence[tuple[float, float]]:
    if found.bounds is None:
        return []
    whole = found.bounds.length
    return [((one.stretch.from_at - found.bounds.from_at) / whole * 100, one.stretch.length / whole * 100) for one in found.missing]


def _gap(one: Missing, zone: Zone) -> GapView:
    first, last = (zone.local(moment) for moment in one.stretch)
    return GapView(_span(first, last), SENTENCES[one.reason], f"about {number(one.likely_lost)}")


def _span(first: datetime, last: datetime) -> str:
    if first.date() == last.date():
        return f"{long_day(first.date())}, {first:%H:%M}–{last:%H:%M}"
    return f"{long_day(first.date())}, {first:%H:%M} – {long_day(last.date())}, {last:%H:%M}"
