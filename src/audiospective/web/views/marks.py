"""What every range says of itself: its days, how much of it is proven, and what is left out of its numbers."""

from __future__ import annotations

from datetime import date

import msgspec
from markupsafe import Markup

from audiospective.infra.language import say, say_many
from audiospective.insights.completeness import Completeness
from audiospective.insights.lens import Lens
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone
from audiospective.web.charts.strip import thin
from audiospective.web.views.ledger import proven_words
from audiospective.web.views.words import long_day, number, span


class Marks(msgspec.Struct, frozen=True):
    """`days` in words, `zone` of the clock, `proven` (98.7 % proven) with its strip, and `lens`: what is left out; each "" for nothing."""

    days: str
    zone: str
    proven: str
    strip: Markup
    lens: str


def marks_of(period: Period, first_day: date | None, zone: Zone, complete: Completeness, lens: Lens) -> Marks:
    """What a range says of itself; `first_day` is the archive's."""
    return Marks(
        days=_days(period, first_day),
        zone=say("{place} time", place=zone.current.rpartition("/")[2].replace("_", " ")),
        proven=proven_words(complete),
        strip=thin(parts_of(complete), proven_words(complete)) if complete.proven else Markup(""),
        lens=lens_words(lens),
    )


def parts_of(found: Completeness) -> list[tuple[float, float]]:
    """What is missing, in per cent of the range: (begin, width), in order."""
    if found.bounds is None:
        return []
    whole = found.bounds.length
    return [((one.stretch.from_at - found.bounds.from_at) / whole * 100, one.stretch.length / whole * 100) for one in found.missing]


def lens_words(lens: Lens) -> str:
    """What is left out of the numbers; "" under the usual lens."""
    said = [say("from {seconds} s on", seconds=number(lens.min_ms // 1000))] if lens.min_ms != Lens().min_ms else []
    said += [say_many(lens.leaves_out, "{n} thing left out", "{n} things left out")] if lens.leaves_out else []
    return " · ".join(said)


def _days(period: Period, first_day: date | None) -> str:
    if period.first_day and period.last_day:
        return span(period.first_day, period.last_day)
    return say("Since {day}", day=long_day(first_day)) if first_day else ""
