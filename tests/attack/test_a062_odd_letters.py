"""A062, A057: whatever letters a text is of, it is stored exactly or refused in words; nothing fails, and no header is added."""

from __future__ import annotations

import json
import unicodedata

import httpx
import pytest

from tests.clock import FakeClock
from tests.web.site import Site

_TEXTS = {
    "a lone surrogate": '"\\ud800x"',
    "two the wrong way round": '"\\udc00\\ud800"',
    "NUL": '"a\\u0000b"',
    "of four bytes": '"𝄞🎧👩‍🎤"',
    "ten thousand marks": json.dumps("e" + "\u0301" * 10_000),
    "letters alike": '"pаypаl"',  # Cyrillic а
    "composed": json.dumps(unicodedata.normalize("NFC", "Björk")),
    "decomposed": json.dumps(unicodedata.normalize("NFD", "Björk")),
    "the last of all": '"\\uffff\\ufffe"',
    "from right to left": '"\\u202egnp.exe\\u202c"',
    "line ends": '"a\\r\\nSet-Cookie: x=1\\u2028\\u2029\\u0085b"',
}
#: Where a text goes, as JSON; % is its place.
_CALLS = (
    ("POST", "/api/share", '{"title": %, "description": "", "dateRange": "all"}'),
    ("POST", "/api/share", '{"title": "x", "description": %, "dateRange": "all"}'),
    ("PATCH", "/api/settings", '{"displayName": %}'),
    ("POST", "/api/tokens", '{"name": %}'),
    ("POST", "/api/lens/left-out", '{"kind": "artist", "name": %}'),
)


@pytest.mark.parametrize("text", _TEXTS.values(), ids=_TEXTS.keys())
async def test_it_is_stored_or_refused_in_words(visitor: httpx.AsyncClient, clock: FakeClock, text: str) -> None:
    for method, path, body in _CALLS:
        clock.forward(seconds=11)
        content = body.replace("%", text).encode()
        answer = await visitor.request(method, path, content=content, headers={"Content-Type": "application/json", "Accept": "*/*"})
        assert (path, answer.status_code in {200, 201, 400, 404}) == (path, True), answer.text
        assert (path, "x=1" in answer.headers.get("set-cookie", "")) == (path, False)


@pytest.mark.parametrize("name", ["of four bytes", "letters alike", "composed"])
async def test_what_is_taken_is_exactly_what_was_given(visitor: httpx.AsyncClient, name: str) -> None:
    given = json.loads(_TEXTS[name])
    made = await visitor.post("/api/share", json={"title": given, "description": given, "dateRange": "all"})
    set_ = await visitor.patch("/api/settings", json={"displayName": given})
    assert (made.json()["data"]["title"], made.json()["data"]["description"], set_.json()["displayName"]) == (given, given, given)


async def test_a_scrobble_of_odd_letters_is_taken_or_refused_in_words(site: Site, clock: FakeClock) -> None:
    async with site.script(await site.token()) as scrobbler:
        for name, text in _TEXTS.items():
            clock.forward(seconds=11)
            body = (
                '{"listen_type": "single", "payload": [{"listened_at": 1749776100, "track_metadata": {"artist_name": %, "track_name": %}}]}'
            )
            answer = await scrobbler.post("/1/submit-listens", content=body.replace("%", text).encode())
            assert (name, answer.status_code in {200, 400}) == (name, True), answer.text
        assert (await scrobbler.get("/api/top-tracks?range=all")).status_code == 200
        assert (await scrobbler.get("/api/export?format=csv")).status_code == 200


async def test_a_file_of_odd_letters_is_imported_row_by_row(site: Site) -> None:
    row = '{"endTime":"2024-05-06 18:%02d","artistName":%s,"trackName":%s,"msPlayed":216783}'
    rows = [row % (place, text, text) for place, text in enumerate(_TEXTS.values())]
    file = ("StreamingHistory_music_0.json", f"[{','.join(rows)}]".encode())
    async with site.script(await site.token()) as client:
        answer = await client.post("/api/imports/rehearsal", files={"files": file})
    assert answer.status_code in {200, 400}, answer.text
