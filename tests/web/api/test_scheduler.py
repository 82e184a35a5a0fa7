"""The outside scheduler's two doors: only with its signature, once for each call (security.md A089–A091, F17, F18)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web

from audiospective.collect.summons import BATCH
from audiospective.collect.sweep import sweep_due
from audiospective.infra.database import Database, execute, fetch_all
from audiospective.settings import SchedulerSettings, Secret
from audiospective.simulator.world import World
from tests.clock import FakeClock
from tests.stand_in import world_of
from tests.web.signing import CURRENT, NEXT, b64, signed
from tests.web.site import Site, opened

_CRON, _BATCH = "/api/cron/archive", "/api/queue/archive-batch"
_KEYS = SchedulerSettings(signing_keys=(Secret(CURRENT), Secret(NEXT)))


@pytest.fixture
async def called(db: Database, clock: FakeClock, tmp_path: Path, world: tuple[str, World]) -> AsyncIterator[Site]:
    """An instance that knows a scheduler."""
    async with opened(db, clock, tmp_path, spotify_url=world[0], scheduler=_KEYS) as running:
        yield running


async def call(site: Site, path: str = _CRON, body: bytes = b"", *, headers: dict[str, str] | None = None, **how: Any) -> httpx.Response:
    """As the scheduler calls; `how` changes the signature."""
    signature = signed(f"{site.url}{path}", body, site.parts.clock.now(), **how)
    async with site.script() as client:
        return await client.post(path, content=body, headers={"Upstash-Signature": signature} | (headers or {}))


@pytest.mark.parametrize("key", [CURRENT, NEXT])
async def test_a_call_signed_with_either_key_is_carried_out(called: Site, key: str) -> None:
    answer = await call(called, key=key)
    assert (answer.status_code, answer.json()) == (
        200,
        {"success": True, "batchCount": 0, "userCount": 0, "totalActiveUsers": 0, "filteredOut": 0, "duplicate": False},
    )


@pytest.mark.parametrize(
    "how",
    [
        {"key": "another"},
        {"key": ""},
        {"alg": "none"},
        {"alg": "RS256"},
        {"iss": "Evil"},
        {"sub": "https://evil.example/api/cron/archive"},
        {"exp": 1},
        {"exp": 10**12},
        {"nbf": 10**11},
        {"jti": ""},
        {"jti": 7},
        {"claimed": b64(b"x" * 32)},
        {"headers": {"Upstash-Signature": "a.b.c"}},
        {"headers": {"Upstash-Signature": "x" * 5000}},
        {"headers": {"Upstash-Signature": ""}},
    ],
    ids=str,
)
async def test_whatever_the_scheduler_didnt_sign_is_refused(called: Site, how: dict[str, Any]) -> None:
    answer = await call(called, **how)
    assert (answer.status_code, answer.json()["error"]) == (401, "UNAUTHORIZED")
    assert (await call(called)).status_code == 200, "the honest call still works"


async def test_a_signature_for_one_door_opens_no_other(called: Site) -> None:
    signature = signed(f"{called.url}{_CRON}", b"", called.parts.clock.now())
    async with called.script() as client:
        assert (await client.post(_BATCH, headers={"Upstash-Signature": signature})).status_code == 401


async def test_a_changed_body_or_a_second_signature_is_refused(called: Site) -> None:
    signature = signed(f"{called.url}{_CRON}", b"{}", called.parts.clock.now())
    async with called.script() as client:
        assert (await client.post(_CRON, content=b"{ }", headers={"Upstash-Signature": signature})).status_code == 401
        twice = [("Upstash-Signature", signature), ("Upstash-Signature", signature)]
        assert (await client.post(_CRON, content=b"{}", headers=twice)).status_code == 401


async def test_without_keys_there_is_no_way_in(site: Site) -> None:
    answers = [await call(site, path) for path in (_CRON, _BATCH)]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert "QSTASH_CURRENT_SIGNING_KEY" in answers[0].json()["message"]


async def test_a_call_that_comes_again_does_nothing(called: Site) -> None:
    answers = [await call(called) for _ in range(3)]
    assert [(answer.status_code, answer.json()["duplicate"]) for answer in answers] == [(200, False), (200, True), (200, True)]
    at_once = await asyncio.gather(*(call(called, jti="another") for _ in range(6)))
    assert sum(not answer.json()["duplicate"] for answer in at_once) == 1


async def test_two_schedulers_at_once_sweep_nobody_twice(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    async with world_of(db, clock) as made:
        for n in range(12):
            made.stand_in.hear(f"listener{n}", (clock.now(), "song"))
            await made.sign_in(f"listener{n}")
        async with opened(db, clock, tmp_path, scheduler=_KEYS, spotify=made.spotify) as site:
            answer, swept = await asyncio.gather(call(site), sweep_due(*made.parts, clock))
            assert answer.json()["totalActiveUsers"] == 12
            assert made.stand_in.asked["plays"] == 12
            clock.forward(minutes=5)
            again = (await call(site)).json()
            assert (again["userCount"], again["filteredOut"]) == (0, 12)
            assert made.stand_in.asked["plays"] == 12
            assert swept.leased <= 12


async def test_a_batch_tells_what_it_came_to(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    async with world_of(db, clock) as made:
        for n in range(3):
            await made.sign_in(f"listener{n}")
        made.stand_in.trouble["listener1"] = (403, {}, {})
        async with opened(db, clock, tmp_path, scheduler=_KEYS, spotify=made.spotify) as site:
            told = (await call(site, _BATCH, b'{"batchNumber": 2, "totalBatches": 4}')).json()
    assert (told["batchNumber"], told["totalBatches"]) == (2, 4)
    assert told["results"] == {"successful": 2, "skipped": 0, "failed": 1}


async def test_many_people_are_handed_to_the_schedulers_queue(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    published: list[Any] = []

    async def take(request: web.Request) -> web.Response:
        published.append((request.headers["Authorization"], await request.json()))
        return web.json_response([{"messageId": "m"}])

    app = web.Application()
    app.router.add_post("/v2/batch", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    settings = SchedulerSettings(f"http://127.0.0.1:{runner.addresses[0][1]}", Secret("token"), _KEYS.signing_keys)
    async with world_of(db, clock) as made:
        await made.sign_in("mara")
        async with db.transaction() as conn:
            await _crowd(conn, BATCH + 5, clock)
        async with opened(db, clock, tmp_path, scheduler=settings, spotify=made.spotify) as site:
            told = (await call(site)).json()
            assert (told["batchCount"], told["userCount"]) == (2, BATCH + 6)
            assert published[0][0] == "Bearer token"
            assert [one["destination"] for one in published[0][1]] == [f"{site.url}{_BATCH}"] * 2
    await runner.cleanup()


async def _crowd(conn: Any, count: int, clock: FakeClock) -> None:
    """People who are due; their tokens are of no use."""
    add = """INSERT INTO people (name, display_name, created_at)
        SELECT 'crowd' || n, 'x', %(now)s FROM generate_series(1, %(count)s) AS n RETURNING id"""
    users = await fetch_all(conn, add, int, now=clock.now(), count=count)
    copy = """INSERT INTO grants (user_id, client_id, access_token, refresh_token, expires_at, authorized_at, scope)
        SELECT u, client_id, access_token, refresh_token, expires_at, authorized_at, scope FROM grants, unnest(%(users)s::int[]) AS u"""
    await execute(conn, copy, users=users)
    due = "INSERT INTO sweeps (user_id, due_at) SELECT unnest(%(users)s::int[]), %(now)s"
    await execute(conn, due, users=users, now=clock.now() - timedelta(minutes=1))
