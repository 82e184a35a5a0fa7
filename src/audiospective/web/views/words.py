"""Numbers, dates and plurals in words, by locale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal
from markupsafe import Markup

LOCALE = "en_GB"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Delta:
    """A change: `direction` is up, down, same or new; `words` without sign, "" for same and new."""

    direction: str
    words: str


@lru_cache(maxsize=20_000)
def number(value: float) -> str:
    """12,345. Kept, since a page has hundreds and CLDR takes 50 µs for each."""
    return format_decimal(value, locale=LOCALE)


def counted(value: int, one: str, many: str) -> str:
    """1 play, 12,345 plays."""
    return f"{number(value)} {one if value == 1 else many}"


def long_day(day: date) -> str:
    """22 November 2026."""
    return format_date(day, "d MMMM y", locale=LOCALE)


def short_day(day: date) -> str:
    """22 Nov."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def month(day: date) -> str:
    """November 2026."""
    return format_date(day, "MMMM y", locale=LOCALE)


def clock(local: datetime, today: date) -> str:
    """21:40 today, Sun 21:40 within a week, else 22 Nov."""
    gone = (today - local.date()).days
    if gone == 0:
        return f"{local:%H:%M}"
    return f"{WEEKDAYS[local.weekday()][:3]} {local:%H:%M}" if 0 < gone < 7 else short_day(local.date())


def span(first: date, last: date) -> str:
    """16–22 November 2026, as short as the two days allow."""
    if first == last:
        return long_day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{long_day(last)}"
    if first.year == last.year:
        return f"{format_date(first, 'd MMMM', locale=LOCALE)} – {long_day(last)}"
    return f"{long_day(first)} – {long_day(last)}"


def hours_and_minutes(ms: int) -> Markup:
    """15 h 54 min, units small; from a hundred hours on without minutes."""
    hours, minutes = divmod(round(ms / 60_000), 60)
    if hours >= 100:
        return Markup("{}<small> h</small>").format(number(hours))
    return (
        Markup("{}<small> h </small>{}<small> min</small>").format(hours, minutes)
        if hours
        else Markup("{}<small> min</small>").format(minutes)
    )


def ago(then: datetime, now: datetime) -> str:
    """Just now, 12 min ago, 3 h ago, 5 days ago."""
    gone = max(now - then, timedelta(0))
    if gone < timedelta(minutes=1):
        return "just now"
    if gone < timedelta(hours=1):
        return f"{gone // timedelta(minutes=1)} min ago"
    if gone < timedelta(days=2):
        return f"{gone // timedelta(hours=1)} h ago"
    return f"{gone.days} days ago"


def percent_change(now: float, before: float) -> Delta:
    """Change in per cent; "new" where there was nothing before."""
    if not before:
        return Delta("new" if now else "same", "")
    return signed(round((now - before) / before * 100), " %")


def signed(value: int | None, unit: str = "") -> Delta:
    """A difference as a change; None is new."""
    if value is None:
        return Delta("new", "")
    if value == 0:
        return Delta("same", "")
    return Delta("up" if value > 0 else "down", f"{number(abs(value))}{unit}")
