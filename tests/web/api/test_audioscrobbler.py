"""Scrobblers that know Last.fm's interface work unchanged (peers.md §5; security.md A111, A112)."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from audiospective.archive import history
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source, UserId
from audiospective.infra.database import fetch_all
from tests.archive.listens import EVENING, Heard, batch
from tests.clock import FakeClock
from tests.web.site import Site, browser_at

_AT = int(EVENING.timestamp())


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A program that shows nothing by itself."""
    async with browser_at(site.url, timeout=20) as program:
        yield program


async def _call(client: httpx.AsyncClient, method: str, **fields: str | int) -> Any:
    answer = await client.post("/2.0/", data={"method": method, "format": "json", "api_key": "k", "api_sig": "s", **fields})
    return answer.json()


def _listen(place: int | None = None, **more: object) -> dict[str, object]:
    end = "" if place is None else f"[{place}]"
    told = {"artist": "Marrow Coast", "track": "Tide", "timestamp": _AT + 600 * (place or 0)} | more
    return {f"{name}{end}": value for name, value in told.items()}


async def _archived(site: Site, name: str = "mara") -> list[int]:
    person = await site.listener(name)
    async with site.parts.db.transaction() as conn:
        return list((await history.load(conn, UserId(person.id))).ended_at.tolist())


@pytest.mark.parametrize("path", ["/2.0/", "/2.0", "/apis/audioscrobbler/2.0", "/apis/audioscrobbler/2.0/"])
async def test_signing_in_by_a_token_and_a_scrobble_archive_a_listen_once_wherever_it_is_sent(
    site: Site, client: httpx.AsyncClient, path: str
) -> None:
    asked = {"method": "AUTH.getMobileSession", "username": "whoever", "password": await site.token(), "format": "json"}
    session = (await client.post(path, data=asked)).json()["session"]
    assert (session["name"], session["subscriber"]) == ("mara", 0)
    for _ in range(2):
        told = _listen(duration=245) | {"method": "track.scrobble", "sk": session["key"], "format": "json"}
        answer = (await client.post(path, data=told)).json()["scrobbles"]
        assert answer["@attr"] == {"accepted": 1, "ignored": 0}
        assert answer["scrobble"]["track"] == {"corrected": "0", "#text": "Tide"}
    assert await _archived(site) == [(_AT + 245) * 1_000_000]


async def test_a_batch_is_answered_listen_by_listen_and_only_the_impossible_is_ignored(site: Site, client: httpx.AsyncClient) -> None:
    rows = [_listen(0), _listen(1, artist=""), _listen(2, track=" "), _listen(3, timestamp="x"), _listen(4, timestamp=_AT + 9 * 86_400)]
    fields = {name: str(value) for row in [*rows, _listen(11, album="Estuary <&>")] for name, value in row.items()}
    answer = (await _call(client, "track.scrobble", sk=await site.token(), **fields))["scrobbles"]
    assert answer["@attr"] == {"accepted": 2, "ignored": 4}
    assert [one["ignoredMessage"]["code"] for one in answer["scrobble"]] == ["0", "1", "2", "3", "4", "0"]
    assert await _archived(site) == [_AT * 1_000_000, (_AT + 6600) * 1_000_000]


async def test_the_answer_is_xml_unless_json_is_asked_for(site: Site, client: httpx.AsyncClient) -> None:
    fields = {name: str(value) for row in (_listen(0, album="A<b>&\x0b"), _listen(1)) for name, value in row.items()}
    answer = await client.post("/2.0/", data=fields | {"method": "track.scrobble", "sk": await site.token()})
    lfm = ET.fromstring(answer.text)
    scrobbles = lfm.find("scrobbles")
    assert answer.headers["content-type"].startswith("text/xml")
    assert (lfm.get("status"), scrobbles is not None and scrobbles.attrib) == ("ok", {"accepted": "2", "ignored": "0"})
    assert [one.text for one in lfm.iter("album")] == ["A<b>&", None]
    refused = ET.fromstring((await client.post("/2.0/", data={"method": "track.scrobble"})).text)
    error = refused.find("error")
    assert (refused.get("status"), error is not None and error.get("code")) == ("failed", "9")


async def test_what_plays_now_is_told_where_other_clients_ask_and_not_kept(site: Site, client: httpx.AsyncClient) -> None:
    token = await site.token()
    answer = await _call(client, "track.updateNowPlaying", sk=token, artist="Marrow Coast", track="Tide", duration=245)
    assert answer["nowplaying"]["ignoredMessage"]["code"] == "0"
    async with site.script(token) as other:
        (entry,) = (await other.get("/1/user/mara/playing-now")).json()["payload"]["listens"]
    assert entry["track_metadata"]["track_name"] == "Tide"
    assert await _archived(site) == []


