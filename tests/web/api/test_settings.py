"""Preferences and personal tokens."""

from __future__ import annotations

import httpx

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.web.visitor import cookie_name, form_token
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock
from tests.web.site import Site


async def test_what_is_changed_changes_and_the_rest_stays(mara: httpx.AsyncClient) -> None:
    changed = await mara.patch("/api/settings", json={"timeZone": "Europe/Lisbon", "isAdmin": True, "userId": 7})
    told = {
        "name": "mara",
        "displayName": "mara",
        "timeZone": "Europe/Lisbon",
        "theme": "system",
        "language": "",
        "hasSpotify": False,
        "lived": [],
    }
    assert changed.json() == told
    assert (await mara.patch("/api/settings", json={"displayName": "Mara L."})).json()["timeZone"] == "Europe/Lisbon"
    assert (await mara.get("/api/settings")).json()["displayName"] == "Mara L."


async def test_a_plain_form_changes_them_too(site: Site, visitor: httpx.AsyncClient) -> None:
    token = form_token(site.parts.sealer, visitor.cookies[cookie_name(site.parts.settings)], site.parts.clock.now())
    fields = {"display_name": "Mara L.", "time_zone": "Asia/Tokyo", "theme": "dark", "form_token": token}
    sent = await visitor.post("/api/settings", data=fields)
    assert (sent.status_code, sent.headers["location"]) == (303, "/settings?saved=1")
    assert "Saved." in (await visitor.get(sent.headers["location"])).text
    assert "Saved." not in (await visitor.get("/settings")).text
    told = (await visitor.get("/api/settings")).json()
    assert (told["displayName"], told["timeZone"], told["theme"]) == ("Mara L.", "Asia/Tokyo", "dark")


async def test_a_token_is_shown_once_works_and_can_be_revoked(site: Site, mara: httpx.AsyncClient) -> None:
    issued = await mara.post("/api/tokens", json={"name": "phone"})
    token = issued.json()["token"]
    listed = (await mara.get("/api/tokens")).json()["tokens"]
    assert (issued.status_code, token in str(listed), [one["name"] for one in listed].count("phone")) == (201, False, 1)
    async with site.script(token) as phone:
        assert (await phone.get("/api/settings")).status_code == 200
        [own] = [one["id"] for one in listed if one["name"] == "phone"]
        assert (await mara.delete(f"/api/tokens/{own}")).status_code == 204
        assert (await phone.get("/api/settings")).status_code == 401


async def test_a_token_of_somebody_else_is_not_there(site: Site, mara: httpx.AsyncClient) -> None:
    [own] = (await mara.get("/api/tokens")).json()["tokens"]
    async with site.script(await site.token("otto")) as otto:
        assert (await otto.delete(f"/api/tokens/{own['id']}")).status_code == 404
    assert (await mara.get("/api/settings")).status_code == 200


async def test_a_move_gives_old_evenings_their_own_clock(
    site: Site, clock: FakeClock, mara: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    person = await site.listener()
    clock.forward(days=8)
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.API, Heard(0, "Tide"))])
    changed = await mara.patch("/api/settings", json={"timeZone": "UTC", "lived": [{"zone": "Asia/Tokyo", "until": "2026-03-25"}]})
    assert changed.json()["lived"] == [{"zone": "Asia/Tokyo", "until": "2026-03-25"}]
    assert (await mara.get("/api/activity")).json()["byHour"]["4"] == 1
    page = (await visitor.get("/settings")).text
    token = page.partition('name="form_token" value="')[2].partition('"')[0]
    assert (await visitor.post("/settings/zones", data={"form_token": token, "gone": "2026-03-25"})).status_code == 303
    assert (await mara.get("/api/activity")).json()["byHour"]["19"] == 1
    refused = await visitor.post("/settings/zones", data={"form_token": token, "zone": "Mars", "until": "2020-01-01"})
    assert refused.status_code == 400


async def test_a_move_to_come_is_not_taken(mara: httpx.AsyncClient, visitor: httpx.AsyncClient) -> None:
    """A 2062 for a 2026 would have put every day since on the old place's clock."""
    lived = {"lived": [{"zone": "Asia/Tokyo", "until": "2062-03-01"}]}
    assert (await mara.patch("/api/settings", json=lived)).json()["details"] == {"field": "until"}
    token = (await visitor.get("/settings")).text.partition('name="form_token" value="')[2].partition('"')[0]
    sent = {"form_token": token, "zone": "Asia/Tokyo", "until": "2062-03-01"}
    refused = await visitor.post("/settings/zones", data=sent, headers={"Accept": "text/html"})
    assert (refused.status_code, "2062-03-01 is still to come" in refused.text) == (400, True)
    assert (await mara.get("/api/settings")).json()["lived"] == []
    assert (await visitor.post("/settings/zones", data=sent | {"until": "2026-03-19"})).status_code == 303
