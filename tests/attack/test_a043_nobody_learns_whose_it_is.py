"""A043: in every byte of what is shared or compared, nothing says whose it is: not plain, not packed, not coded, not as a digest."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

import httpx
import pytest

from audiospective.accounts import people, tokens, ways
from audiospective.accounts.people import Person
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.infra.database import execute
from audiospective.reports import compare
from tests.archive.listens import EVENING, Heard, batch
from tests.web.site import Site

_TITLE = "An evening by the sea"
_NAME = "Canary Quill"
_OWN = (_NAME, "canary-handle", "canary-spotify-31x", "canary@example.org", "canary token", "hooks.canary.example", "Chatham")
#: What was heard outside the range of the report.
_OTHERWISE = ("Canary Before", "Canary After")
_NUMBER = 731_904_226
#: When plays ended, as programs write it: to the second and to the microsecond, and as the clock on the wall shows it.
_TIMES = (f"{EVENING:%Y-%m-%dT%H:%M}", f"{EVENING.timestamp():.0f}", f"{EVENING:%H:%M:%S}")


@pytest.fixture
async def owner(site: Site) -> Person:
    """Somebody with names, numbers and times that can be searched for, wherever there is place for one."""
    async with site.parts.db.transaction() as conn:
        await execute(conn, f"SELECT setval(pg_get_serial_sequence('people', 'id'), {_NUMBER}, false)")
        person = await people.add(conn, _OWN[1], site.parts.clock.now())
        await people.set_preferences(conn, person.id, display_name=_NAME, time_zone="Pacific/Chatham", language="ja-JP")
        await execute(conn, "UPDATE people SET spotify_id = %(its)s WHERE id = %(user)s", its=_OWN[2], user=person.id)
        await tokens.issue(conn, person.id, _OWN[4], site.parts.clock.now())
        hook, now = f"https://{_OWN[5]}/{_OWN[3]}", site.parts.clock.now()
        await ways.add(conn, site.parts.sealer, person.id, "webhook", hook, wants=["weekly"], now=now, local_hosts=())
        within = [Heard(place * 300, f"Song {place}", 200_000) for place in range(12)]
        without = [Heard(-90_000, _OTHERWISE[0], 200_000), Heard(90_000, _OTHERWISE[1], 200_000)]
        await store(conn, [batch(person.id, Source.EXTENDED, *within, *without)])
        return await people.by_id(conn, person.id)


def _canaries(person: Person) -> tuple[str, ...]:
    made = person.created_at
    return (*_OWN, *_OTHERWISE, str(_NUMBER), f"{_NUMBER:,}", f"{_NUMBER:x}", *_TIMES, f"{made:%H:%M}", f"{made.timestamp():.0f}")


def _spellings(canary: str) -> Iterator[bytes]:
    """Ways in which it could stand somewhere without being seen."""
    for coded in (canary.encode(), canary.lower().encode(), canary.encode("utf-16-le"), canary[::-1].encode()):
        yield from (coded, coded.hex().encode(), coded.hex().upper().encode())
        yield from (base64.b64encode(b" " * pad + coded).rstrip(b"=")[-(-pad * 8 // 6) + (1 if pad else 0) : -1] for pad in range(3))
    for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256):
        value = digest(canary.encode()).digest()
        yield from (value, value.hex().encode(), base64.urlsafe_b64encode(value).rstrip(b"="))


def _bytes_of(answer: httpx.Response) -> bytes:
    """Everything of an answer: the body, its head, what is packed in a picture, and the text without its escapes."""
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items()).encode()
    parts = [answer.content, head, unescape(answer.content.decode("latin-1")).encode("latin-1", "replace")]
    if answer.content.startswith(b"\x89PNG"):
        parts += [zlib.decompress(b"".join(data for kind, data in _chunks(answer.content) if kind == b"IDAT"))]
    return b"\n".join(parts)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += size + 12


def _told(answer: httpx.Response, canaries: tuple[str, ...]) -> set[str]:
    everything = _bytes_of(answer)
    return {canary for canary in canaries if any(len(one) > 3 and one in everything for one in _spellings(canary))}


async def _shared(site: Site, *, with_name: bool) -> list[httpx.Response]:
    """Every answer that anybody with the link can get."""
    async with site.browser(**await site.session(_OWN[1])) as browser:
        body = {"title": _TITLE, "description": "", "dateRange": "2026-03-19..2026-03-19", "showName": with_name}
        made = (await browser.post("/api/share", json=body)).json()["data"]["shareId"]
    ends = ("", "/embed", "/card.png", "/cover/tracks/0", "/cover/artists/0", "/cover/albums/0")
    async with site.browser() as anybody:
        pages = [await anybody.get(f"/share/{made}{end}", headers={"Accept-Language": one}) for end in ends for one in ("en", "de")]
        return [*pages, await anybody.get(f"/api/share?id={made}"), await anybody.head(f"/share/{made}")]


async def test_no_byte_of_a_report_says_whose_it_is(site: Site, owner: Person) -> None:
    for answer in await _shared(site, with_name=False):
        assert (str(answer.url), _told(answer, _canaries(owner))) == (str(answer.url), set())
        assert "set-cookie" not in answer.headers


async def test_the_same_search_finds_the_name_where_it_is_wanted_and_nothing_more(site: Site, owner: Person) -> None:
    page, *_ = answers = await _shared(site, with_name=True)
    assert _told(page, (_TITLE, *_canaries(owner))) == {_TITLE, _NAME}
    assert set.union(*(_told(answer, _canaries(owner)) for answer in answers)) == {_NAME}


async def test_a_picture_holds_nothing_but_its_pixels(site: Site, owner: Person) -> None:
    pictures = [answer for answer in await _shared(site, with_name=True) if answer.content.startswith(b"\x89PNG")]
    assert pictures
    assert {kind for answer in pictures for kind, _ in _chunks(answer.content)} <= {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


async def test_a_comparison_tells_the_other_the_name_and_nothing_more(site: Site, owner: Person) -> None:
    other = await site.listener("noor")
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(other.id, Source.EXTENDED, Heard(0, "Song 0", 200_000))])
        pair = await compare.invite(conn, owner.id, datetime(2026, 3, 20, tzinfo=UTC))
        await compare.agree(conn, other.id, pair, datetime(2026, 3, 20, tzinfo=UTC))
    async with site.browser(**await site.session("noor")) as browser:
        page, listed = await browser.get(f"/compare/{pair}"), await browser.get("/compare")
    times = (f"{owner.created_at:%H:%M}",)  # of now too: the page says when something was asked
    assert _told(page, tuple(one for one in _canaries(owner) if one not in times)) == {_NAME}
    assert _told(listed, tuple(one for one in _canaries(owner) if one not in times)) == {_NAME}


@pytest.mark.parametrize("address", ["/sitemap.xml", "/robots.txt", "/share", "/share/", "/api/share"])
async def test_reports_are_listed_nowhere(site: Site, owner: Person, address: str) -> None:
    await _shared(site, with_name=True)
    async with site.browser() as anybody:
        answer = await anybody.get(address)
    assert answer.status_code in {400, 401, 404}
    assert _TITLE not in answer.text


async def test_the_form_proposes_no_name_as_a_title(site: Site, owner: Person) -> None:
    async with site.browser(**await site.session(_OWN[1])) as browser:
        form = (await browser.get("/shares")).text.partition('<form class="sheet')[2].partition("</form>")[0]
    title = form.partition('name="title"')[2].partition(">")[0]
    assert title
    assert "Canary" not in title


@pytest.mark.parametrize(
    "hidden",
    [base64.b64encode(b"x" * pad + _NAME.encode() + b"yy") for pad in range(3)]
    + [_NAME.encode().hex().encode(), hashlib.sha256(_NAME.encode()).hexdigest().encode(), _NAME.encode("utf-16-le"), b"Canary&#32;Quill"],
)
def test_the_search_finds_what_is_hidden(hidden: bytes) -> None:
    assert _told(httpx.Response(200, content=b"<p>" + hidden + b"</p>"), (_NAME, "somebody else")) == {_NAME}
