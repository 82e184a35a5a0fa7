"""Which days, and counted how: a row of usual ranges, the one before and after, two days, or a text; all say the same address."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode

import msgspec

from audiospective.infra.language import mark, say
from audiospective.insights.period import YEARS, Period, of_days
from audiospective.insights.top import By

_RANGES = (("7d", mark("7 days")), ("30d", mark("30 days")), ("90d", mark("90 days")), ("365d", mark("Year")), ("all", mark("All time")))
_WAYS = ((By.PLAYS, mark("By plays")), (By.TIME, mark("By time")))


class RangeLink(msgspec.Struct, frozen=True):
    """One step of the range picker."""

    label: str
    href: str
    is_current: bool


class RangePicker(msgspec.Struct, frozen=True):
    """`earlier` and `later` are addresses of as many days before and after, "" where there are none; `by` is kept by the forms.

    `path` is the page.
    """

    ranges: tuple[RangeLink, ...]
    ways: tuple[RangeLink, ...]
    earlier: str
    later: str
    spelling: str
    first: str
    last: str
    by: str
    path: str = "/dashboard"


def range_picker(period: Period, today: date, by: By, path: str = "/dashboard") -> RangePicker:
    """The picker that shows this period, counted so."""
    earlier, later = _beside(period, -1), _beside(period, 1)
    begins = later.first_day if later else None
    return RangePicker(
        ranges=tuple(RangeLink(say(label), _href(path, one, by), one == period.spelling) for one, label in _RANGES),
        ways=tuple(RangeLink(say(label), _href(path, period.spelling, one), one is by) for one, label in _WAYS),
        earlier=_href(path, earlier.spelling, by) if earlier else "",
        later=_href(path, later.spelling, by) if later and begins and begins <= today else "",
        spelling=period.spelling,
        first=str(period.first_day or ""),
        last=str(period.last_day or ""),
        by=by.value if by is not By.PLAYS else "",
        path=path,
    )


def _href(path: str, spelling: str, by: By) -> str:
    said = {"range": spelling} | ({"by": by.value} if by is not By.PLAYS else {})
    return f"{path}?{urlencode(said)}"


def _beside(period: Period, step: int) -> Period | None:
    """The year, month or so many days before or after; None for everything, and where ranges end."""
    found = _next(period, step)
    return (
        found if found and found.first_day and found.first_day.year in YEARS and found.last_day and found.last_day.year in YEARS else None
    )


def _next(period: Period, step: int) -> Period | None:
    if period.first_day is None or period.last_day is None:
        return None
    first, width = period.first_day, timedelta(days=period.days or 1)
    if len(period.spelling) == len("2024") and period.spelling.isdigit():
        year = date(first.year + step, 1, 1)
        return Period(str(year.year), year, year.replace(month=12, day=31))
    if len(period.spelling) == len("2024-03"):
        beside = (first + timedelta(days=31)).replace(day=1) if step > 0 else (first - timedelta(days=1)).replace(day=1)
        return Period(f"{beside}"[:7], beside, beside)
    return of_days(first + step * width, period.last_day + step * width)
