"""A shared report tells what was chosen, and nothing of who shared it (security.md A042–A050, A057)."""

from __future__ import annotations

import io
import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from markupsafe import escape
from PIL import Image

from audiospective.accounts import sessions
from audiospective.accounts.people import Person
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.infra.database import execute, fetch_all
from audiospective.web.visitor import cookie_name
from tests.archive.listens import EVENING, Heard, batch
from tests.web.site import Site

_NAME, _HANDLE, _SPOTIFY = "Canary Mara Quill", "canary-handle", "canary@example.org"
#: Her number here, so large that it can be searched for.
_NUMBER = 731_904_226


@pytest.fixture
async def person(site: Site) -> Person:
    """Somebody with names that can be searched for, and three plays."""
    async with site.parts.db.transaction() as conn:
        await execute(conn, f"SELECT setval(pg_get_serial_sequence('people', 'id'), {_NUMBER}, false)")
    person = await site.listener("mara")
    async with site.parts.db.transaction() as conn:
        await execute(
            conn,
            "UPDATE people SET name = %(name)s, display_name = %(shown)s, spotify_id = %(spotify)s, time_zone = 'Pacific/Chatham'",
            name=_HANDLE,
            shown=_NAME,
            spotify=_SPOTIFY,
        )
        await store(conn, [batch(person.id, Source.API, Heard(0, "Tide"), Heard(300, "Harbour"), Heard(600, "Tide"))])
    return person


@pytest.fixture
async def owner(site: Site, person: Person) -> AsyncIterator[httpx.AsyncClient]:
    """Their browser."""
    async with site.parts.db.transaction() as conn:
        session = await sessions.begin(conn, person.id, site.parts.clock.now())
    async with site.browser(**{cookie_name(site.parts.settings): session}) as client:
        yield client


async def _share(owner: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await owner.post("/api/share", json={"title": "My evening", "description": "", "dateRange": "all"} | more)
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def test_a_report_is_made_and_seen_by_anybody(site: Site, owner: httpx.AsyncClient) -> None:
    made = await _share(owner)
    assert made["shareUrl"] == f"{site.url}/share/{made['shareId']}"
    assert set(made) == {"shareId", "shareUrl", "title", "description", "dateRange", "createdAt", "expiresAt"}
    async with site.browser() as anybody:
        page = await anybody.get(f"/share/{made['shareId']}")
    assert page.status_code == 200
    assert "My evening" in page.text
    assert "Tide" in page.text


@pytest.mark.parametrize(
    "address", ["/share/{id}", "/api/share?id={id}", "/share/{id}/card.png", "/share/{id}/cover/tracks/0", "/share/{id}/embed"]
)
async def test_nothing_tells_who_shared_it(site: Site, owner: httpx.AsyncClient, person: Person, address: str) -> None:
    made = await _share(owner)
    async with site.browser() as anybody:
        answer = await anybody.get(address.format(id=made["shareId"]))
    everything = answer.content + repr(answer.headers).encode()
    told = [
        canary
        for canary in (_NAME, "Mara", "Quill", _HANDLE, _SPOTIFY, "Chatham", str(_NUMBER), f"{_NUMBER:,}", *_moments(person))
        if canary.encode() in everything
    ]
    assert told == []
    assert "set-cookie" not in answer.headers


def _moments(person: Person) -> list[str]:
    """When they came and when they listened, to the second."""
    return [person.created_at.isoformat(), f"{person.created_at:%H:%M}", f"{EVENING:%Y-%m-%dT%H:%M}", f"{EVENING.timestamp():.0f}"]


async def test_the_name_is_shown_to_whom_it_was_meant(site: Site, owner: httpx.AsyncClient) -> None:
    made = await _share(owner, showName=True)
    async with site.browser() as anybody:
        page = (await anybody.get(f"/share/{made['shareId']}")).text
    assert _NAME in page
    assert _HANDLE not in page


async def test_search_engines_and_other_sites_learn_nothing(site: Site, owner: httpx.AsyncClient) -> None:
    made = await _share(owner)
    async with site.browser() as anybody:
        answer = await anybody.get(f"/share/{made['shareId']}")
    assert (answer.headers["x-robots-tag"], answer.headers["referrer-policy"]) == ("noindex", "no-referrer")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("end", ["revoked", "expired", "deleted"])
async def test_when_it_ends_every_address_of_it_ends(site: Site, owner: httpx.AsyncClient, end: str) -> None:
    made = await _share(owner)
    if end == "revoked":
        assert (await owner.delete(f"/api/share/{made['shareId']}")).status_code == 204
    elif end == "deleted":
        await owner.request("DELETE", "/api/user/delete", json={"confirm": _NAME})
    else:
        async with site.parts.db.transaction() as conn:
            await execute(conn, "UPDATE shares SET expires_at = %(now)s", now=site.parts.clock.now())
    async with site.browser() as anybody:
        for address in ("/share/{}", "/api/share?id={}", "/share/{}/card.png", "/share/{}/cover/tracks/0", "/share/{}/embed"):
            answer = await anybody.get(address.format(made["shareId"]))
            assert (address, answer.status_code, answer.headers["cache-control"]) == (address, 404, "no-store")


async def test_the_picture_is_a_card_without_a_name(site: Site, owner: httpx.AsyncClient) -> None:
    made = await _share(owner)
    answer = await owner.get(f"/share/{made['shareId']}/card.png")
    image = Image.open(io.BytesIO(answer.content))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert len(answer.content) < 120_000
    assert image.info == {}


async def test_hostile_text_is_text(site: Site, owner: httpx.AsyncClient) -> None:
    made = await _share(owner, title='"><script>alert(1)</script>', description="{{ 7*7 }} <img src=x onerror=alert(1)>")
    page = (await owner.get(f"/share/{made['shareId']}")).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "{{ 7*7 }}" in page


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"dateRange": "yesterday"}, "dateRange"),
        ({"title": " "}, "title"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ({"expiresAt": "2099-01-01T00:00:00"}, "expiresAt"),
        ({"expiresAt": "9999-12-31T23:59:59Z"}, "expiresAt"),
        ({"expiresAt": "9999-12-31T23:59:59-12:00"}, "expiresAt"),
    ],
)
async def test_a_refusal_names_the_field(owner: httpx.AsyncClient, change: dict[str, str], field: str) -> None:
    answer = await owner.post("/api/share", json={"title": "x", "dateRange": "all"} | change, headers={"Accept": "*/*"})
    assert (answer.status_code, answer.json()["details"].get("field")) == (400, field)


