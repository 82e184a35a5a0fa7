"""Shares and days as the locale that is spoken writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Final

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_percent

from audiospective.infra.language import spoken


def percent(value: float) -> str:
    """36 % of a hundred, as the locale writes it."""
    return written("percent", value)


def long_day(day: date) -> str:
    """22 November 2026."""
    return written("long", day)


def span(first: date, last: date) -> str:
    """16–22 November 2026, as short as the two days allow."""
    if first == last:
        return long_day(first)
    return written("span", (first, last))


def unbroken(text: str) -> str:
    """The same text, whose lines don't end between a day and its month: for what is written large. Markup stays markup."""
    return type(text)(_day_and_month(spoken().locale).sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), str(text)))


@cache
def _day_and_month(locale: Locale) -> re.Pattern[str]:
    """22 November, 22. November, 22 de noviembre, November 22; a year may stand in the next line."""
    forms = [locale.months[form][width] for form in ("format", "stand-alone") for width in ("wide", "abbreviated")]
    names = sorted({str(name) for form in forms for name in form.values()}, key=len, reverse=True)
    months = "|".join(map(re.escape, names))
    return re.compile(rf"(?<!\d)\d{{1,2}}\.? (?:de )?(?:{months})(?!\w)|\b(?:{months}) \d{{1,2}}(?!\d)")


def written(form: str, what: Hashable) -> str:
    """What there is to write in one of the forms below, in the language that is spoken."""
    return _written(form, what, spoken().locale)


@lru_cache(maxsize=20_000)
def _written(form: str, what: Any, locale: Locale) -> str:
    """Kept, since a page has hundreds and CLDR takes 15 to 50 µs for each."""
    return str(_FORMS[form](what, locale))


_FORMS: Final[dict[str, Callable[[Any, Locale], object]]] = {
    "percent": lambda value, locale: format_percent(Decimal(str(value)) / 100, locale=locale, decimal_quantization=False),
    "long": lambda day, locale: format_date(day, "long", locale=locale),
    "full": lambda day, locale: format_date(day, "full", locale=locale),
    "medium": lambda day, locale: format_skeleton("yMMMd", day, locale=locale),
    "short": lambda day, locale: format_skeleton("MMMd", day, locale=locale),
    "weekday": lambda day, locale: format_skeleton("MMMEd", day, locale=locale),
    "month": lambda day, locale: format_skeleton("yMMMM", day, locale=locale),
    "short month": lambda day, locale: format_skeleton("yMMM", day, locale=locale),
    "time": lambda at, locale: format_time(at, "short", locale=locale),
    "span": lambda days, locale: format_interval(days[0], days[1], "yMMMMd", locale=locale),
    "list": lambda names, locale: format_list(list(names), locale=locale),
}
