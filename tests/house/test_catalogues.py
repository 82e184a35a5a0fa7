"""Catalogues lack nothing: every text of the code is told in each language, with the holes and tags that it has."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Catalog, Message

from scripts import catalogues

_HOLE = re.compile(r"\{\w+\}|%\(\w+\)s|</?[a-z]+")


@pytest.fixture(scope="module")
def texts() -> set[object]:
    """Every text of the code, read once for all languages."""
    return {message.id for message in catalogues.texts()}


@pytest.mark.parametrize("name", catalogues.LANGUAGES)
def test_every_text_of_the_code_is_told_and_no_other(name: str, texts: set[object]) -> None:
    told = catalogues.catalogue(name)
    assert {message.id for message in told} == texts, "run `make words`, then tell what it lists"
    assert [message.id for message in catalogues.untold(told)] == []
    assert [message.id for message in told if message.fuzzy] == []


@pytest.mark.parametrize("name", catalogues.LANGUAGES)
def test_a_translation_fills_in_and_marks_up_what_its_text_does(name: str) -> None:
    assert [message.id for message in catalogues.catalogue(name) if message.id and not is_alike(message)] == []


def is_alike(message: Message) -> bool:
    """Whether all forms have the holes and tags of one of the text's forms."""
    allowed = [sorted(_HOLE.findall(text)) for text in _forms(message.id)]
    return all(sorted(_HOLE.findall(form)) in allowed for form in _forms(message.string))


def _forms(text: object) -> list[str]:
    return [str(form) for form in text] if isinstance(text, list | tuple) else [str(text)]


def test_a_text_that_is_new_is_missed() -> None:
    catalogue = Catalog(locale="de")
    catalogue.add("Help", "Hilfe")
    catalogue.add("New text")
    catalogue.add(("{n} day", "{n} days"), ("{n} Tag", ""))
    assert [message.id for message in catalogues.untold(catalogue)] == ["New text", ("{n} day", "{n} days")]