async def test_the_page_makes_lists_and_takes_back_without_a_script(site: Site, owner: httpx.AsyncClient) -> None:
    page = (await owner.get("/shares?range=7d")).text
    token = page.partition('name="form_token" value="')[2].partition('"')[0]
    form = {"form_token": token, "title": "Week", "range": "all", "sections": ["tracks", "hours"], "ends": "30"}
    there = (await owner.post("/shares", data=form)).headers["location"]
    made = there.partition("made=")[2].partition("#")[0]
    shared = (await owner.get(there)).text
    assert f"{site.url}/share/{made}" in shared
    assert 'data-label="Of">Everything</td>' in shared
    assert (await owner.post(f"/shares/{made}/expiry", data={"form_token": token, "ends": ""})).status_code == 303
    assert (await owner.post(f"/shares/{made}/revoke", data={"form_token": token})).status_code == 303
    assert (await owner.get(f"/share/{made}")).status_code == 404


async def test_views_are_counted_about(site: Site, owner: httpx.AsyncClient) -> None:
    made = await _share(owner)
    for _ in range(5):
        await owner.get(f"/share/{made['shareId']}")
    async with site.parts.db.reading() as conn:
        assert await fetch_all(conn, "SELECT views FROM shares", int) == [1]
    assert 'data-label="Views, about">5</td>' in (await owner.get("/shares")).text


async def test_ended_and_unknown_reports_answer_alike_to_the_byte(site: Site, owner: httpx.AsyncClient) -> None:
    revoked, expired = await _share(owner), await _share(owner, expiresAt="2026-03-18T20:00:00Z")
    await owner.delete(f"/api/share/{revoked['shareId']}")
    site.parts.clock.forward(hours=1)  # type: ignore[attr-defined]  # a FakeClock
    async with site.browser() as anybody:
        for address in ("/share/{}", "/api/share?id={}", "/share/{}/card.png"):
            ids = (revoked["shareId"], expired["shareId"], secrets.token_urlsafe(16), "x", "..%2f", "%00")
            answers = [await anybody.get(address.format(one)) for one in ids[:4]]
            assert {answer.status_code for answer in answers} == {404}
            assert len({answer.content for answer in answers}) == 1
            assert len({tuple(name for name, _ in answer.headers.items()) for answer in answers}) == 1


async def test_guessing_finds_nothing_and_is_slowed_down(site: Site, owner: httpx.AsyncClient) -> None:
    made = (await _share(owner))["shareId"]
    near = [made[:-1] + letter for letter in "AQgwBRhx" if letter != made[-1]] + [made.lower(), made.upper(), made + "=", made[:-1]]
    async with site.browser() as anybody:
        said = [(await anybody.get(f"/api/share?id={guess}")).status_code for guess in near + ["1", "2", "3"] * 10]
    assert 200 not in said
    assert 429 in said


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_sharing_has_the_strict_budget(owner: httpx.AsyncClient, method: str) -> None:
    answer = await owner.request(method, "/api/share/x" if method == "DELETE" else "/api/share", json={})
    assert answer.headers["x-ratelimit-limit"] == "10"


_HOSTILE = (
    "</title><script>alert(1)</script>",
    "</script><svg onload=alert(1)>",
    "javascript:alert(1)",
    "' onmouseover='alert(1)",
    "{{ config }} {% raw %} ${7*7} <%= 7*7 %>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "\u202egnirts\u202c",
    "&lt;b&gt; &#x3c;script&#x3e;",
    "a\r\nSet-Cookie: stolen=1",
)


