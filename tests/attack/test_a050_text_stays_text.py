"""A050, A051, A058, A061: whatever people and files call things, it is shown as text: on pages, in letters, in copies, in the log."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import httpx
import pytest

from audiospective.accounts import people
from audiospective.archive.catalog import ArtistCard
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.infra.database import fetch_all
from audiospective.infra.telemetry import configure_logging, get_logger
from audiospective.reports import letters
from audiospective.reports.digest import Digest, Named
from tests.archive.listens import EVENING, Heard, batch
from tests.web.site import Site

_PAYLOADS = (
    "<script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "</script><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</textarea><img src=x onerror=alert(1)>",
    "'\"><svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<base href=//evil.example>",
    "<link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<form action=//evil.example><button>",
    "' autofocus onfocus=alert(1) x='",
    '" onmouseover="alert(1)',
    "`${alert(1)}`",
    "{{ 7*7 }}",
    "{% raw %}{{ config }}{% endraw %}",
    "${7*7}",
    "<%= 7*7 %>",
    "#{7*7}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202egnp.exe\u202c",
    "<!--><script>alert(1)</script>-->",
    "]]><script>alert(1)</script>",
    "\u2028alert(1)\u2029",
    "<xmp><script>alert(1)</script></xmp>",
    "__proto__",
    "constructor",
)
_PAGES = ("/dashboard?range=all", "/history", "/settings", "/shares", "/insights", "/export")
_OTHERS = ("/notices", "/compare", "/digest/2026-03", "/imports")


#: Attributes that a browser follows.
_LEADING = frozenset({"href", "src", "action", "formaction", "xlink:href", "data", "poster", "background"})


class _Seen(HTMLParser):
    """What a browser would make of a page: elements that act, attributes that act."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.acting: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        for name, value in attrs:
            leads = name in _LEADING and (value or "").strip().lower().startswith(("javascript:", "//evil"))
            if name.startswith("on") or leads or name == "srcdoc":
                self.acting.append(f"{tag} {name}={value}")
        if tag in {"base", "iframe", "object", "embed", "math", "xmp", "animate"}:
            self.acting.append(tag)


def _acts(page: str) -> tuple[int, list[str]]:
    seen = _Seen()
    seen.feed(page)
    return seen.elements.count("script"), seen.acting


@pytest.fixture
async def hostile(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of somebody whose songs, artists and own name are all payloads."""
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        heard = [Heard(-place * 700, payload, 200_000, artist=payload) for place, payload in enumerate(_PAYLOADS)]
        await store(conn, [batch(person.id, Source.EXTENDED, *heard)])
        await people.set_preferences(conn, person.id, display_name=_PAYLOADS[1][:90])
    async with site.browser(**await site.session()) as client:
        yield client


async def test_nothing_of_it_acts_on_any_page(site: Site, hostile: httpx.AsyncClient) -> None:
    async with site.parts.db.reading() as conn:
        tracks = await fetch_all(conn, "SELECT id FROM tracks", int)
    for path in (*_PAGES, *_OTHERS, *(f"/track/{track}" for track in tracks[:8])):
        answer = await hostile.get(path)
        scripts, acting = _acts(answer.text)
        assert (path, answer.status_code, scripts, acting) == (path, 200, 1, [])
        assert "49" not in answer.text.partition("7*7")[0][-20:]


@pytest.mark.parametrize("payload", _PAYLOADS)
async def test_nothing_of_a_title_acts_on_what_is_shared(site: Site, hostile: httpx.AsyncClient, payload: str) -> None:
    made = await hostile.post("/api/share", json={"title": payload, "description": payload, "dateRange": "all", "showName": True})
    assert made.status_code == 201
    async with site.browser() as anybody:
        page, small = [await anybody.get(f"/share/{made.json()['data']['shareId']}{end}") for end in ("", "/embed")]
    assert (_acts(page.text), _acts(small.text)) == ((1, []), (0, []))
    assert "\n" not in page.headers["content-security-policy"]


async def test_nothing_of_it_acts_in_a_reading_copy_or_breaks_its_scripts(hostile: httpx.AsyncClient) -> None:
    with zipfile.ZipFile(io.BytesIO((await hostile.get("/api/export?format=reading-copy")).content)) as whole:
        files = {name.partition("/")[2]: whole.read(name).decode() for name in whole.namelist()}
    scripts, acting = _acts(files["index.html"])
    assert (scripts, acting) == (3, [])
    assert "</script" not in files["data/0000.js"]
    for line in files["data/0000.js"].strip().split("\n"):
        json.loads(line.removeprefix("archive(").removesuffix(");"))


@pytest.mark.parametrize("payload", _PAYLOADS)
def test_nothing_of_it_acts_in_a_letter(payload: str) -> None:
    named = (Named(payload, payload, 3, ArtistCard(1, payload, None, None)),)
    told = Digest(EVENING.date(), EVENING.date(), 3, 1, 1, 1, None, 1, named, named)
    assert _acts(letters.of_digest(told, "https://x.example.org/digest/x", "https://x.example.org/unsubscribe/x").rich) == (0, [])


@pytest.mark.parametrize("payload", ["a\nb", "a\r\n[error] forged", "\x1b[31mred", '"}\n{"event":"forged"', "\u2028x", "\x00"])
def test_a_log_line_stays_one_line(payload: str) -> None:
    out = io.StringIO()
    configure_logging(json=True, stream=out)
    get_logger().info("share.published", said=payload)
    (line,) = out.getvalue().splitlines() if "\u2028" not in out.getvalue() else [out.getvalue().rstrip("\n")]
    assert json.loads(line)["event"] == "share.published"
