"""A033–A035, A070, A071: nobody acts for somebody else by saying so, and deleting needs the person themselves."""

from __future__ import annotations

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.infra.database import fetch_all
from tests.archive.listens import Heard, batch
from tests.web.site import Site


@pytest.fixture
async def victim(site: Site) -> int:
    """Olga, with a play that can be searched for."""
    person = await site.listener("olga")
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.EXTENDED, Heard(0, "Canary Waltz", 200_000))])
    return person.id


@pytest.mark.parametrize(
    "path", ["/api/stats?range=all", "/api/recent-plays", "/api/export", "/api/export?format=reading-copy", "/api/export?gdpr=true"]
)
async def test_saying_whose_one_wants_changes_nothing(mara: httpx.AsyncClient, victim: int, path: str) -> None:
    between = "&" if "?" in path else "?"
    plain = await mara.get(path)
    asked = await mara.get(
        f"{path}{between}user={victim}&user_id={victim}&userId={victim}", headers={"X-User": str(victim), "X-User-Id": "olga"}
    )
    assert (asked.status_code, b"Canary" in asked.content) == (200, False)
    assert len(asked.content) == pytest.approx(len(plain.content), abs=60)


@pytest.mark.parametrize("more", [{"isAdmin": True}, {"is_operator": True}, {"id": 1}, {"userId": 1}, {"spotifyId": "x"}])
async def test_what_is_not_a_setting_is_not_set(site: Site, mara: httpx.AsyncClient, victim: int, more: dict[str, object]) -> None:
    answer = await mara.patch("/api/settings", json={"theme": "dark"} | more)
    assert answer.status_code in {200, 400}
    async with site.parts.db.reading() as conn:
        rows = await fetch_all(conn, "SELECT name || ' ' || is_operator || ' ' || coalesce(spotify_id, '-') FROM people ORDER BY name", str)
    assert rows == ["mara false -", "olga false -"]


async def test_a_report_is_of_whoever_makes_it(site: Site, mara: httpx.AsyncClient, victim: int) -> None:
    body = {"title": "x", "description": "", "dateRange": "all", "userId": victim, "user": victim}
    made = await mara.post("/api/share", json=body)
    assert made.status_code in {201, 400}
    async with site.parts.db.reading() as conn:
        assert victim not in await fetch_all(conn, "SELECT user_id FROM shares", int)


async def test_deleting_needs_a_session_and_ones_own_name_typed(
    site: Site, visitor: httpx.AsyncClient, mara: httpx.AsyncClient, victim: int
) -> None:
    by_token = await mara.request("DELETE", "/api/user/delete", json={"confirm": "mara"})
    others_name = await visitor.request("DELETE", "/api/user/delete", json={"confirm": "olga"})
    with_others_id = await visitor.request("DELETE", f"/api/user/delete?user_id={victim}", json={"confirm": "nobody", "userId": victim})
    assert [by_token.status_code, others_name.status_code, with_others_id.status_code] == [401, 400, 400]
    async with site.parts.db.reading() as conn:
        assert await fetch_all(conn, "SELECT name FROM people ORDER BY name", str) == ["mara", "olga"]


async def test_deleting_twice_says_that_it_is_done_already(site: Site, victim: int) -> None:
    async with site.browser(**await site.session("olga")) as first, site.browser(**await site.session("olga")) as second:
        done = await first.request("DELETE", "/api/user/delete", json={"confirm": "olga"})
        again = await second.request("DELETE", "/api/user/delete", json={"confirm": "olga"}, headers={"Accept": "*/*"})
    assert (done.status_code, again.status_code) == (200, 401)


@pytest.mark.parametrize("query", ["range=all%0d%0aX-Evil:1", "format=csv%22;x", "range=2024&format=json%0a"])
async def test_a_files_name_is_ours_alone(mara: httpx.AsyncClient, query: str) -> None:
    answer = await mara.get(f"/api/export?{query}")
    assert answer.status_code == 400
    assert "x-evil" not in answer.headers
    assert (await mara.get("/api/export")).headers["content-disposition"] == 'attachment; filename="spotify-archive-2026-03-18.csv"'
