"""A032, A034, A106: with somebody else's id an address answers as it does with one that nobody has, to the letter."""

from __future__ import annotations

import re

import httpx
import pytest

from audiospective.accounts import ways
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.infra.database import fetch_all
from audiospective.reports import compare
from tests.archive.listens import EVENING, Heard, batch
from tests.web.site import Site


@pytest.fixture
async def ids(site: Site) -> dict[str, str]:
    """What Olga has: a token, a rule of her lens, a report, an import, a play, a way to be told, a comparison that Noor agreed to."""
    async with site.script(await site.token("olga")) as olga:
        share = await olga.post("/api/share", json={"title": "Mine", "description": "", "dateRange": "all"})
        file = ("StreamingHistory_music_0.json", b'[{"endTime":"2024-05-06 18:43","artistName":"A","trackName":"T","msPlayed":216783}]')
        brought = await olga.post("/api/imports", files={"files": file})
        tokens = (await olga.get("/api/tokens")).json()
        await olga.post("/api/lens/left-out", json={"kind": "private"})
    owner, friend, now = await site.listener("olga"), await site.listener("noor"), site.parts.clock.now()
    async with site.parts.db.transaction() as conn:
        (rule,) = await fetch_all(conn, "SELECT id FROM exclusions", int)
        await store(conn, [batch(owner.id, Source.EXTENDED, Heard(0, "Tide", 200_000))])
        hook = "https://hooks.example.org/x"
        way = await ways.add(conn, site.parts.sealer, owner.id, "webhook", hook, wants=["trouble"], now=now, local_hosts=())
        pair = await compare.invite(conn, owner.id, now)
        await compare.agree(conn, friend.id, pair, now)
        (named,) = await fetch_all(conn, "SELECT t.id || ' ' || t.album_id || ' ' || t.artist_id FROM tracks t", str)
        track, album, artist = named.split()
    listed = tokens["tokens"] if isinstance(tokens, dict) else tokens
    return {
        "share": share.json()["data"]["shareId"],
        "import": str(next(value for name, value in brought.json().items() if name in {"id", "importId", "import_id"})),
        "token": str(listed[0]["id"]),
        "rule": str(rule),
        "way": str(way.id),
        "pair": pair,
        "play": f"{int(EVENING.timestamp()) * 1_000_000}-{track}",
        "track": track,
        "album": album,
        "artist": artist,
    }


_ADDRESSES = (
    ("DELETE", "/api/share/{}", "share", "A" * 22),
    ("GET", "/api/imports/{}", "import", "999999"),
    ("POST", "/api/imports/{}/undo", "import", "999999"),
    ("DELETE", "/api/tokens/{}", "token", "999999"),
    ("DELETE", "/api/lens/left-out/{}", "rule", "999999"),
)


#: Those of pages: what reads, and what a plain form does, with the field that names the thing ("" where the address does).
_PAGES = (
    ("GET", "/track/{}", "track", "999999", ""),
    ("GET", "/album/{}", "album", "999999", ""),
    ("GET", "/artist/{}", "artist", "999999", ""),
    ("GET", "/play/{}", "play", "1-999999", ""),
    ("GET", "/api/plays/{}", "play", "1-999999", ""),
    ("GET", "/compare/{}", "pair", "A" * 22, ""),
    ("POST", "/compare/{}/agree", "pair", "A" * 22, ""),
    ("POST", "/compare/{}/end", "pair", "A" * 22, ""),
    ("POST", "/shares/{}/revoke", "share", "A" * 22, ""),
    ("POST", "/shares/{}/expiry", "share", "A" * 22, ""),
    ("POST", "/notices/{}/remove", "way", "999999", ""),
    ("POST", "/notices/{}/try", "way", "999999", ""),
    ("POST", "/settings/tokens/revoke", "token", "999999", "id"),
)


async def test_anothers_id_in_a_page_or_form_answers_like_nobodys(visitor: httpx.AsyncClient, ids: dict[str, str]) -> None:
    token = (await visitor.get("/settings")).text.partition('name="form_token" value="')[2].partition('"')[0]
    for method, address, what, nobodys, field in _PAGES:
        said = []
        for one in (ids[what], nobodys):
            form = {"form_token": token, "ends": ""} | ({field: one} if field else {})
            answer = await visitor.request(method, address.format(one), data=form if method == "POST" else None)
            said.append((address, answer.status_code, _FORM_TOKEN.sub("", answer.text).replace(address.format(one), "?")))
        assert said[0][:2] == (address, 404)
        assert said[0] == said[1]


#: It differs in every page.
_FORM_TOKEN = re.compile(r'name="form_token" value="[^"]*"')


@pytest.mark.parametrize(("method", "address", "what", "nobodys"), _ADDRESSES)
async def test_anothers_id_answers_like_nobodys(
    mara: httpx.AsyncClient, ids: dict[str, str], method: str, address: str, what: str, nobodys: str
) -> None:
    anothers = await mara.request(method, address.format(ids[what]))
    unknown = await mara.request(method, address.format(nobodys))
    assert (anothers.status_code, unknown.status_code) == (404, 404)
    assert anothers.text.replace(ids[what], "?") == unknown.text.replace(nobodys, "?")


async def test_its_owner_finds_it(site: Site, ids: dict[str, str]) -> None:
    async with site.browser(**await site.session("olga")) as olga:
        for method, address, what, _, _ in _PAGES:
            if method == "GET":
                assert (address, (await olga.get(address.format(ids[what]))).status_code) == (address, 200)
    async with site.script(await site.token("olga")) as olga:
        assert (await olga.get(f"/api/imports/{ids['import']}")).status_code == 200
        assert (await olga.delete(f"/api/share/{ids['share']}")).status_code in {200, 204}
