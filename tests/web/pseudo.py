"""A language that nobody speaks: every text that went through the catalogues is written in letters which English doesn't have."""

from __future__ import annotations

import ast
import re
from functools import cache
from gettext import NullTranslations
from html.parser import HTMLParser
from pathlib import Path

from babel import Locale

from audiospective.infra.language import Language

_KEPT = re.compile(r"(\{\w+\}|%\(\w+\)[sd]|%%|<[^>]*>|&\w+;)")
_LETTERS = str.maketrans("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "åƀçđéƒĝĥîĵķļɱñöþǫřšťûṽŵẋýžÅƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞǪŘŠŤÛṼŴẊÝŽ")
_ENGLISH = re.compile(r"[A-Za-z]{2,}")
_SHOWN = ("title", "alt", "placeholder", "aria-label", "aria-description")


class _Written(NullTranslations):
    def gettext(self, message: str) -> str:
        return "".join(part if _KEPT.fullmatch(part) else part.translate(_LETTERS) for part in _KEPT.split(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


#: Greek dates, so that a month in English is seen too.
PSEUDO = Language("el-GR", Locale.parse("el_GR"), _Written())
#: The same from right to left.
MIRRORED = Language("ar-EG", Locale.parse("ar_EG"), _Written())


class Text(HTMLParser):
    """What of a page is read or heard, but for names of people and things (<bdi>), code, and what says that it is in another language."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in {"bdi", "code", "script", "style", "datalist"} or (tag != "html" and "lang" in given) or self._silent:
            if tag not in {"input", "img", "meta", "link", "br", "option"} or (tag == "option" and "lang" in given):
                self._silent.append(tag)
        else:
            self.said += [given[name] for name in _SHOWN if name in given]
            self.said += [given["content"]] if (tag, given.get("name")) == ("meta", "description") else []
            self.said += [value for name, value in given.items() if name.startswith("data-") and " " in value]

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(data)


def in_english(page: str, names: frozenset[str]) -> list[str]:
    """What of a page in the pseudo-language is English still, but for what the samples made up and `names`, which are in no language."""
    texts = (_without_made_up(text) for text in Text(page).said)
    return [text.strip() for text in texts if set(_ENGLISH.findall(text)) - names]


@cache
def _made_up() -> tuple[str, ...]:
    """Names, titles and ready-made words of the samples, longest first; lower-case words alone are keys, not texts."""
    trees = (ast.parse(path.read_text("utf-8")) for path in Path(__file__).parent.glob("sample*.py"))
    found = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return tuple(sorted((text for text in found if re.search(r"[A-Z _.]|\W", text)), key=len, reverse=True))


def _without_made_up(text: str) -> str:
    if text.endswith("…") and any(one.startswith(text[:-1]) for one in _made_up()):  # a chart has no room for more of the name
        return ""
    for made_up in _made_up():
        text = text.replace(made_up, "")
    return text
