"""Two listeners compare when both agree; nothing of either is told but what they agreed to."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from tests.archive.listens import Heard, batch
from tests.web.site import Site


@pytest.fixture
async def both(site: Site) -> None:
    """Mara and Noor share one artist; each has another."""
    heard = {"mara": ["Shared", "Shared", "Shared", "Mara Only"], "noor": ["Shared", "Noor Only"]}
    for name, artists in heard.items():
        person = await site.listener(name)
        listens = [Heard(-place * 600 - 60, f"canary song {place}", 200_000, artist=one) for place, one in enumerate(artists)]
        rows = [replace(one, song=f"{one.song} {one.artist}") for one in listens]
        async with site.parts.db.transaction() as conn:
            await store(conn, [batch(person.id, Source.EXTENDED, *rows)])


async def _token(client: httpx.AsyncClient) -> str:
    return (await client.get("/settings")).text.partition('name="form_token" value="')[2].partition('"')[0]


async def _post(client: httpx.AsyncClient, path: str) -> httpx.Response:
    return await client.post(path, data={"form_token": await _token(client)})


async def test_both_agree_see_the_same_number_and_only_artists(site: Site, both: None) -> None:
    async with site.browser(**await site.session()) as mara, site.browser(**await site.session("noor")) as noor:
        link = (await _post(mara, "/compare")).headers["location"]
        assert "waits for somebody to agree" in (await mara.get(link)).text
        asked = (await noor.get(link)).text
        assert "I agree" in asked
        assert "Shared" not in asked
        await _post(noor, f"{link}/agree")
        hers, theirs = (await mara.get(link)).text, (await noor.get(link)).text
    for page in (hers, theirs):
        assert "Of every 100 plays, 50 go to the same artists." in page
        assert "canary song" not in page
    assert ("Noor Only" in hers, "Mara Only" in hers) == (True, False)
    assert ("Noor Only" in theirs, "Mara Only" in theirs) == (False, True)


@pytest.mark.parametrize("who", ["mara", "noor"])
async def test_either_ends_it_and_then_it_is_there_for_nobody(site: Site, both: None, who: str) -> None:
    async with site.browser(**await site.session()) as mara, site.browser(**await site.session("noor")) as noor:
        link = (await _post(mara, "/compare")).headers["location"]
        await _post(noor, f"{link}/agree")
        await _post({"mara": mara, "noor": noor}[who], f"{link}/end")
        assert [(await one.get(link)).status_code for one in (mara, noor)] == [404, 404]


async def test_a_third_sees_nothing_agrees_to_nothing_and_ends_nothing(site: Site, both: None) -> None:
    async with site.browser(**await site.session()) as mara, site.browser(**await site.session("noor")) as noor:
        link = (await _post(mara, "/compare")).headers["location"]
        assert (await _post(mara, f"{link}/agree")).status_code == 404  # nobody agrees with themselves
        await _post(noor, f"{link}/agree")
        async with site.browser(**await site.session("olga")) as olga:
            answers = [await olga.get(link), await _post(olga, f"{link}/agree"), await _post(olga, f"{link}/end")]
            unknown = await olga.get("/compare/never-was")
        assert [one.status_code for one in answers] == [404, 404, 404]
        assert (await mara.get(link)).status_code == 200
        assert answers[0].text.replace(link, "") == unknown.text.replace("/compare/never-was", "")


async def test_who_is_deleted_is_compared_no_more(site: Site, both: None) -> None:
    async with site.browser(**await site.session()) as mara, site.browser(**await site.session("noor")) as noor:
        link = (await _post(mara, "/compare")).headers["location"]
        await _post(noor, f"{link}/agree")
        assert (await noor.request("DELETE", "/api/user/delete", json={"confirm": "noor"})).status_code == 200
        assert (await mara.get(link)).status_code == 404


async def test_an_empty_archive_knows_nobody_and_has_nothing_to_try(site: Site, both: None) -> None:
    async with site.browser(**await site.session()) as mara, site.browser(**await site.session("olga")) as olga:
        link = (await _post(mara, "/compare")).headers["location"]
        await _post(olga, f"{link}/agree")
        hers, theirs = (await mara.get(link)).text, (await olga.get(link)).text
    assert ("olga has played nothing in the last year." in hers, "You know them all." in hers) == (True, False)
    assert ("Mara Only" in theirs, "You know them all." in theirs) == (True, False)
