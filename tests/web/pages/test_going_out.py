"""Exports and news by their pages, as somebody without scripts uses them."""

from __future__ import annotations

from dataclasses import replace

import httpx

from audiospective.accounts import ways
from audiospective.accounts.ways import Topic
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.infra.database import fetch_all
from audiospective.settings import AlertSettings, Secret
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock
from tests.web.site import Site, browser_at


async def _token(client: httpx.AsyncClient, path: str) -> str:
    return (await client.get(path)).text.partition('name="form_token" value="')[2].partition('"')[0]


async def test_the_form_offers_every_format_and_leads_to_the_file(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/export?range=2024-03")).text
    assert '<form class="sheet export" method="get" action="/api/export"' in page
    assert page.count('name="format" value="') == 6
    assert '<option value="2024-03" selected>' in page
    assert (await visitor.get("/api/export?format=reading-copy&range=2024-03")).headers["content-type"] == "application/zip"


async def test_copies_are_asked_for_and_stopped(visitor: httpx.AsyncClient) -> None:
    wish = {
        "place": "s3",
        "format": "reading-copy",
        "every": "week",
        "endpoint": "https://s3.example.org",
        "region": "eu",
        "bucket": "music",
    }
    wish |= {"prefix": "", "key_id": "AKIA", "secret": "hidden-hidden", "form_token": await _token(visitor, "/export")}
    assert (await visitor.post("/export/by-itself", data=wish)).status_code == 303
    page = (await visitor.get("/export")).text
    assert "Reading copy, every week, to the bucket <bdi>music</bdi>" in page
    assert "hidden-hidden" not in page
    await visitor.post("/export/by-itself/stop", data={"form_token": wish["form_token"]})
    assert "Stop the copies" not in (await visitor.get("/export")).text


async def test_the_folder_is_offered_only_where_there_is_one(visitor: httpx.AsyncClient) -> None:
    assert "Copy to the folder" not in (await visitor.get("/export")).text
    wish = {"place": "folder", "format": "csv", "every": "day", "form_token": await _token(visitor, "/export")}
    refused = await visitor.post("/export/by-itself", data=wish)
    assert (refused.status_code, "EXPORT_FOLDER" in refused.text) == (400, True)


async def test_a_hook_is_added_tried_and_removed(site: Site, visitor: httpx.AsyncClient) -> None:
    token = await _token(visitor, "/notices")
    wish = {"kind": "webhook", "target": "https://hooks.example.org/secret-path", "wants": "trouble", "form_token": token}
    page = (await visitor.post("/notices", data=wish)).text
    assert "shown this once" in page
    later = (await visitor.get("/notices")).text
    assert "hooks.example.org/…" in later
    assert "secret-path" not in later
    async with site.parts.db.reading() as conn:
        (way,) = await fetch_all(conn, "SELECT id FROM notice_ways", int)
    await visitor.post(f"/notices/{way}/try", data={"form_token": token})
    await visitor.post(f"/notices/{way}/remove", data={"form_token": token})
    assert "None yet." in (await visitor.get("/notices")).text


async def test_mail_is_not_offered_without_a_mail_server(visitor: httpx.AsyncClient) -> None:
    assert 'value="mail"' not in (await visitor.get("/notices")).text
    wish = {"kind": "mail", "target": "mara@example.org", "wants": "weekly", "form_token": await _token(visitor, "/notices")}
    assert (await visitor.post("/notices", data=wish)).status_code == 400


async def test_nobody_has_letters_sent_to_a_stranger_again_and_again(site: Site, visitor: httpx.AsyncClient, clock: FakeClock) -> None:
    alerts = AlertSettings(smtp_url=Secret("smtp://127.0.0.1:9"), email="operator@example.org")
    site.app.state.parts = replace(site.parts, settings=replace(site.parts.settings, alerts=alerts))
    token = await _token(visitor, "/notices")
    wish = {"kind": "mail", "target": "stranger@example.org", "wants": "weekly", "form_token": token}
    answers = []
    for _ in range(11):
        answers.append((await visitor.post("/notices", data=wish)).status_code)
        async with site.parts.db.reading() as conn:
            for way in await fetch_all(conn, "SELECT id FROM notice_ways", int):
                await visitor.post(f"/notices/{way}/remove", data={"form_token": token})
    assert answers == [200] * 10 + [429]
    hook = {"kind": "webhook", "target": "https://hooks.example.org/x", "wants": "weekly", "form_token": token}
    assert (await visitor.post("/notices", data=hook)).status_code == 200
    clock.forward(days=1, seconds=1)
    assert (await visitor.post("/notices", data=wish)).status_code == 200


async def test_a_letters_link_asks_first_and_ends_by_one_click_of_anybody(
    site: Site, stranger: httpx.AsyncClient, clock: FakeClock
) -> None:
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        made = await ways.add(
            conn, site.parts.sealer, person.id, "webhook", "https://x.example.org", wants=["weekly"], now=clock.now(), local_hosts=()
        )
    token = ways.leaving(site.parts.sealer, made.id, Topic.WEEKLY)
    assert "One click" in (await stranger.get(f"/unsubscribe/{token}")).text
    async with site.parts.db.reading() as conn:
        assert (await ways.own(conn, person.id))[0].wants == ["weekly"]
    async with browser_at(site.url) as mail_program:
        done = await mail_program.post(f"/api/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    async with site.parts.db.reading() as conn:
        assert (await ways.own(conn, person.id))[0].wants == []


async def test_a_week_is_a_page_too(site: Site, visitor: httpx.AsyncClient) -> None:
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.EXTENDED, Heard(-7 * 86_400, "<i>Tide</i>", 200_000))])
    page = (await visitor.get("/digest/week")).text
    assert "You played 1 track." in page
    assert "&lt;i&gt;Tide&lt;/i&gt;" in page
    assert (await visitor.get("/digest/2026-03")).status_code == 200
    assert (await visitor.get("/digest/all")).status_code == 404
