"""A range of local days and its spelling (contract: `1d 7d 30d 90d 365d all 2024 2024-03 2024-01-01..2024-03-31`)."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta

import msgspec

from audiospective.errors import Invalid
from audiospective.insights.zones import Zone

_DAYS = re.compile(r"(1|7|30|90|365)d", re.ASCII)
_YEAR = re.compile(r"(\d{4})", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", re.ASCII)
#: Nothing recorded was played before, and a calendar's own ends are out of reach from here.
YEARS = range(1900, 3000)
_RIGHT = "use 1d, 7d, 30d, 90d, 365d, all, a year (2024), a month (2024-03) or days (2024-01-01..2024-03-31)"


class Period(msgspec.Struct, frozen=True):
    """Inclusive local days; both None for everything."""

    spelling: str
    first_day: date | None
    last_day: date | None

    @property
    def days(self) -> int | None:
        """How many days; None for everything."""
        return None if self.first_day is None or self.last_day is None else (self.last_day - self.first_day).days + 1

    def previous(self) -> Period | None:
        """What it is compared with: the year or month before, else as many days before; None for everything."""
        if self.first_day is None or self.last_day is None:
            return None
        last = self.first_day - timedelta(days=1)
        if _YEAR.fullmatch(self.spelling):
            return of_days(date(last.year, 1, 1), last)
        if _MONTH.fullmatch(self.spelling):
            return of_days(last.replace(day=1), last)
        return of_days(self.first_day - (self.last_day - self.first_day) - timedelta(days=1), last)


def of_days(first: date, last: date) -> Period:
    """The period from one day to another, both within."""
    return Period(f"{first}..{last}", first, last)


def parse(spelling: str, now: datetime, zone: Zone) -> Period:
    """The period that is meant; `7d` is today and the six days before. Raises Invalid(field="range")."""
    if spelling == "all":
        return Period("all", None, None)
    today = zone.today(now)
    if days := _DAYS.fullmatch(spelling):
        return Period(spelling, today - timedelta(days=int(days[1]) - 1), today)
    try:
        found = _calendar(spelling)
    except (ValueError, OverflowError) as error:
        raise Invalid(f"“{spelling[:60]}” isn't a range: {_RIGHT}.", field="range") from error
    if found.first_day.year not in YEARS or found.last_day.year not in YEARS:
        raise Invalid(f"“{spelling[:60]}” is out of reach: a range lies within the years 1900 to 2999.", field="range")
    return Period(spelling, found.first_day, found.last_day)


class _Days(msgspec.Struct, frozen=True):
    first_day: date
    last_day: date


def _calendar(spelling: str) -> _Days:
    if year := _YEAR.fullmatch(spelling):
        return _Days(date(int(year[1]), 1, 1), date(int(year[1]), 12, 31))
    if month := _MONTH.fullmatch(spelling):
        first = date(int(month[1]), int(month[2]), 1)
        return _Days(first, first.replace(day=calendar.monthrange(first.year, first.month)[1]))
    if span := _SPAN.fullmatch(spelling):
        first, last = date.fromisoformat(span[1]), date.fromisoformat(span[2])
        if first <= last:
            return _Days(first, last)
    raise ValueError(spelling)
