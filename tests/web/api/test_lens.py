"""What counts is a lens: it changes every number at once, deletes nothing, and can be taken back."""

from __future__ import annotations

import httpx
import pytest

from audiospective.archive import playlists
from audiospective.archive.ingest import store
from audiospective.archive.plays import Flag, Source, UserId
from tests.archive.listens import Heard, batch
from tests.web.site import Site


@pytest.fixture(autouse=True)
async def listened(site: Site) -> None:
    """Six plays of two artists, two of them short, at seven in the evening."""
    person = await site.listener()
    heard = [Heard(n * 300, f"song {n}", 20_000 if n > 3 else 200_000, artist="Choir" if n % 2 else "Marrow Coast") for n in range(6)]
    async with site.parts.db.transaction() as conn:
        told = batch(UserId(person.id), Source.EXTENDED, *heard)
        told.listens.flags[2] |= Flag.INCOGNITO
        await store(conn, [told])
        ends = [int(told.listens.ended_at[place]) + 400_000 for place in (0, 3, 5)]  # as Spotify's call has them
        await playlists.note(conn, [(UserId(person.id), end, "37i9dQZF1DX0XUsuxWHRQd") for end in ends])


async def plays(client: httpx.AsyncClient) -> int:
    return int((await client.get("/api/stats")).json()["totalPlays"])


async def test_a_play_counts_from_as_many_seconds_as_one_wants(mara: httpx.AsyncClient) -> None:
    counted = []
    for seconds in (30, 0, 300):
        assert (await mara.patch("/api/lens", json={"leastPlaySeconds": seconds})).json()["leastPlaySeconds"] == seconds
        counted.append(await plays(mara))
    assert counted == [4, 6, 0]


@pytest.mark.parametrize(
    ("wish", "left"),
    [
        ({"kind": "artist", "name": "marrow coast"}, 2),
        ({"kind": "track", "name": "Song 1"}, 3),
        ({"kind": "album", "name": "Estuary"}, 0),
        ({"kind": "hours", "first": 19, "last": 19}, 0),
        ({"kind": "hours", "first": 20, "last": 18}, 4),
        ({"kind": "stretch", "begin": "2026-03-18T19:00:00Z", "end": "2026-03-18T19:06:00Z"}, 2),
        ({"kind": "stretch", "begin": "2026-03-18T18:00", "end": "2026-03-18T19:00"}, 4),
        ({"kind": "private"}, 3),
        ({"kind": "playlist", "name": "https://open.spotify.com/playlist/37i9dQZF1DX0XUsuxWHRQd?si=1a2b"}, 2),
        ({"kind": "playlist", "name": "spotify:playlist:1111111111111111111111"}, 4),
    ],
)
async def test_what_is_left_out_counts_nowhere_until_it_is_shown_again(mara: httpx.AsyncClient, wish: dict[str, object], left: int) -> None:
    answer = await mara.post("/api/lens/left-out", json=wish)
    assert answer.status_code == 201
    assert await plays(mara) == left
    for rule in answer.json()["leftOut"]:
        assert (await mara.delete(f"/api/lens/left-out/{rule['id']}")).status_code == 204
    assert await plays(mara) == 4


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"kind": "artist", "name": "Nobody"}, 404),
        ({"kind": "hours", "first": 5}, 400),
        ({"kind": "stretch", "begin": "2026-03-18T19:00"}, 400),
        ({"kind": "playlist", "name": "https://open.spotify.com/album/37i9dQZF1DX0XUsuxWHRQd"}, 400),
        ({"kind": "playlist", "name": "the children's"}, 400),
        ({"kind": "stretch", "begin": "2026-03-18T19:00", "end": "2026-03-18T19:00"}, 400),
        ({"kind": "stretch", "begin": "0001-01-01T00:00+14:00", "end": "0001-01-02T00:00"}, 400),
        ({"kind": "stretch", "begin": "9999-12-31T00:00", "end": "9999-12-31T23:59-12:00"}, 400),
        ({"kind": "hours", "first": 5, "last": 24}, 400),
        ({"kind": "mood", "name": "x"}, 400),
    ],
)
async def test_what_cant_be_left_out_is_said(mara: httpx.AsyncClient, wish: dict[str, object], status: int) -> None:
    assert (await mara.post("/api/lens/left-out", json=wish)).status_code == status
    assert await plays(mara) == 4


async def test_anothers_rules_are_nobodys(site: Site, mara: httpx.AsyncClient) -> None:
    rule = (await mara.post("/api/lens/left-out", json={"kind": "artist", "name": "Choir"})).json()["leftOut"][0]["id"]
    async with site.script(await site.token("noor")) as noor:
        assert (await noor.delete(f"/api/lens/left-out/{rule}")).status_code == 404
        assert (await noor.get("/api/lens")).json() == {"leastPlaySeconds": 30, "leftOut": []}
    assert await plays(mara) == 2


async def test_the_settings_page_does_it_by_plain_forms(site: Site, visitor: httpx.AsyncClient, mara: httpx.AsyncClient) -> None:
    page = (await visitor.get("/settings")).text
    token = page.partition('name="form_token" value="')[2].partition('"')[0]
    stretch = {"kind": "stretch", "begin": "2020-01-01T10:00", "end": "2020-01-01T12:00"}
    for form in ({"kind": "artist", "name": "Choir"}, {"first": "1", "last": "4"}, stretch, {"least_play_s": "0"}):
        assert (await visitor.post("/settings/lens", data={"form_token": token} | form)).status_code == 303
    assert await plays(mara) == 3
    page = (await visitor.get("/settings")).text
    assert "01:00 to 04:59" in page
    rule = page.partition('name="again" value="')[2].partition('"')[0]
    await visitor.post("/settings/lens", data={"form_token": token, "again": rule})
    assert await plays(mara) == 6
