"""Every page in every state: nothing is left undefined, nothing hostile gets in, nothing needs what the CSP forbids."""

from __future__ import annotations

import gzip
import itertools
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser

from audiospective.web.rendering import TEMPLATES
from tests.web.sample import HOSTILE, rendered, samples

_VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
#: Whose end may be left out, or that have none in SVG.
_OPEN_ENDED = frozenset(["option", "circle", "path", "rect", "line"])


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.left_open: list[str] = []
        self.crossed: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID | _OPEN_ENDED:
            self.left_open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _OPEN_ENDED and (not self.left_open or self.left_open.pop() != tag):
            self.crossed.append(tag)

    def all(self, *names: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag in names]

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]


@cache
def pages() -> dict[str, tuple[str, Page]]:
    """What a browser gets, and what it is made of, by the sample's name."""
    return {one.name: (html := rendered(one), Page(html)) for one in samples()}


def wrong(found: Callable[[Page], object]) -> dict[str, object]:
    """What is found where nothing must be, by the page's name."""
    assert len(pages()) > 90
    return {name: told for name, (_, page) in pages().items() if (told := found(page))}


def test_elements_end_where_they_began() -> None:
    assert wrong(lambda page: page.crossed + page.left_open) == {}


def test_nothing_is_inline_that_the_policy_forbids() -> None:
    assert wrong(lambda page: page.all("style") + [one for one in page.all("script") if "src" not in one]) == {}
    assert wrong(lambda page: [name for _, told in page.tags for name in told if name == "style" or name.startswith("on")]) == {}


def test_words_of_others_stay_words() -> None:
    assert [name for name, (html, _) in pages().items() if HOSTILE in html] == []


def test_there_is_one_heading_above_all_and_none_is_skipped() -> None:
    def odd(page: Page) -> list[int]:
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
        is_even = levels.count(1) == 1 and all(after <= before + 1 for before, after in itertools.pairwise(levels))
        return [] if is_even else levels

    assert wrong(odd) == {}


def test_every_name_within_a_page_is_given_once() -> None:
    assert wrong(lambda page: [name for name, times in Counter(page.values("id")).items() if times > 1]) == {}


def test_every_reference_within_a_page_leads_somewhere() -> None:
    def nowhere(page: Page) -> set[str]:
        kinds = ("aria-labelledby", "aria-describedby", "for", "list")
        wanted = {name for kind in kinds for value in page.values(kind) for name in value.split()}
        wanted |= {href[1:] for href in page.values("href") if href.startswith("#")}
        return wanted - set(page.values("id"))

    assert wrong(nowhere) == {}


def test_every_form_carries_its_token() -> None:
    def bare(page: Page) -> int:
        posting = [one for one in page.all("form") if one.get("method") == "post"]
        return len(posting) - len([one for one in page.all("input") if one.get("name") == "form_token"])

    assert wrong(bare) == {}


def test_pictures_have_a_word_or_say_that_they_need_none() -> None:
    assert wrong(lambda page: [one for one in page.all("img") if "alt" not in one]) == {}
    charts = [(name, one) for name, (_, page) in pages().items() for one in page.all("svg") if one.get("class", "").startswith("chart ")]
    assert len(charts) > 50
    assert [name for name, one in charts if not one.get("aria-label")] == []


def test_only_spotify_is_linked_outside() -> None:
    def outside(page: Page) -> set[str]:
        hosts = {re.sub(r"^https?://([^/]+).*", r"\1", href) for href in page.values("href") if "//" in href}
        return hosts - {"open.spotify.com", "www.spotify.com", "developer.spotify.com"}

    assert wrong(outside) == {}


def test_names_are_attributed_to_spotify() -> None:
    said = 'Names and artwork from <a href="https://open.spotify.com"'
    assert [name for name, (html, _) in pages().items() if said not in html] == []


def test_every_template_is_looked_at() -> None:
    there = {path.relative_to(TEMPLATES).as_posix() for path in (TEMPLATES / "pages").glob("*.html")}
    assert there - {one.template for one in samples()} <= {"pages/dashboard_empty.html"}, "included by dashboard.html"


def test_pages_are_light_on_the_wire() -> None:
    assert {name: size for name, (html, _) in pages().items() if (size := len(gzip.compress(html.encode()))) >= 40_000} == {}


def test_an_artist_is_somebody() -> None:
    said = {name: re.findall("All (?:its|their) plays", html) for name, (html, _) in pages().items()}
    things = {one.name for one in samples() if one.template.endswith("/entity.html")}
    assert {name for name, words in said.items() if words} == things
    assert {name for name, words in said.items() if "All their plays" in words} == {"entity-artist"}
    assert said["entity-artist"] == ["All their plays"]
