"""Languages: which is wanted, and what is said in it."""

from __future__ import annotations

from datetime import date, time
from functools import lru_cache

import pytest
from babel import localedata
from markupsafe import Markup

from audiospective.infra.language import (
    CHOICES,
    ENGLISH,
    Language,
    _language,
    language,
    number,
    say,
    say_html,
    say_many,
    speaking,
    spoken,
    wanted,
)
from audiospective.infra.written import unbroken
from audiospective.web.views import words


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("", "en-GB"),
        ("de", "de-DE"),
        ("de-AT,de;q=0.9,en;q=0.8", "de-AT"),
        ("fr-FR, es;q=0.5, en;q=0.7", "en-GB"),
        ("en-US,en;q=0.5", "en-US"),
        ("ja", "ja-JP"),
        ("zh-Hant-TW, ko", "en-GB"),
        ("de-XX", "de-DE"),
        ("de;q=0, es", "es-ES"),
        ("de;q=nonsense;;,,%00", "en-GB"),
        ("*", "en-GB"),
        ("," * 100_000, "en-GB"),
    ],
)
def test_the_browsers_first_wish_that_is_spoken_here_is_granted(header: str, tag: str) -> None:
    assert wanted(header).tag == tag


@pytest.mark.parametrize("tag", CHOICES)
def test_every_choice_is_spoken(tag: str) -> None:
    found = language(tag)
    assert found is not None
    assert (found.tag, found.direction) == (tag, "ltr")


def test_what_isnt_spoken_is_none() -> None:
    assert [language(tag) for tag in ("", "fr", "tlh-KL", "de-DE-1996-x", "../../etc")] == [None] * 5


def test_numbers_plurals_and_values_are_written_as_the_language_does() -> None:
    told = {}
    for tag in ("en-GB", "de-DE", "es-ES", "ja-JP"):
        found = language(tag)
        assert found is not None
        with speaking(found):
            told[tag] = (number(12_345.5), say_many(1, "{n} day ago", "{n} days ago"), say_many(12_345, "{n} day ago", "{n} days ago"))
    assert told == {
        "en-GB": ("12,345.5", "1 day ago", "12,345 days ago"),
        "de-DE": ("12.345,5", "vor 1 Tag", "vor 12.345 Tagen"),
        "es-ES": ("12.345,5", "hace 1 día", "hace 12.345 días"),
        "ja-JP": ("12,345.5", "1日前", "12,345日前"),
    }


def test_values_in_texts_with_tags_are_escaped() -> None:
    assert say_html("{minutes}<small> min</small>", minutes="<b>") == "&lt;b&gt;<small> min</small>"


def test_one_request_never_speaks_for_another() -> None:
    german = language("de")
    assert german is not None
    with speaking(german):
        assert say("Help") == "Hilfe"
    assert (say("Help"), spoken()) == ("Help", ENGLISH)


@pytest.mark.parametrize(
    ("tag", "days", "long", "at"),
    [
        ("en-GB", "Mon", "22 November 2026", "21:40"),
        ("en-US", "Sun", "November 22, 2026", "9:40\u202fPM"),
        ("de-DE", "Mo", "22. November 2026", "21:40"),
        ("es-ES", "lun", "22 de noviembre de 2026", "21:40"),
        ("ja-JP", "日", "2026年11月22日", "21:40"),
    ],
)
def test_weeks_days_and_clocks_are_those_of_the_country(tag: str, days: str, long: str, at: str) -> None:
    found = language(tag)
    assert found is not None
    with speaking(found):
        week = words.in_weeks_order([words.short_weekday(day) for day in range(7)])
        assert (week[0], words.long_day(date(2026, 11, 22)), words.of_time(time(21, 40))) == (days, long, at)


@pytest.mark.parametrize("order", [1, -1])
def test_what_was_spoken_before_changes_no_language(order: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(*tags: str) -> list[str]:
        monkeypatch.setattr(localedata, "_cache", {})
        of_a_new_process = lru_cache(_language.__wrapped__)
        return [_names_in(of_a_new_process(tag)) for tag in tags]

    tags = (*CHOICES, "es-MX", "de-AT")[::order]  # each before each other
    assert told(*tags) == [told(tag)[0] for tag in tags]


def _names_in(spoken_now: Language) -> str:
    with speaking(spoken_now):
        days = [(words.weekday(day), words.short_weekday(day), words.whole_day(date(2026, 3, 2 + day))) for day in range(7)]
        return f"{words.months()} {days} {[words.month(date(2026, month, 1)) for month in range(1, 13)]}"


def test_a_share_has_one_decimal_however_it_was_computed() -> None:
    assert [words.percent(round(tenths / 1000 * 100, 1)) for tenths in range(1_000)] == [f"{tenths / 10:g}%" for tenths in range(1_000)]


@pytest.mark.parametrize(
    ("tag", "said", "shown"),
    [
        ("en-GB", "412 plays between 19 June and 2 July 2024.", "412 plays between 19~June and 2~July 2024."),
        ("en-US", "412 plays between June 19 and July 2, 2024.", "412 plays between June~19 and July~2, 2024."),
        ("de-DE", "Mittwoch, 19. Juni 2024, und vom 2. bis 9. Sept.", "Mittwoch, 19.~Juni 2024, und vom 2. bis 9.~Sept."),
        ("es-ES", "Del 19 de junio de 2024 al 2 jul", "Del 19~de~junio de 2024 al 2~jul"),
        ("ja-JP", "2024年6月19日 水曜日", "2024年6月19日 水曜日"),
        ("en-GB", "In June 2024: 12 tracks, 3 % more, 119 Marching songs", "In June 2024: 12 tracks, 3 % more, 119 Marching songs"),
    ],
)
def test_a_heading_does_not_end_a_line_between_a_day_and_its_month(tag: str, said: str, shown: str) -> None:
    found = language(tag)
    assert found is not None
    with speaking(found):
        assert unbroken(said) == shown.replace("~", "\N{NO-BREAK SPACE}")
        assert isinstance(unbroken(Markup("<b>{}</b>").format(said)), Markup)
        assert "\N{NO-BREAK SPACE}" in unbroken(words.whole_day(date(2024, 6, 19))) + "\N{NO-BREAK SPACE}" * (tag == "ja-JP")


def test_a_sentence_that_ends_with_a_short_word_has_one_full_stop() -> None:
    german = language("de")
    assert german is not None
    with speaking(german):
        assert say("The busiest was {day}.", day=words.weekday_and_day(date(2026, 10, 15))).endswith("15. Okt.")
        assert "Okt.</b>" in say_html("Most on <b>{time}</b>.", time="15. Okt.")
        assert not say_html("Most on <b>{time}</b>.", time="15. Okt.").endswith(".")
    assert say("Most of all {name}.", name="Tide") == "Most of all Tide."
    assert say_many(2, "{n} play by {name}.", "{n} plays by {name}.", name="The Band Jr.") == "2 plays by The Band Jr."
