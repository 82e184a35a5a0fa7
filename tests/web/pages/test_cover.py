"""Covers, through this instance."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.infra.database import execute, fetch_all
from audiospective.simulator.bodies import album
from audiospective.simulator.catalogue import catalogue
from audiospective.simulator.world import World
from tests.archive.listens import Heard, batch
from tests.web.site import Site


@pytest.fixture
async def guest(connected: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with connected.browser(**await connected.session()) as client:
        yield client


async def _album(site: Site, image_url: str | None, *, of: str = "mara") -> str:
    """The cover of an album that somebody has heard."""
    person = await site.listener(of)
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.EXTENDED, Heard(0, "Tide", 200_000))])
        [album] = await fetch_all(conn, "UPDATE albums SET image_url = %(url)s RETURNING id", int, url=image_url)
        await execute(conn, "UPDATE artists SET image_url = %(url)s", url=image_url)
    return f"/cover/album/{album}"


async def test_a_stranger_sees_only_a_sleeve(connected: Site, world: tuple[str, World]) -> None:
    path = await _album(connected, f"{world[0]}/image/x")
    async with connected.browser() as stranger:
        answer = await stranger.get(path)
    assert (answer.status_code, answer.headers["content-type"], sum(world[1].seen.values())) == (404, "image/svg+xml", 0)


async def test_nobody_sees_by_covers_what_another_hears(connected: Site, guest: httpx.AsyncClient, world: tuple[str, World]) -> None:
    """The numbers of albums are small, and each picture names one."""
    path = await _album(connected, album(catalogue().albums[0], world[0])["images"][0]["url"], of="olga")
    async with connected.browser(**await connected.session("olga")) as olga:
        assert (await olga.get(path)).status_code == 200
    async with connected.parts.db.reading() as conn:
        [artist] = await fetch_all(conn, "SELECT id FROM artists", int)
    unknown = await guest.get("/cover/album/4711")
    for address in (path, f"/cover/artist/{artist}"):
        answer = await guest.get(address)
        assert (answer.status_code, answer.content) == (404, unknown.content)


@pytest.mark.parametrize(
    "url", [None, "http://169.254.169.254/latest/meta-data", "https://evil.example/x.jpg", "file:///etc/passwd", "{base}/v1/me"]
)
async def test_nothing_but_spotifys_pictures_is_fetched(
    connected: Site, guest: httpx.AsyncClient, world: tuple[str, World], url: str | None
) -> None:
    answer = await guest.get(await _album(connected, url and url.format(base=world[0])))
    assert (answer.status_code, answer.headers["content-type"], sum(world[1].seen.values())) == (404, "image/svg+xml", 0)


async def test_a_cover_is_fetched_once_and_kept(connected: Site, guest: httpx.AsyncClient, world: tuple[str, World]) -> None:
    picture = album(catalogue().albums[0], world[0])["images"][0]["url"]
    path = await _album(connected, picture)
    first, second = await guest.get(path), await guest.get(path)
    assert (first.status_code, first.headers["content-type"], first.content) == (200, "image/png", second.content)
    assert first.headers["cache-control"] == "private, max-age=2592000, immutable"
    assert sum(world[1].seen.values()) == 1


async def test_a_cover_that_cannot_be_had_is_asked_for_again(connected: Site, guest: httpx.AsyncClient, world: tuple[str, World]) -> None:
    path = await _album(connected, album(catalogue().albums[0], world[0])["images"][0]["url"])
    world[1].faults.add(path="/image/", trouble="html")
    assert [(await guest.get(path)).status_code for _ in range(2)] == [404, 200]


async def test_an_unknown_album_has_a_sleeve(guest: httpx.AsyncClient) -> None:
    for number in ("0", "4711", "99999999999"):
        assert (await guest.get(f"/cover/album/{number}")).status_code == 404
        assert (await guest.get(f"/cover/artist/{number}")).status_code == 404
