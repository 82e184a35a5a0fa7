"""F21: an export whose reader goes, sleeps, or comes ten times at once, or whose database dies, holds nothing and pretends nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from audiospective.accounts import people
from audiospective.archive.ingest import store
from audiospective.archive.plays import Batch, Source, UserId
from audiospective.infra.database import Database, fetch_all
from audiospective.web import guard
from bench.listens import made_up
from tests.clock import FakeClock
from tests.databases import Server
from tests.web.site import Site, opened

_PLAYS = 60_000
_KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_OPEN = "SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"


@pytest.fixture(scope="module")
def archive(server: Server) -> Iterator[str]:
    """A database where Mara has so many plays that no buffer on the way holds them; these tests only read them."""
    for name in server.migrated():
        asyncio.run(_fill(server.dsn(name)))
        yield server.dsn(name)


@contextlib.asynccontextmanager
async def _opened(dsn: str) -> AsyncIterator[Database]:
    database = Database(dsn, size=4)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


async def _fill(dsn: str) -> None:
    async with _opened(dsn) as db, db.transaction() as conn:
        person = await people.add(conn, "mara", FakeClock().now())
        await store(conn, [Batch(UserId(person.id), Source.EXTENDED, made_up(_PLAYS, datetime(2026, 3, 1, tzinfo=UTC)))])


@pytest.fixture
async def site(archive: str, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Site]:
    """An instance over it."""
    async with _opened(archive) as db, opened(db, clock, tmp_path) as running:
        yield running


async def _rests(site: Site) -> bool:
    """Whether nothing is held any more, within half a minute."""
    for _ in range(300):
        async with site.parts.db.reading() as conn:
            held = (await fetch_all(conn, _OPEN, int))[0]
        if held == 0 and len(site.app.state.exports) == 0:
            return True
        await asyncio.sleep(0.1)
    return False


async def test_a_whole_file_has_as_many_plays_as_its_header_says(site: Site) -> None:
    async with site.script(await site.token()) as client:
        whole = await client.get("/api/export")
    assert whole.headers["x-exported-plays"] == str(whole.text.count("\r\n") - 1) == str(_PLAYS)


@pytest.mark.parametrize("fmt", ["csv", "json", "parquet", "reading-copy"])
async def test_a_reader_who_goes_leaves_nothing_behind(site: Site, fmt: str) -> None:
    async with site.script(await site.token()) as client, client.stream("GET", f"/api/export?format={fmt}") as answer:
        async for _ in answer.aiter_raw():
            break
    assert await _rests(site)


async def test_when_the_database_dies_the_download_fails_for_the_reader_too(site: Site) -> None:
    async with site.script(await site.token()) as client, client.stream("GET", "/api/export?format=json") as answer:
        pieces = answer.aiter_raw()
        await anext(pieces)
        async with site.parts.db.autocommit() as conn:
            await conn.execute(_KILL.encode())
        with pytest.raises(httpx.RemoteProtocolError):
            async for _ in pieces:
                pass
    assert await _rests(site)
    async with site.script(await site.token()) as client:
        assert (await client.get("/api/export")).text.count("\r\n") == _PLAYS + 1


async def test_who_does_not_take_what_was_asked_for_is_let_go(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_TAKING_S", 0.3)
    place = urlsplit(site.url)
    token = await site.token()
    reader, writer = await asyncio.open_connection(place.hostname, place.port, limit=1024)
    writer.write(f"GET /api/export HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    await reader.readexactly(100)  # and then nothing more
    await asyncio.sleep(0.5)
    assert await _rests(site)
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def test_ten_at_once_get_two_files_and_eight_answers(site: Site) -> None:
    async with site.script(await site.token()) as client:
        answers = await asyncio.gather(*(client.get("/api/export") for _ in range(9)))
    codes = [answer.status_code for answer in answers]
    assert set(codes) <= {200, 429}
    assert codes.count(200) >= 2
    assert all(answer.text.count("\r\n") == _PLAYS + 1 for answer in answers if answer.status_code == 200)
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 429)
    assert await _rests(site)
