"""The operators' pages: what they show and do, and that for everybody else there is nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from audiospective.accounts import people
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.infra.database import execute
from audiospective.operations import authority, boxes, first_operator, incidents, launch, launches, ledger, recovery, team, walk
from audiospective.operations.judge import Reading
from audiospective.operations.ledger import Entry
from audiospective.operations.measures import Recorder
from audiospective.operations.roles import Role
from audiospective.web.visitor import cookie_name, form_token
from tests.archive.listens import Heard, batch
from tests.web.site import Site

PAGES = ("/ops", "/ops?chapter=monitoring", "/ops/watch", "/ops/watch?window=week", "/ops/incidents", "/ops/ledger")
CHANGES = (
    "/ops/sign",
    "/ops/incidents",
    "/ops/incidents/1/updates",
    "/ops/incidents/1/resolution",
    "/ops/incidents/1/actions",
    "/ops/incidents/1/report",
)


async def _operator(site: Site, name: str = "mara", role: Role = Role.LEAD) -> dict[str, str]:
    async with site.parts.db.transaction() as conn:
        await people.set_operator(conn, (await site.listener(name)).id, may=True, role=role.value)
    return await site.session(name)


@pytest.fixture
async def lead(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of somebody who may do everything."""
    async with site.browser(**await _operator(site)) as client:
        yield client