async def test_a_scrobble_and_a_sweep_of_one_listening_are_one_play(site: Site, client: httpx.AsyncClient) -> None:
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.API, Heard(201, "Tide"))])
    await _call(client, "track.scrobble", sk=await site.token(), artist="Marrow Coast", track="Tide", timestamp=_AT, duration=200)
    assert len(await _archived(site)) == 1
    told = (await _call(client, "user.getInfo", sk=await site.token()))["user"]
    assert (told["name"], told["playcount"]) == ("mara", "1")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, 3),
        ({"method": "user.getLovedTracks"}, 3),
        ({"method": "auth.getMobileSession", "username": "mara", "password": "wrong"}, 4),
        ({"method": "auth.getMobileSession", "username": "mara", "authToken": "0" * 32}, 4),
        ({"method": "track.scrobble", "sk": "as_guessed", "artist": "A", "track": "T", "timestamp": "1700000000"}, 9),
        ({"method": "user.getInfo", "user": "mara"}, 9),
        ({"method": "auth.getSession", "token": "1-x.y"}, 14),
    ],
)
async def test_who_is_not_known_gets_a_number_and_nothing_else(
    site: Site, client: httpx.AsyncClient, fields: dict[str, str], code: int
) -> None:
    await site.token()
    answer = await client.post("/2.0/", data=fields | {"format": "json"})
    assert (answer.status_code in {400, 403}, answer.json()["error"]) == (True, code)
    assert await _archived(site) == []


async def test_a_key_in_an_address_opens_nothing(site: Site, client: httpx.AsyncClient) -> None:
    token = await site.token()
    told = {name: str(value) for name, value in _listen().items()} | {"method": "track.scrobble", "format": "json"}
    by_post = await client.post(f"/2.0/?sk={token}", data=told)
    by_get = await client.get("/2.0/", params=told | {"sk": token})
    signed_in = await client.post(f"/2.0/?method=auth.getMobileSession&password={token}&format=json")
    assert [answer.json()["error"] for answer in (by_post, by_get, signed_in)] == [9, 3, 4]
    assert await _archived(site) == []


async def test_too_many_and_too_much_are_refused(site: Site, client: httpx.AsyncClient) -> None:
    fields = {name: str(value) for place in range(51) for name, value in _listen(place).items()}
    assert (await _call(client, "track.scrobble", sk=await site.token(), **fields))["error"] == 6
    assert (await _call(client, "track.scrobble", sk=await site.token()))["error"] == 6
    assert (await client.post("/2.0/", content=b"a=" + b"x" * 300_000)).status_code == 413
    assert await _archived(site) == []


async def test_a_session_of_a_browser_counts_for_nothing(site: Site, visitor: httpx.AsyncClient) -> None:
    told = {name: str(value) for name, value in _listen().items()} | {"method": "track.scrobble", "format": "json"}
    assert (await visitor.post("/2.0/", content="&".join(f"{name}={value}" for name, value in told.items()))).json()["error"] == 9
    assert await _archived(site) == []


async def _allowed(browser: httpx.AsyncClient, token: str) -> httpx.Response:
    there = (await browser.get("/api/auth", params={"api_key": "k", "token": token})).headers["location"]
    form = (await browser.get(there)).text.partition('name="form_token" value="')[2].partition('"')[0]
    return await browser.post("/auth/scrobbler", data={"form_token": form, "token": token})


async def test_a_scrobbler_gets_a_key_of_its_own_once_its_listener_says_yes(
    site: Site, client: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    token = (await client.get("/2.0/?method=auth.getToken&format=json")).json()["token"]
    assert (await _call(client, "auth.getSession", token=token))["error"] == 14
    assert (await _allowed(visitor, token)).status_code == 200
    session = (await _call(client, "auth.getSession", token=token))["session"]
    assert session["name"] == "mara"
    told = await _call(client, "track.scrobble", sk=session["key"], artist="A", track="T", timestamp=_AT)
    assert told["scrobbles"]["@attr"]["accepted"] == 1
    assert (await _call(client, "auth.getSession", token=token))["error"] == 14  # it has been used
    page = (await visitor.get("/settings")).text
    assert "Scrobbler" in page
    async with site.parts.db.reading() as conn:
        assert not any(session["key"] in row for row in await fetch_all(conn, "SELECT t::text FROM personal_tokens t", str))


async def test_a_question_is_good_for_an_hour_and_only_if_it_was_asked_here(
    site: Site, client: httpx.AsyncClient, visitor: httpx.AsyncClient, clock: FakeClock
) -> None:
    token = (await _call(client, "auth.getToken"))["token"]
    forged = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    for given in (forged, "", "1-" + "A" * 22 + ".x", "9" * 12 + "-" + "A" * 22 + ".x"):
        assert (await visitor.get(f"/auth/scrobbler?token={given}")).status_code == 404
    clock.forward(seconds=3605)
    assert (await visitor.get(f"/auth/scrobbler?token={token}")).status_code == 404
    assert (await _call(client, "auth.getSession", token=token))["error"] == 14


async def test_what_goes_wrong_before_a_call_is_read_is_told_in_their_words(client: httpx.AsyncClient) -> None:
    refused = await client.put("/2.0/?format=json")
    assert (refused.status_code, refused.json()["error"]) == (405, 6)
    for _ in range(110):
        last = await client.post("/2.0/", data={"method": "nothing"})
    assert (last.status_code, '<error code="29">' in last.text) == (429, True)
