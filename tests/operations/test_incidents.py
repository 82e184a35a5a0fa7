"""What went wrong is said, timed, and learned from; and how often it was well is counted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from audiospective.errors import Conflict, Invalid, NotAllowed, NotFound
from audiospective.infra.database import Connection
from audiospective.operations import boxes, incidents, ledger, recovery, uptime
from audiospective.operations.health import Health, Seen, State
from audiospective.operations.incidents import Cause, Stage
from audiospective.operations.ledger import Entry
from tests.clock import FakeClock


async def _open(conn: Connection, clock: FakeClock, severity: int = 1) -> int:
    return await incidents.begin(conn, severity=severity, title="Exports fail", said="We look into it.", actor="mara", now=clock.now())


async def _overdue(conn: Connection, number: int, clock: FakeClock) -> list[str]:
    found = await incidents.find(conn, number)
    return incidents.overdue(found, (await incidents.history(conn, [found]))[number], clock.now())


async def test_an_outage_must_be_answered_told_and_escalated(conn: Connection, clock: FakeClock) -> None:
    number = await _open(conn, clock)
    assert await _overdue(conn, number, clock) == []
    clock.forward(minutes=16)
    late = await _overdue(conn, number, clock)
    assert ["nobody has answered" in late[0], "people were told 16 minutes ago" in late[1], "deployment lead" in late[2]] == [True] * 3


async def _assess(conn: Connection, number: int, clock: FakeClock) -> None:
    await ledger.append(conn, [Entry("mara", incidents.ASSESSED, f"incident {number}", {"affected": 20})], clock.now())


@pytest.mark.parametrize("stage", [Stage.IDENTIFIED, Stage.MONITORING])
async def test_what_is_grave_is_assessed_before_it_is_mended_whoever_tells(conn: Connection, clock: FakeClock, stage: Stage) -> None:
    told = {"stage": stage, "said": "A full disk.", "actor": "mara", "now": clock.now()}
    graves = [await _open(conn, clock, severity) for severity in (1, 2)]
    for number in graves:
        with pytest.raises(NotAllowed, match=f"ops incident assess {number}"):
            await incidents.tell(conn, number, **told)  # type: ignore[arg-type]  # as it takes them
        await _assess(conn, number, clock)
        await incidents.tell(conn, number, **told)  # type: ignore[arg-type]  # as it takes them
    await incidents.tell(conn, await _open(conn, clock, 3), **told)  # type: ignore[arg-type]  # as it takes them


async def test_telling_people_resets_the_clock(conn: Connection, clock: FakeClock) -> None:
    number = await _open(conn, clock)
    clock.forward(minutes=14)
    await _assess(conn, number, clock)
    await incidents.tell(conn, number, stage=Stage.IDENTIFIED, said="A full disk.", actor="mara", now=clock.now())
    clock.forward(minutes=14)
    assert [one for one in await _overdue(conn, number, clock) if "people were told" in one] == []


async def test_a_note_tells_nobody(conn: Connection, clock: FakeClock) -> None:
    number = await _open(conn, clock)
    clock.forward(minutes=14)
    await incidents.tell(conn, number, stage=Stage.NOTE, said="Disk of host two.", actor="mara", now=clock.now())
    clock.forward(minutes=2)
    assert [one for one in await _overdue(conn, number, clock) if "people were told" in one] != []


async def test_a_blemish_has_time(conn: Connection, clock: FakeClock) -> None:
    number = await _open(conn, clock, severity=4)
    clock.forward(days=2)
    assert await _overdue(conn, number, clock) == []


async def test_it_is_resolved_once(conn: Connection, clock: FakeClock) -> None:
    number = await _open(conn, clock)
    await incidents.resolve(conn, number, said="Works again.", actor="mara", now=clock.forward(minutes=20))
    assert await _overdue(conn, number, clock) == []
    with pytest.raises(Conflict):
        await incidents.resolve(conn, number, said="Works again.", actor="mara", now=clock.now())


@pytest.mark.parametrize("stage", [Stage.INVESTIGATING, Stage.IDENTIFIED, Stage.MONITORING])
async def test_of_what_is_over_people_are_told_nothing_that_says_it_goes_on(conn: Connection, clock: FakeClock, stage: Stage) -> None:
    number = await _open(conn, clock)
    await _assess(conn, number, clock)
    await incidents.resolve(conn, number, said="It works again.", actor="mara", now=clock.now())
    with pytest.raises(Conflict, match=f"Incident {number} is resolved"):
        await incidents.tell(conn, number, stage=stage, said="Again.", actor="noor", now=clock.now())
    await incidents.tell(conn, number, stage=Stage.NOTE, said="The disk was replaced.", actor="noor", now=clock.now())


async def test_whoever_opens_it_the_ledger_knows_the_checklist_of_that_moment(conn: Connection, clock: FakeClock) -> None:
    cause = Cause("audit", 1)
    ours = await _open(conn, clock, 3)
    its_own = await incidents.begin_by_itself(conn, cause, severity=2, title="A hole", said="A package.", now=clock.now())
    assert await incidents.begin_by_itself(conn, cause, severity=2, title="A hole", said="A package.", now=clock.now()) is None
    lines = await ledger.since(conn, clock.now(), incidents.OPENED)
    assert [(line.actor, line.subject, line.told()) for line in lines] == [
        ("mara", f"incident {ours}", {"severity": 3, "checklist": boxes.digest()}),
        (incidents.BY_ITSELF, f"incident {its_own}", {"severity": 2, "checklist": boxes.digest(), "cause": "audit", "line": 1}),
    ]
    for number in (ours, its_own):
        assert await recovery.missing_proof(conn, number or 0, "checklist") == "the boxes are the same as when it happened"


async def test_a_report_with_a_blank_is_not_published(conn: Connection, clock: FakeClock) -> None:
    number = await _open(conn, clock)
    found = await incidents.find(conn, number)
    with pytest.raises(Invalid, match=r"--summary, --cause, its end.*an action"):
        incidents.postmortem(found, [], [], cause="", summary=" ")


async def test_a_report_is_made_of_what_is_on_record(conn: Connection, clock: FakeClock) -> None:
    number = await _open(conn, clock)
    await incidents.act(conn, number, said="Alert at 80 %", owner="Mara", due=date(2026, 12, 1))
    await incidents.resolve(conn, number, said="Works again.", actor="mara", now=clock.forward(minutes=42))
    found = await incidents.find(conn, number)
    said = (await incidents.history(conn, [found]))[number]
    text = incidents.postmortem(found, said, await incidents.actions(conn, number), cause="A full disk.", summary="Exports failed.")
    assert "- Duration: 42 minutes" in text
    assert "mara, resolved: Works again." in text
    assert "- [ ] Alert at 80 % (Owner: Mara, Due: 2026-12-01)" in text


@pytest.mark.parametrize("severity", [0, 5])
async def test_severities_are_one_to_four(conn: Connection, clock: FakeClock, severity: int) -> None:
    with pytest.raises(Invalid):
        await _open(conn, clock, severity)


async def test_what_there_is_not_can_not_be_told_of(conn: Connection, clock: FakeClock) -> None:
    with pytest.raises(NotFound):
        await incidents.tell(conn, 99, stage=Stage.NOTE, said="x", actor="mara", now=clock.now())


async def test_looks_add_up_by_day_and_what_is_not_set_up_is_not_counted(conn: Connection, clock: FakeClock) -> None:
    for state in (State.HEALTHY, State.HEALTHY, State.DEGRADED, State.UNHEALTHY):
        services = {"database": Seen(state), "redis": Seen(State.NOT_CONFIGURED)}
        await uptime.note(conn, Health(clock.now(), services))
    (day,) = await uptime.days(conn, clock.now())
    assert (day.service, day.looks, day.healthy, uptime.uptime([day])) == ("database", 4, 2, 50.0)
    assert await uptime.days(conn, clock.now() + timedelta(days=90)) == []
    assert uptime.uptime([]) is None