async def _send(site: Site, client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    session = client.cookies[cookie_name(site.parts.settings)]
    token = form_token(site.parts.sealer, session, site.parts.clock.now())
    return await client.post(path, data={"form_token": token, **fields})


async def test_for_everybody_else_there_is_nothing(site: Site, stranger: httpx.AsyncClient, visitor: httpx.AsyncClient) -> None:
    for client in (stranger, visitor):
        assert {(path, (await client.get(path)).status_code) for path in PAGES} == {(path, 404) for path in PAGES}
    assert {(path, (await _send(site, visitor, path)).status_code) for path in CHANGES} == {(path, 404) for path in CHANGES}


async def test_an_operator_sees_every_page(lead: httpx.AsyncClient) -> None:
    for path in PAGES:
        assert (await lead.get(path)).status_code == 200, path
    board = (await lead.get("/ops")).text
    assert "<em>0 of 219</em> boxes hold." in board
    assert "R001" in board


async def test_no_page_shows_anything_of_listeners(site: Site, lead: httpx.AsyncClient) -> None:
    """A037: neither names, titles, plays nor tokens."""
    async with site.parts.db.transaction() as conn:
        noor = await people.add(conn, "canary-noor", site.parts.clock.now())
        await people.set_preferences(conn, noor.id, display_name="canary display")
        await execute(conn, "UPDATE people SET spotify_id = 'canary-spotify' WHERE id = %(user)s", user=noor.id)
        await store(conn, [batch(noor.id, Source.API, Heard(0, "canary title"))])
    token = await site.token("canary-noor")
    for path in PAGES:
        page = (await lead.get(path)).text
        assert "canary" not in page
        assert token not in page


async def test_a_box_is_signed_by_a_button_in_ones_own_name(site: Site, lead: httpx.AsyncClient) -> None:
    done = await _send(site, lead, "/ops/sign", box="R042", note="seen", back="/ops?chapter=deployment#chapter")
    assert (done.status_code, done.headers["location"]) == (303, "/ops?chapter=deployment#chapter")
    assert "<em>1 of 219</em>" in (await lead.get("/ops")).text
    async with site.parts.db.reading() as conn:
        (line,) = await ledger.whole(conn)
    assert (line.actor, line.subject) == ("mara", "R042")
    assert (await _send(site, lead, "/ops/sign", box="R018", note="trust me")).status_code == 400
    assert (await _send(site, lead, "/ops/sign", box="R043", back="https://evil.example")).headers["location"] == "/ops"


async def test_what_broke_after_its_stage_was_passed_is_next_and_a_request_stands_before_it(site: Site, lead: httpx.AsyncClient) -> None:
    first = (await lead.get("/ops")).text
    assert "Before the deployment: 48 boxes wait." in first
    assert "audiospective ops ack monitoring-lead --by NAME" in first
    now = site.parts.clock.now()
    async with site.parts.db.transaction() as conn:
        await launches.begin(conn, "1.0.0", commit="", window=None, actor="mara", now=now)
        passed = [Entry("mara", walk.PASSED, stage.name, {}) for stage in walk.STAGES[:5]]
        await ledger.append(conn, passed, now)
    assert "Deployment: 13 boxes wait." in (await lead.get("/ops")).text  # not those of the morning, long passed
    async with site.parts.db.transaction() as conn:
        await launch.record(conn, [boxes.box("R060")], {"health.status": Reading("unhealthy", "health")}, actor="mara", now=now)
        await authority.request(conn, "Noor Haddad", "nothing <b>loads</b>", now, is_critical=True)
    page = (await lead.get("/ops")).text
    assert "Roll back. <em>0 of 219</em>" in page
    assert "1 box failed after its stage was passed." in page
    assert "Noor Haddad asks for a rollback" in page
    assert "nothing &lt;b&gt;loads" in page
    assert "audiospective ops rollback approve 1 --by" in page


async def test_what_a_role_may_not_do_is_refused_and_not_offered(site: Site) -> None:
    async with site.parts.db.transaction() as conn:
        await team.name(conn, site.parts.sealer, team.Member("support-lead", "noor", "noor@example.org", "", "UTC", site.parts.clock.now()))
    async with site.browser(**await _operator(site, "noor", Role.SUPPORT)) as client:
        assert (await _send(site, client, "/ops/sign", box="R001")).status_code == 403
        assert (await _send(site, client, "/ops/sign", box="R042")).status_code == 403
        assert (await _send(site, client, "/ops/sign", box="R154")).status_code == 303
        assert "I am here as Support lead" in (await client.get("/ops")).text
        assert (await _send(site, client, "/ops/sign", box="R003")).status_code == 303
        assert (await _send(site, client, "/ops/incidents", severity="2", title="x", said="x")).status_code == 403
        assert "Open an incident" not in (await client.get("/ops/incidents")).text


async def test_a_form_that_nobody_can_have_typed_is_refused_as_such(site: Site, lead: httpx.AsyncClient) -> None:
    for severity in ("1" * 5_000, "٣", "0", ""):
        answer = await _send(site, lead, "/ops/incidents", severity=severity, title="x", said="x")
        assert (answer.status_code, "is no severity" in answer.text) == (400, True)
    await _send(site, lead, "/ops/incidents", severity="3", title="Slow", said="We look.")
    sent = {
        "/ops/incidents": {"severity": "3", "title": "a\0b", "said": "x"},
        "/ops/incidents/1/updates": {"stage": "note", "said": "a\0b"},
        "/ops/incidents/1/actions": {"said": "a\0b", "owner": "Noor", "due": "2026-12-01", "for": "checklist"},
        "/ops/incidents/1/resolution": {"said": "a\0b"},
    }
    assert {path: (await _send(site, lead, path, **form)).status_code for path, form in sent.items()} == dict.fromkeys(sent, 400)


async def test_an_incident_is_opened_told_resolved_and_reported(site: Site, lead: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    assert (await _send(site, lead, "/ops/incidents", severity="1", title="Nothing loads", said="We look.")).status_code == 303
    async with site.parts.db.reading() as conn:  # from the page as from the command line, so that R217 can be proven
        assert await recovery.missing_proof(conn, 1, "checklist") == "the boxes are the same as when it happened"
        assert "checklist" in (await ledger.newest(conn, "incident.opened"))["incident 1"].told()
    site.parts.clock.forward(minutes=40)  # type: ignore[attr-defined]  # the test's clock
    assert "Nobody has answered for 40 minutes." in (await lead.get("/ops/incidents")).text
    early = await _send(site, lead, "/ops/incidents/1/updates", stage="identified", said="A full disk.")
    assert (early.status_code, "First the commander’s four questions" in early.text) == (403, True)
    async with site.parts.db.transaction() as conn:
        await ledger.append(conn, [ledger.Entry("mara", incidents.ASSESSED, "incident 1", {"affected": 100})], site.parts.clock.now())
    await _send(site, lead, "/ops/incidents/1/updates", stage="identified", said="A full disk.")
    assert "A full disk." in (await stranger.get("/status")).text
    assert (await _send(site, lead, "/ops/incidents/1/report", summary="x", cause="y")).status_code == 400
    await _send(site, lead, "/ops/incidents/1/resolution", said="Over.")
    await _send(site, lead, "/ops/incidents/1/actions", said="Watch the disk", owner="Noor", due="2026-12-01", **{"for": "checklist"})
    report = await _send(site, lead, "/ops/incidents/1/report", summary="It was full.", cause="Nobody looked.")
    assert "Watch the disk (Owner: Noor, Due: 2026-12-01)" in report.text
    assert (await _send(site, lead, "/ops/incidents/1/updates", stage="resolved", said="x")).status_code == 400
    assert (await _send(site, lead, "/ops/incidents/9/updates", stage="note", said="x")).status_code == 404
    events = (await lead.get("/ops/ledger")).text
    assert [
        event in events for event in ("incident.opened", "incident.told", "incident.resolved", "incident.promised", "incident.action")
    ] == [True] * 5


async def test_the_watch_shows_what_was_measured_and_what_was_not(site: Site, lead: httpx.AsyncClient) -> None:
    recorder = Recorder()
    for number in range(200):
        recorder.note(site.parts.clock.now() - timedelta(minutes=3), "page", "5xx" if number < 3 else "2xx", 40)
    await recorder.flush(site.parts.db)
    page = (await lead.get("/ops/watch?window=15m")).text
    assert "200 requests, 3 failed." in page
    assert "1.50%" in page
    assert "15 minutes without a look" in page
    assert (await lead.get("/ops/watch?window=fortnight")).status_code == 400


async def test_the_ledger_is_read_page_by_page_and_proven(site: Site, lead: httpx.AsyncClient) -> None:
    async with site.parts.db.transaction() as conn:
        entries = [ledger.Entry("noor", "box.signed", f"R{number:03}", {"reason": "seen"}) for number in range(1, 121)]
        await ledger.append(conn, entries, site.parts.clock.now())
    page = (await lead.get("/ops/ledger")).text
    assert "120 lines, and not one was changed." in page
    assert 'href="/ops/ledger?before=71"' in page
    async with site.parts.db.transaction() as conn:
        told = {"reasons": [], "waits": ["R141", "R142"], "gate": "hold", "auto": True}
        await ledger.append(conn, [ledger.Entry("noor", "gate.decided", "15m", told)], site.parts.clock.now())
    assert "<td>gate: hold, auto: yes, waits: R141 R142</td>" in (await lead.get("/ops/ledger")).text
    assert "Lines 70 to 21" in (await lead.get("/ops/ledger?before=71")).text
    async with site.parts.db.transaction() as conn:
        await execute(conn, "ALTER TABLE ops_ledger DISABLE TRIGGER ops_ledger_stays")
        await execute(conn, "UPDATE ops_ledger SET actor = 'mara' WHERE seq = 30")
    assert "Line 30 isn’t what was written." in (await lead.get("/ops/ledger")).text


async def test_the_first_operator_enters_the_code_of_the_console(
    site: Site, visitor: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    async with site.parts.db.transaction() as conn:
        code = await first_operator.new_code(conn, site.parts.sealer, site.parts.clock.now(), lambda size: bytes(range(size))) or ""
    assert (await stranger.get("/ops/first")).status_code == 303
    assert (await visitor.get("/ops")).status_code == 404
    wrong = await _send(site, visitor, "/ops/first", code="AAAA-AAAA-AAAA")
    assert (wrong.status_code, "isn’t the code" in wrong.text or "isn&#39;t the code" in wrong.text) == (400, True)
    assert (await _send(site, visitor, "/ops/first", code=code)).headers["location"] == "/ops"
    assert (await visitor.get("/ops")).status_code == 200
    assert (await visitor.get("/ops/first")).status_code == 404
