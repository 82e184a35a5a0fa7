"""A031, A004, A036, A111: what an operator may do nobody else finds; who was deleted is nobody from that moment on, at every address."""

from __future__ import annotations

import httpx
import pytest

from audiospective.accounts import people
from tests.clock import FakeClock
from tests.web.site import Site
from tests.web.test_routes import TABLE, asked

_OPERATORS_PAGES = ("/ops", "/ops/watch", "/ops/incidents", "/ops/ledger")
_OWN = ("/dashboard", "/history", "/insights", "/imports", "/settings", "/shares", "/api/stats", "/api/export?format=csv", "/api/gaps")


@pytest.fixture
async def operator(site: Site, visitor: httpx.AsyncClient) -> httpx.AsyncClient:
    async with site.parts.db.transaction() as conn:
        await people.set_operator(conn, (await site.listener()).id, may=True)
    return visitor


@pytest.mark.parametrize("page", _OPERATORS_PAGES)
async def test_an_operators_page_is_for_operators(operator: httpx.AsyncClient, page: str) -> None:
    answer = await operator.get(page)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize("page", _OPERATORS_PAGES)
async def test_for_everybody_else_there_is_nothing(stranger: httpx.AsyncClient, visitor: httpx.AsyncClient, page: str) -> None:
    nowhere = await visitor.get("/nowhere")
    for who in (stranger, visitor):
        answer = await who.get(page)
        assert answer.status_code == 404
    assert (await visitor.get(page)).headers["content-type"] == nowhere.headers["content-type"]


async def test_an_operators_token_operates_nothing(site: Site, operator: httpx.AsyncClient) -> None:
    assert (await operator.get("/ops")).status_code == 200
    signs = {"box": "R001", "note": "seen"}
    async with site.script(await site.token()) as program:
        assert [(await program.get(page)).status_code for page in _OPERATORS_PAGES] == [404] * len(_OPERATORS_PAGES)
        for path in ("/ops/sign", "/ops/incidents"):
            assert (await program.post(path, data=signs)).status_code == 404
        assert (await program.get("/api/test-sentry")).status_code == 500


async def test_operating_ends_with_the_right_to_it(site: Site, operator: httpx.AsyncClient) -> None:
    async with site.parts.db.transaction() as conn:
        await people.set_operator(conn, (await site.listener()).id, may=False)
    assert (await operator.get("/ops")).status_code == 404


@pytest.mark.parametrize("path", _OWN)
async def test_who_was_deleted_is_nobody_in_every_browser(site: Site, clock: FakeClock, path: str) -> None:
    cookies, token = await site.session(), await site.token()
    async with site.browser(**await site.session()) as first:
        gone = await first.request("DELETE", "/api/user/delete", json={"confirm": "mara"})
        assert gone.status_code == 200
    clock.forward(seconds=11)
    async with site.browser(**cookies) as second, site.script(token) as script:
        assert (await second.get(path)).status_code in {303, 401}
        assert (await script.get(path)).status_code in {303, 401}


@pytest.mark.parametrize("by", ["session", "token"])
async def test_no_address_knows_who_was_deleted(site: Site, clock: FakeClock, by: str) -> None:
    cookies, token = await site.session(), await site.token()
    async with site.browser(**await site.session()) as first:
        assert (await first.request("DELETE", "/api/user/delete", json={"confirm": "mara"})).status_code == 200
    personal = [line for line, (nobody, somebody) in TABLE.items() if nobody != somebody and ("/api/" in line or by == "session")]
    got = {}
    async with site.browser(**cookies) as ghost, site.script(token) as script:
        for line in personal:
            clock.forward(seconds=11)  # past the strictest budget
            got[line] = await asked(ghost if by == "session" else script, line)
    assert {line: status for line, status in got.items() if status not in {TABLE[line][0], 401, 303}} == {}
