"""A calendar rings before Spotify's permission ends, and remembers what these days were."""

from __future__ import annotations

import re

import httpx
import icalendar
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.reports import calendar
from tests.archive.listens import Heard, batch
from tests.web.site import Site


@pytest.fixture
async def address(site: Site, visitor: httpx.AsyncClient) -> str:
    """Where Mara's calendar is, as Settings tells it; she heard something a year ago."""
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.API, Heard(-365 * 86_400, "Tide"), Heard(-365 * 86_400 + 300, "Tide"))])
    found = re.search(r"/calendar/[\w.-]+\.ics", (await visitor.get("/settings")).text)
    assert found is not None
    return found[0]


async def test_a_calendar_program_reads_what_these_days_were(stranger: httpx.AsyncClient, address: str) -> None:
    answer = await stranger.get(address)
    assert answer.headers["content-type"].startswith("text/calendar")
    feed = icalendar.Calendar.from_ical(answer.content)
    assert [str(event["summary"]) for event in feed.walk("VEVENT")] == ["2025: 2 plays, mostly Tide"]


@pytest.mark.parametrize("change", ["x", "", "1.x"])
async def test_only_the_address_that_was_given_out_works(stranger: httpx.AsyncClient, address: str, change: str) -> None:
    wrong = f"/calendar/{change}.ics" if change != "x" else address.replace(".ics", "x.ics")
    assert (await stranger.get(wrong)).status_code in {404, 405}


async def test_a_deleted_listener_has_no_calendar(site: Site, stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get(f"/calendar/{calendar.name(site.parts.sealer, 999)}.ics")).status_code == 404