@pytest.mark.parametrize("words", _HOSTILE)
async def test_no_words_of_a_maker_become_markup_or_a_header(site: Site, owner: httpx.AsyncClient, words: str) -> None:
    """A050, A057: in the page, its tags for messengers, and the maker's own list."""
    made = await _share(owner, title=words, description=words)
    async with site.browser() as anybody:
        answer = await anybody.get(f"/share/{made['shareId']}")
    escaped = str(escape(words.replace("\r\n", " ")))
    for page in (answer.text, (await owner.get("/shares")).text):
        assert "<script>" not in page.replace("<script src=", "")
        assert "onerror=" not in page.replace(escaped, "")
        assert "onload=" not in page.replace(escaped, "")
    assert "set-cookie" not in answer.headers


async def test_hostile_names_of_songs_stay_names(site: Site, owner: httpx.AsyncClient, person: Person) -> None:
    async with site.parts.db.transaction() as conn:
        names = [Heard(3600 + 300 * place, words, artist=words) for place, words in enumerate(_HOSTILE[:7])]
        await store(conn, [batch(person.id, Source.EXTENDED, *names)])
    made = await _share(owner)
    page = (await owner.get(f"/share/{made['shareId']}")).text
    assert [words for words in _HOSTILE[:7] if "<" in words and words in page] == []


async def test_only_what_was_heard_in_the_range_is_in_the_page(site: Site, owner: httpx.AsyncClient, person: Person) -> None:
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.EXTENDED, Heard(-90_000, "Before"), Heard(90_000, "After"))])
    made = await _share(owner, dateRange="2026-03-19..2026-03-19")  # 18 March, 19:00 UTC is the 19th in Chatham
    for address in ("/share/{}", "/api/share?id={}"):
        said = (await owner.get(address.format(made["shareId"]))).text
        assert ("Tide" in said, "Before" in said, "After" in said) == (True, False, False)


async def test_messengers_are_told_title_and_picture(site: Site, owner: httpx.AsyncClient) -> None:
    made = await _share(owner, description="Rain on the roof")
    page = (await owner.get(f"/share/{made['shareId']}")).text
    for tag in ('property="og:title" content="My evening"', 'name="twitter:card" content="summary_large_image"'):
        assert f"<meta {tag}>" in page
    assert f'<meta property="og:image" content="{site.url}/share/{made["shareId"]}/card.png">' in page
    assert '<meta name="robots" content="noindex">' in page


async def test_settings_list_what_is_shared(owner: httpx.AsyncClient) -> None:
    made = await _share(owner)
    page = (await owner.get("/settings")).text
    assert f'action="/shares/{made["shareId"]}/revoke"' in page
    assert f'action="/shares/{made["shareId"]}/expiry"' in page


async def test_forms_of_the_makers_page_may_say_where_they_come_from(owner: httpx.AsyncClient) -> None:
    """A page without a referrer has the origin null, whose changes are refused."""
    assert (await owner.get("/shares")).headers["referrer-policy"] == "same-origin"


async def test_the_page_is_the_same_whoever_looks(site: Site, owner: httpx.AsyncClient) -> None:
    made = await _share(owner)
    async with site.browser() as anybody, site.browser(**await site.session("noor")) as noor:
        seen = [await client.get(f"/share/{made['shareId']}") for client in (owner, noor, anybody, owner)]
    assert len({answer.content for answer in seen}) == 1
    assert "form_token" not in seen[0].text


async def test_other_sites_frame_the_embedded_report_and_nothing_else(site: Site, owner: httpx.AsyncClient) -> None:
    made = await _share(owner)
    async with site.browser() as anybody:
        embedded = await anybody.get(f"/share/{made['shareId']}/embed")
        others = [
            await anybody.get(path) for path in (f"/share/{made['shareId']}", "/share/never-was/embed", "/", "/embed", "/share/x/embed/y")
        ]
    assert embedded.status_code == 200
    assert "frame-ancestors *" in embedded.headers["content-security-policy"]
    assert ("x-frame-options" in embedded.headers, embedded.headers["cross-origin-resource-policy"]) == (False, "cross-origin")
    assert "<form" not in embedded.text
    assert "<script" not in embedded.text
    for answer in others:
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"


async def test_a_family_behind_one_address_sees_a_report_with_all_its_covers(site: Site, owner: httpx.AsyncClient) -> None:
    report = f"/share/{(await _share(owner))['shareId']}"
    seen: list[int] = []
    for _ in range(5):
        async with site.browser() as anybody:
            seen.append((await anybody.get(report)).status_code)
            seen += [(await anybody.get(f"{report}/cover/tracks/{place}")).status_code for place in range(24)]
    assert 429 not in seen


async def test_nobody_finds_a_report_by_guessing(site: Site, owner: httpx.AsyncClient) -> None:
    made = (await _share(owner))["shareId"]
    guesses = [secrets.token_urlsafe(16) for _ in range(8)] + [made[:-1], made + "A", made.swapcase()]
    async with site.browser() as anybody:
        answers = [await anybody.get(f"/share/{one}") for one in guesses]
    assert {answer.status_code for answer in answers} <= {404, 429}
    assert (
        len({answer.content.replace(one.encode(), b"") for one, answer in zip(guesses, answers, strict=True) if answer.status_code == 404})
        == 1
    )
