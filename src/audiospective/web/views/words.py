"""Numbers, dates and times in words, in the language that is spoken and as its country writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeVar

import msgspec
from markupsafe import Markup

from audiospective.infra.language import number, say, say_html, say_many, spoken
from audiospective.infra.written import long_day, percent, span, written

__all__ = ["long_day", "number", "percent", "span"]

T = TypeVar("T")


class Delta(msgspec.Struct, frozen=True):
    """A change: `direction` is up, down, same or new; `words` without sign, "" for same and new."""

    direction: str
    words: str


def counted(value: int, one: str, many: str) -> str:
    """1 play, 12,345 plays; the same as `say_many` with {n} before the word."""
    return f"{number(value)} {one if value == 1 else many}"


def whole_day(day: date) -> str:
    """Sunday, 22 November 2026."""
    return written("full", day)


def short_day(day: date) -> str:
    """22 Nov."""
    return written("short", day)


def weekday_and_day(day: date) -> str:
    """Sun, 22 Nov."""
    return written("weekday", day)


def month(day: date) -> str:
    """November 2026."""
    return written("month", day)


def short_month(day: date) -> str:
    """Nov 2026."""
    return written("short month", day)


def months() -> tuple[str, ...]:
    """Jan to Dec."""
    names = spoken().locale.months["stand-alone"]["abbreviated"]
    return tuple(names[place] for place in range(1, 13))


def weekday(day: int) -> str:
    """Monday; 0 is Monday in every language."""
    return str(spoken().locale.days["format"]["wide"][day])


def short_weekday(day: int) -> str:
    """Mon."""
    return str(spoken().locale.days["stand-alone"]["abbreviated"][day])


def in_weeks_order(monday_first: Sequence[T]) -> tuple[T, ...]:
    """Seven of something as weeks go where this language is spoken: Sunday first in the United States and Japan."""
    first = spoken().first_weekday
    return (*monday_first[first:], *monday_first[:first])


def hour(at: int) -> str:
    """22:00, or 10 PM where clocks have twelve hours."""
    return of_time(time(at))


def of_time(at: time | datetime) -> str:
    """21:40, or 9:40 PM."""
    shown = at.time() if isinstance(at, datetime) else at
    return written("time", shown.replace(second=0, microsecond=0, tzinfo=None))


def clock(local: datetime, today: date) -> str:
    """21:40 today, Sun 21:40 within a week, else 22 Nov, with its year unless it is this one."""
    gone = (today - local.date()).days
    if gone == 0:
        return of_time(local)
    if 0 < gone < 7:
        return f"{short_weekday(local.weekday())} {of_time(local)}"
    return short_day(local.date()) if local.year == today.year else written("medium", local.date())


def day_and_time(local: datetime) -> str:
    """22 Nov 2026, 21:40."""
    day = written("medium", local.date())
    return say("{day}, {time}", day=day, time=of_time(local))


def hours_and_minutes(ms: int) -> Markup:
    """15 h 54 min, units small; from a hundred hours on without minutes."""
    hours, minutes = divmod(round(ms / 60_000), 60)
    if hours >= 100:
        return say_html("{hours}<small> h</small>", hours=number(hours))
    if hours:
        return say_html("{hours}<small> h </small>{minutes}<small> min</small>", hours=hours, minutes=minutes)
    return say_html("{minutes}<small> min</small>", minutes=minutes)


def length(ms: int) -> str:
    """3 h 05 min, in a sentence."""
    hours, minutes = divmod(round(ms / 60_000), 60)
    return say("{hours} h {minutes} min", hours=number(hours), minutes=f"{minutes:02}") if hours else say("{minutes} min", minutes=minutes)


def minutes(count: int) -> str:
    """12 min."""
    return say("{minutes} min", minutes=number(count))


def ago(then: datetime, now: datetime) -> str:
    """Just now, 12 min ago, 3 h ago, 5 days ago."""
    gone = max(now - then, timedelta(0))
    if gone < timedelta(minutes=1):
        return say("just now")
    if gone < timedelta(hours=1):
        return say("{minutes} min ago", minutes=gone // timedelta(minutes=1))
    if gone < timedelta(days=2):
        return say("{hours} h ago", hours=gone // timedelta(hours=1))
    return say_many(gone.days, "{n} day ago", "{n} days ago")


def country(code: str) -> str:
    """Portugal for PT; the code itself where it isn't known."""
    return str(spoken().locale.territories.get(code, code))


def listed(names: Sequence[str]) -> str:
    """A, B and C."""
    return written("list", tuple(names))


def percent_change(now: float, before: float) -> Delta:
    """Change in per cent; "new" where there was nothing before."""
    if not before:
        return Delta("new" if now else "same", "")
    change = round((now - before) / before * 100)
    return Delta(_direction(change), percent(abs(change)) if change else "")


def signed(value: int | None, unit: Callable[[int], str] = number) -> Delta:
    """A difference as a change, its size written by `unit`; None is new."""
    if value is None:
        return Delta("new", "")
    return Delta(_direction(value), unit(abs(value)) if value else "")


def _direction(change: int) -> str:
    return "same" if not change else "up" if change > 0 else "down"
