"""A107: of somebody who is deleted, nothing that could be searched for is left, in no table and no file."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from audiospective.accounts import lenses, people, ways
from audiospective.accounts.lenses import RuleKind
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source, UserId
from audiospective.collect import unread
from audiospective.collect.imports import run
from audiospective.export import scheduled
from audiospective.export.run import Format
from audiospective.export.scheduled import Bucket
from audiospective.infra import outbox
from audiospective.infra.database import Connection, execute, fetch_all
from audiospective.reports import compare
from audiospective.spotify.player import Unreadable
from tests.archive.listens import Heard, batch
from tests.collect.imports import exports
from tests.web.site import Site

_CANARY = re.compile(r"canary[ -][a-z]+")
_TABLES = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
_DISPLAY_NAME = "canary display"


async def _live(site: Site, client: httpx.AsyncClient, folder: Path) -> None:
    """Mara leaves a canary wherever a listener can leave one."""
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        await people.set_preferences(conn, person.id, display_name=_DISPLAY_NAME)
        await execute(conn, "UPDATE people SET name = 'canary-handle', spotify_id = 'canary-spotify' WHERE id = %(user)s", user=person.id)
        await store(conn, [batch(person.id, Source.API, Heard(0, "Tide"))])
        await lenses.leave_out(conn, person.id, RuleKind.ARTIST, {1: "canary rule"}, site.parts.clock.now())
        rows = [exports.extended("2024-05-01T18:43:11Z"), exports.extended("canary reject")]
        path = exports.write_zip(folder / "canary-zip.zip", Streaming_History_Audio_2024=rows)
        import_id = await run.begin(conn, person.id, name="canary-zip.zip", size=1, now=site.parts.clock.now())
    await run.run(site.parts.db, import_id, [path], site.parts.clock)
    path.unlink()
    await _be_told(site, person.id)
    body = {"title": "canary title", "description": "canary description", "dateRange": "all", "showName": True}
    assert (await client.post("/api/share", json=body)).status_code == 201
    assert (await client.post("/api/tokens", json={"name": "canary token"})).status_code == 201


async def _be_told(site: Site, user: int) -> None:
    """Ways to be told, a message that waits, copies that go by themselves, something unreadable, and a comparison."""
    sealer, now, hook = site.parts.sealer, site.parts.clock.now(), "https://hooks.example.org/canary-hook"
    async with site.parts.db.transaction() as conn:
        await ways.add(conn, sealer, user, "webhook", hook, wants=["weekly"], now=now, local_hosts=())
        (way,) = await ways.own(conn, user)
        await outbox.store(conn, ways.news(way, "test:1", "canary subject", "canary letter"), now)
        bucket = Bucket("https://store.example.org", "eu", "music", "canary/", "canary-key", "canary-secret")
        await scheduled.to_bucket(conn, sealer, user, bucket, Format.CSV, every="day", now=now, local_hosts=())
        await execute(conn, "UPDATE scheduled_exports SET outcome = 'canary outcome'")
        await unread.keep(conn, [(UserId(user), Unreadable(b'{"name": "canary unreadable"}', "odd"))], now)
        await compare.invite(conn, user, now)


async def _found(conn: Connection) -> dict[str, set[str]]:
    """Canaries by table."""
    found = {}
    for table in await fetch_all(conn, _TABLES, str):
        rows = await fetch_all(conn, f"SELECT t::text FROM {table} t", str)
        found[table] = set(_CANARY.findall(_readable("\n".join(rows))))
    return {table: canaries for table, canaries in found.items() if canaries}


def _readable(text: str) -> str:
    """With the letters that hide in the hexadecimal of binary columns."""
    hidden = (bytes.fromhex(digits).decode("latin-1") for digits in re.findall(r"\\x((?:[0-9a-f]{2})+)", text))
    return text + "\n".join(hidden)


async def test_no_canary_outlives_its_owner(
    site: Site, visitor: httpx.AsyncClient, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    await _live(site, visitor, tmp_path)
    async with site.parts.db.reading() as conn:
        before = await _found(conn)
    kept = {"people", "imports", "import_rejects", "exclusions", "shares", "personal_tokens"}
    assert set(before) == kept | {"outbox", "scheduled_exports", "unreadable"}
    canaries = set[str]().union(*before.values())
    assert len(canaries) >= 13
    assert {"canary-hook", "canary-secret", "canary-key"}.isdisjoint(canaries)  # sealed
    answer = await visitor.request("DELETE", "/api/user/delete", json={"confirm": _DISPLAY_NAME})
    assert answer.status_code == 200
    async with site.parts.db.reading() as conn:
        assert await _found(conn) == {}
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    said = capfd.readouterr()
    assert _CANARY.findall(b"\n".join(files).decode("latin-1") + answer.text + said.out + said.err) == []


async def test_others_keep_the_songs_that_they_shared(site: Site, visitor: httpx.AsyncClient, tmp_path: Path) -> None:
    noor = await site.listener("noor")
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(noor.id, Source.API, Heard(0, "Tide"))])
    await _live(site, visitor, tmp_path)
    await visitor.request("DELETE", "/api/user/delete", json={"confirm": _DISPLAY_NAME})
    async with site.script(await site.token("noor")) as client:
        top = (await client.get("/api/top-tracks?range=all")).json()["tracks"]
    assert [(one["track"]["name"], one["playCount"]) for one in top] == [("Tide", 1)]
