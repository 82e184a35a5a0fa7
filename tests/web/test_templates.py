"""Every page in every state: nothing is left undefined, nothing hostile gets in, nothing needs what the CSP forbids."""

from __future__ import annotations

import gzip
import itertools
import re
from functools import cache
from html.parser import HTMLParser

import pytest

from audiospective.web.rendering import TEMPLATES
from tests.web.sample import HOSTILE, Sample, rendered, samples

SAMPLES = list(samples())
_VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
#: Whose end may be left out, or that have none in SVG.
_OPEN_ENDED = frozenset(["option", "circle", "path", "rect", "line"])


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._open: list[str] = []
        self.crossed: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID | _OPEN_ENDED:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _OPEN_ENDED and (not self._open or self._open.pop() != tag):
            self.crossed.append(tag)

    def all(self, *names: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag in names]

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]


@cache
def read(name: str) -> Page:
    """The page of a sample, parsed once for all tests."""
    return Page(rendered(next(sample for sample in SAMPLES if sample.name == name)))


pytestmark = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)


def test_elements_end_where_they_began(sample: Sample) -> None:
    page = read(sample.name)
    assert (page.crossed, page._open) == ([], [])


def test_nothing_is_inline_that_the_policy_forbids(sample: Sample) -> None:
    page = read(sample.name)
    assert page.all("style") == []
    assert [one for one in page.all("script") if "src" not in one] == []
    assert [name for _, attributes in page.tags for name in attributes if name == "style" or name.startswith("on")] == []


def test_words_of_others_stay_words(sample: Sample) -> None:
    assert HOSTILE not in rendered(sample)


def test_there_is_one_heading_above_all_and_none_is_skipped(sample: Sample) -> None:
    levels = [int(tag[1]) for tag, _ in read(sample.name).tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_reference_within_the_page_leads_somewhere(sample: Sample) -> None:
    page = read(sample.name)
    names = page.values("id")
    assert len(names) == len(set(names))
    wanted = [
        name for kind in ("aria-labelledby", "aria-describedby", "for", "list") for value in page.values(kind) for name in value.split()
    ]
    wanted += [href[1:] for href in page.values("href") if href.startswith("#")]
    assert [name for name in wanted if name not in names] == []


def test_every_form_carries_its_token(sample: Sample) -> None:
    page = read(sample.name)
    posting = [one for one in page.all("form") if one.get("method") == "post"]
    assert len([one for one in page.all("input") if one.get("name") == "form_token"]) == len(posting)


def test_pictures_have_a_word_or_say_that_they_need_none(sample: Sample) -> None:
    page = read(sample.name)
    assert [one for one in page.all("img") if "alt" not in one] == []
    assert [one for one in page.all("svg") if one.get("class", "").startswith("chart ") and not one.get("aria-label")] == []


def test_only_spotify_is_linked_outside(sample: Sample) -> None:
    outside = {re.sub(r"^https?://([^/]+).*", r"\1", href) for href in read(sample.name).values("href") if "//" in href}
    assert outside <= {"open.spotify.com", "www.spotify.com", "developer.spotify.com"}


def test_names_are_attributed_to_spotify(sample: Sample) -> None:
    assert 'Names and artwork from <a href="https://open.spotify.com"' in rendered(sample)


def test_every_template_is_looked_at(sample: Sample) -> None:
    pages = {path.relative_to(TEMPLATES).as_posix() for path in (TEMPLATES / "pages").glob("*.html")}
    assert pages - {one.template for one in SAMPLES} <= {"pages/dashboard_empty.html"}, "included by dashboard.html"


def test_pages_are_light_on_the_wire(sample: Sample) -> None:
    assert len(gzip.compress(rendered(sample).encode())) < 40_000


def test_an_artist_is_somebody(sample: Sample) -> None:
    said = "All their plays" if sample.name == "entity-artist" else "All its plays"
    assert (said in rendered(sample)) == sample.template.endswith("/entity.html")
