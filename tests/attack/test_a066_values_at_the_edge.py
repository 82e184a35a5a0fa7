"""A062, A066: numbers and times from the edge of what there is are refused in words; none is kept that breaks pages later on."""

from __future__ import annotations

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.web.visitor import cookie_name, form_token
from tests.archive.listens import Heard, batch
from tests.web.site import Site

_PROGRAM = {"Accept": "application/json"}
_EDGES = ("0001-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9000-01-01T00:00:00", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59")


@pytest.fixture(autouse=True)
async def listened(site: Site) -> None:
    """Something to share and to leave out."""
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.API, Heard(0, "Tide"), Heard(300, "Harbour"))])


@pytest.fixture
def own_token(site: Site, visitor: httpx.AsyncClient) -> str:
    """What Mara's forms carry."""
    return form_token(site.parts.sealer, visitor.cookies[cookie_name(site.parts.settings)], site.parts.clock.now())


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
@pytest.mark.parametrize("end", _EDGES)
async def test_a_report_that_never_ends_leaves_its_makers_pages_whole(visitor: httpx.AsyncClient, zone: str, end: str) -> None:
    await visitor.patch("/api/settings", json={"timeZone": zone})
    aware = end if len(end) > 19 else f"{end}Z"
    made = await visitor.post("/api/share", json={"title": "Mine", "dateRange": "all", "expiresAt": aware}, headers=_PROGRAM)
    assert (made.status_code, made.json()["details"]) == (400, {"field": "expiresAt"})
    for page in ("/shares", "/settings", "/api/export?gdpr=true&format=json"):
        assert (page, (await visitor.get(page)).status_code) == (page, 200)


async def test_a_report_may_end_long_after_whoever_made_it(visitor: httpx.AsyncClient) -> None:
    made = await visitor.post("/api/share", json={"title": "Mine", "dateRange": "all", "expiresAt": "2099-12-31T23:59:59Z"})
    assert made.status_code == 201
    assert (await visitor.get("/shares")).status_code == 200


@pytest.mark.parametrize("ends", ["0000019999999999", "000001" + "9" * 5000, "99999", "-1", "²"])
async def test_days_that_are_no_number_of_days_are_refused(visitor: httpx.AsyncClient, own_token: str, ends: str) -> None:
    wish = {"title": "Mine", "range": "all", "sections": "numbers", "ends": ends, "form_token": own_token}
    assert (await visitor.post("/shares", data=wish)).status_code == 400


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
@pytest.mark.parametrize("begin", _EDGES)
async def test_a_stretch_outside_all_listening_is_refused(visitor: httpx.AsyncClient, zone: str, begin: str) -> None:
    await visitor.patch("/api/settings", json={"timeZone": zone})
    wish = {"kind": "stretch", "begin": begin, "end": begin.replace("T00:00", "T00:30")}
    refused = await visitor.post("/api/lens/left-out", json=wish, headers=_PROGRAM)
    assert (refused.status_code, refused.json()["details"]) == (400, {"field": "begin"})


@pytest.mark.parametrize("place", ["-1", "-2", "-100", "9" * 30])
async def test_a_row_before_the_first_has_no_cover(visitor: httpx.AsyncClient, place: str) -> None:
    made = (await visitor.post("/api/share", json={"title": "Mine", "dateRange": "all"})).json()["data"]
    answer = await visitor.get(f"/share/{made['shareId']}/cover/tracks/{place}")
    assert (answer.status_code, answer.headers["content-type"].split("/")[0]) in {(404, "image"), (404, "text")}


@pytest.mark.parametrize(("field", "value"), [("theme", "pink"), ("display_name", "x" * 101), ("time_zone", "Mars"), ("language", "xx")])
async def test_a_form_with_what_cannot_be_set_is_refused(visitor: httpx.AsyncClient, own_token: str, field: str, value: str) -> None:
    assert (await visitor.post("/api/settings", data={field: value, "form_token": own_token})).status_code == 400
