"""/status tells everybody whether it works, and nobody's name."""

from __future__ import annotations

import httpx

from audiospective.operations import incidents
from audiospective.operations.incidents import Cause, Stage
from tests.web.site import Site


async def _incident(site: Site) -> int:
    now = site.parts.clock.now()
    async with site.parts.db.transaction() as conn:
        number = await incidents.begin(conn, severity=2, title="Exports fail", said="We look into it.", actor="canary-mara", now=now)
        await incidents.tell(conn, number, stage=Stage.NOTE, said="canary-note", actor="canary-mara", now=now)
    return number


async def test_an_open_incident_stands_above_everything(site: Site, stranger: httpx.AsyncClient) -> None:
    await _incident(site)
    page = (await stranger.get("/status")).text
    assert "Some of it is impaired." in page
    assert "Exports fail" in page
    assert "canary" not in page


async def test_programs_get_the_same(site: Site, stranger: httpx.AsyncClient) -> None:
    number = await _incident(site)
    async with site.parts.db.transaction() as conn:
        await incidents.resolve(conn, number, said="Works again.", actor="canary-mara", now=site.parts.clock.now())
    answer = await stranger.get("/api/status", headers={"Accept": "*/*"})
    (told,) = answer.json()["incidents"]
    assert [one["stage"] for one in told["updates"]] == ["investigating", "resolved"]
    assert "canary" not in answer.text


async def test_what_only_operators_were_told_of_is_not_shown(site: Site, stranger: httpx.AsyncClient) -> None:
    now = site.parts.clock.now()
    async with site.parts.db.transaction() as conn:
        cause = Cause("dependencies", 1)
        number = await incidents.begin_by_itself(conn, cause, severity=2, title="canary-hole", said="canary-package", now=now)
    assert "canary" not in (await stranger.get("/status")).text
    assert (await stranger.get("/api/status", headers={"Accept": "*/*"})).json()["incidents"] == []
    async with site.parts.db.transaction() as conn:
        await incidents.tell(conn, number or 0, stage=Stage.INVESTIGATING, said="We update a part.", actor="mara", now=now)
    assert "canary-hole" in (await stranger.get("/status")).text
