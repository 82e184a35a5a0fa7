"""In which language? Texts by gettext, plurals by their rules, numbers and dates by locale.

Texts stand in the code in English; `locales/*.po` have the others. What people read goes through `say`, `say_many`, `say_html`,
`say_many_html`, or `{% trans %}` in a template; a text that stands apart from where it is said is `mark`ed. Programs, commands and logs
are told English, which is what everything is outside `speaking`.

The language belongs to the request that is being answered, and stands in a context variable; docs/decisions says why.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final

from babel import Locale, UnknownLocaleError, localedata
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup

LOCALES: Final = Path(__file__).parents[1] / "locales"

#: What people choose from, in its own words; the first is what everybody reads who hasn't chosen and whose browser doesn't say.
CHOICES: Final = {"en-GB": "English (UK)", "en-US": "English (US)", "de-DE": "Deutsch", "es-ES": "Español", "ja-JP": "日本語"}

#: The locale of a language of which no country is known.
_USUAL: Final = {tag.partition("-")[0]: tag for tag in reversed(CHOICES)}
_SOURCE: Final = "en"
#: A value with which a sentence ends.
_STOP: Final = re.compile(r"\{(\w+)\}(?:</\w+>)*\.")
_TAG: Final = re.compile(r"([a-z]{2})(?:-[a-z]{4})?(?:-([a-z]{2}))?", re.IGNORECASE)
_LONGEST_HEADER: Final = 500


@dataclass(frozen=True, slots=True)
class Language:
    """A language as it is written in a country: `tag` is en-GB, `locale` Babel's, for numbers and dates."""

    tag: str
    locale: Locale = field(compare=False)
    texts: NullTranslations = field(compare=False, repr=False)

    @property
    def spoken_there(self) -> str:
        """The language alone: en."""
        return self.tag.partition("-")[0]

    @property
    def direction(self) -> str:
        """Either ltr or rtl."""
        return str(self.locale.text_direction)

    @property
    def first_weekday(self) -> int:
        """With which day weeks begin; Monday is 0."""
        return int(self.locale.first_week_day)


def language(tag: str) -> Language | None:
    """The language of a tag such as de, de-AT or ja_JP; None for one that isn't spoken here."""
    found = _TAG.fullmatch(tag.replace("_", "-"))
    if found is None or found[1].lower() not in _USUAL:
        return None
    spoken, country = found[1].lower(), (found[2] or "").upper()
    return _language(f"{spoken}-{country}" if country else _USUAL[spoken])


def wanted(accept_language: str) -> Language:
    """What a browser asks for first among what is spoken here, else English."""
    weighed = []
    for place, one in enumerate(accept_language[:_LONGEST_HEADER].split(",")):
        tag, _, quality = one.strip().partition(";")
        weight = _weight(quality)
        if weight > 0:
            weighed.append((-weight, place, tag.strip()))
    return next((found for _, _, tag in sorted(weighed) if (found := language(tag))), ENGLISH)


@contextmanager
def speaking(now: Language) -> Iterator[None]:
    """Everything that is said within is said in this language."""
    before = _spoken.set(now)
    try:
        yield
    finally:
        _spoken.reset(before)


def speak(now: Language) -> None:
    """From here on, for the rest of what this task answers."""
    _spoken.set(now)


def spoken() -> Language:
    """What is being spoken."""
    return _spoken.get()


def mark(text: str) -> str:
    """This text is for the catalogues; `say` says it where it is needed."""
    return text


def mark_many(one: str, many: str) -> tuple[str, str]:
    """The same for a text with a plural; `say_many` says it."""
    return one, many


def say(text: str, /, **values: object) -> str:
    """The text in the language that is spoken, its {names} filled in."""
    told = gettext(text)
    return _to_end(told, values).format(**values) if values else told


def say_many(count: int, one: str, many: str, /, **values: object) -> str:
    """The form that fits so many; {n} is the number, written as the locale writes it unless it is given."""
    known = _with_number(count, values)
    return _to_end(ngettext(one, many, count), known).format(**known)


def say_html(text: str, /, **values: object) -> Markup:
    """The same for a text with tags of ours; the values are escaped."""
    return Markup(_to_end(gettext(text), values)).format(**values)  # noqa: S704 (catalogues are ours)


def say_many_html(count: int, one: str, many: str, /, **values: object) -> Markup:
    """The same for a text with tags of ours; the values are escaped."""
    known = _with_number(count, values)
    return Markup(_to_end(ngettext(one, many, count), known)).format(**known)  # noqa: S704 (catalogues are ours)


def _to_end(text: str, values: Mapping[str, object]) -> str:
    """The text without its full stop after a value that brings one, as “15. Okt.” and “58 Min.” do."""
    return _STOP.sub(lambda found: found[0][: -1 if str(values.get(found[1], "")).endswith(".") else None], text)


def gettext(text: str) -> str:
    """As templates call it."""
    return _spoken.get().texts.gettext(text) if text else ""


def ngettext(one: str, many: str, count: int) -> str:
    """As templates call it."""
    return _spoken.get().texts.ngettext(one, many, count)


def number(value: float) -> str:
    """12,345, or as the locale has it."""
    return _number(value, _spoken.get().locale)


@lru_cache(maxsize=20_000)
def _number(value: float, locale: Locale) -> str:
    """Kept, since a page has hundreds and CLDR takes 50 µs for each."""
    return str(format_decimal(value, locale=locale))


def _with_number(count: int, values: dict[str, object]) -> dict[str, object]:
    return {"n": number(count), **values}


def _weight(quality: str) -> float:
    """`q=0.8` → 0.8; nothing means 1, nonsense 0."""
    given = quality.strip().removeprefix("q=") or "1"
    return float(given) if re.fullmatch(r"[01](\.\d{0,3})?", given) else 0.0


@lru_cache(maxsize=128)
def _language(tag: str) -> Language:
    spoken_there = tag.partition("-")[0]
    try:
        locale = Locale.parse(tag, sep="-")
    except UnknownLocaleError:
        tag = _USUAL[spoken_there]
        locale = Locale.parse(tag, sep="-")
    _part(locale)
    return Language(tag, locale, _texts(spoken_there))


def _part(locale: Locale) -> None:
    """Give a locale data of its own: Babel lets all share what they inherit, and writes there what the one that asks first is told.

    Once a process had spoken Japanese, the months of its Spanish were Japanese.
    """
    data = localedata.load(str(locale))
    data.update(deepcopy(data))


@lru_cache(maxsize=8)
def catalogue(spoken_there: str) -> dict[str, str]:
    """Texts without a plural and how they are told; nothing for English."""
    if spoken_there == _SOURCE:
        return {}
    with (LOCALES / f"{spoken_there}.po").open("rb") as file:
        return {one.id: one.string for one in read_po(file) if isinstance(one.id, str) and one.id and isinstance(one.string, str)}


@lru_cache(maxsize=8)
def _texts(spoken_there: str) -> NullTranslations:
    """The catalogue, packed when it is first asked for, so that nothing compiled can be out of step."""
    if spoken_there == _SOURCE:
        return NullTranslations()
    packed = io.BytesIO()
    with (LOCALES / f"{spoken_there}.po").open("rb") as file:
        write_mo(packed, read_po(file, locale=spoken_there))
    packed.seek(0)
    return GNUTranslations(packed)


ENGLISH: Final = _language("en-GB")
_spoken: ContextVar[Language] = ContextVar("spoken", default=ENGLISH)
