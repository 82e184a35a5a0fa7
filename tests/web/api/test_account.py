"""The end of an account: typed, whole, proven (security.md A035, A108)."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.infra.database import Connection, fetch_all
from audiospective.privacy import erasure, receipt
from tests.archive.listens import Heard, batch
from tests.web.site import Site


@pytest.fixture
async def heard(site: Site) -> str:
    """Mara's display name; she has two plays."""
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.API, Heard(0, "Tide"), Heard(300, "Harbour"))])
    return person.display_name


async def _people(site: Site) -> list[int]:
    async with site.parts.db.reading() as conn:
        return await fetch_all(conn, "SELECT id FROM people", int)


async def _waiting(conn: Connection) -> list[int]:
    """Who waits for a lock."""
    return await fetch_all(conn, "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()", int)


async def test_typing_ones_name_deletes_everything_and_gives_a_receipt(site: Site, visitor: httpx.AsyncClient, heard: str) -> None:
    answer = await visitor.request("DELETE", "/api/user/delete", json={"confirm": heard})
    told = answer.json()
    assert (answer.status_code, told["success"]) == (200, True)
    assert (told["deletedRecords"]["playEvents"], told["deletedRecords"]["user"]) == (2, 1)
    assert await _people(site) == []
    stated = receipt.read(site.parts.sealer, told["receipt"])
    assert stated is not None
    assert stated.deleted_records == told["deletedRecords"]


async def test_anything_else_deletes_nothing(site: Site, visitor: httpx.AsyncClient, heard: str) -> None:
    answer = await visitor.request("DELETE", "/api/user/delete", json={"confirm": f"{heard}!"})
    assert (answer.status_code, answer.json()["details"]) == (400, {"field": "confirm"})
    assert len(await _people(site)) == 1


async def test_the_session_ends_with_the_account_and_the_browser_keeps_nothing(visitor: httpx.AsyncClient, heard: str) -> None:
    gone = await visitor.request("DELETE", "/api/user/delete", json={"confirm": heard})
    assert gone.headers.get("clear-site-data") == '"cache", "cookies", "storage"'
    assert {one.partition("=")[0] for one in gone.headers.get_list("set-cookie")} == {"audiospective_session", "audiospective_sign_in"}
    assert (await visitor.get("/api/stats")).status_code == 401


async def test_a_report_that_is_made_while_its_maker_is_deleted_is_none(site: Site, visitor: httpx.AsyncClient, heard: str) -> None:
    assert heard
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        await erasure.erase(conn, site.parts.sealer, person.id, site.parts.clock.now())
        sharing = asyncio.create_task(visitor.post("/api/share", json={"title": "Mine", "dateRange": "all"}))
        async with asyncio.timeout(20):
            while not await site.parts.db.ask(_waiting):  # noqa: ASYNC110 (a lock has no event)
                await asyncio.sleep(0.01)
    assert (await sharing).status_code == 404


async def test_a_personal_token_can_not_delete(site: Site, mara: httpx.AsyncClient, heard: str) -> None:
    answer = await mara.request("DELETE", "/api/user/delete", json={"confirm": heard})
    form = await mara.post("/settings/delete", data={"confirm": heard}, headers={"Accept": "application/json"})
    assert (answer.status_code, form.status_code) == (401, 401)
    assert len(await _people(site)) == 1


async def test_the_page_deletes_too_and_anybody_can_check_its_receipt(visitor: httpx.AsyncClient, heard: str) -> None:
    token = (await visitor.get("/settings")).text.partition('name="form_token" value="')[2].partition('"')[0]
    page = await visitor.post("/settings/delete", data={"confirm": heard, "form_token": token})
    assert (page.status_code, "Everything of yours is gone" in page.text) == (200, True)
    assert "whoever runs this instance clears its folder" in page.text  # of copies that went by themselves
    assert heard not in page.text
    text = page.text.split('href="/receipt?r=')[1].split('"')[0]
    assert "This receipt is genuine" in (await visitor.get("/receipt", params={"r": text})).text
    assert "isn’t a receipt of ours" in (await visitor.get("/receipt", params={"r": text[:-2]})).text


@pytest.mark.parametrize("body", [{}, {"confirm": 5}, {"confirm": None}, {"confirm": ""}])
async def test_a_confirmation_that_is_none_is_refused_by_its_name(site: Site, visitor: httpx.AsyncClient, heard: str, body: object) -> None:
    assert heard
    answer = await visitor.request("DELETE", "/api/user/delete", json=body)
    assert (answer.status_code, answer.json()["error"], answer.json()["details"]["field"]) == (400, "VALIDATION_ERROR", "confirm")
    assert len(await _people(site)) == 1


async def test_a_second_browser_is_signed_out_at_once(site: Site, visitor: httpx.AsyncClient, heard: str) -> None:
    async with site.browser(**await site.session()) as second:
        assert (await second.get("/api/stats")).status_code == 200
        await visitor.request("DELETE", "/api/user/delete", json={"confirm": heard})
        assert (await second.get("/api/stats")).status_code == 401
        assert (await second.request("DELETE", "/api/user/delete", json={"confirm": heard})).status_code == 401


async def test_deleted_twice_at_once_is_one_deletion(site: Site, visitor: httpx.AsyncClient, heard: str) -> None:
    asked = [visitor.request("DELETE", "/api/user/delete", json={"confirm": heard}) for _ in range(3)]
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers)[0] == 200
    assert {answer.status_code for answer in answers} <= {200, 401, 404}
    assert [answer.status_code for answer in answers].count(200) == 1
