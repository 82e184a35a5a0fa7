"""Somebody is paged until somebody answers, and reminded of what people were promised; each message once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from audiospective.errors import Conflict
from audiospective.infra.database import Connection
from audiospective.operations import incidents, launch, ledger, paging, recovery
from audiospective.operations.incidents import Action, Incident, Stage, Update
from audiospective.operations.judge import Reading
from audiospective.operations.ledger import Entry
from audiospective.operations.team import ROLES
from tests.clock import FakeClock
from tests.operations.test_launches import TEAM, named

AT = datetime(2026, 3, 18, 10, tzinfo=UTC)


def due(severity: int, minutes: float, *, told: float = 0, answered: bool = False) -> list[str]:
    one = Incident(7, severity, "Exports fail", AT, "mara", None)
    said = [Update(7, AT + timedelta(minutes=told), "mara", Stage.INVESTIGATING, "We look into it.")]
    return [message.key for message in paging.due_of(one, said, is_answered=answered, now=AT + timedelta(minutes=minutes))]


@pytest.mark.parametrize(
    ("severity", "minutes", "pages"),
    [(1, 0, "0"), (1, 4.9, "0"), (1, 5, "1"), (1, 62, "12"), (2, 14, ""), (2, 15, "0"), (2, 21, "1"), (3, 600, ""), (4, 600, "")],
)
def test_pages_come_every_five_minutes_from_the_moment_that_somebody_should_answer(severity: int, minutes: float, pages: str) -> None:
    found = {key.split(":")[3] for key in due(severity, minutes, told=minutes) if ":page:" in key}
    assert found == ({pages} if pages else set())


def test_whoever_answers_stops_the_pages() -> None:
    assert not any(":page:" in key for key in due(1, 62, told=62, answered=True))


@pytest.mark.parametrize(("severity", "quiet", "is_due"), [(1, 14, False), (1, 15, True), (2, 29, False), (2, 30, True), (3, 999, False)])
def test_a_draft_reminds_of_what_people_were_promised(severity: int, quiet: float, is_due: bool) -> None:
    assert any(":draft:" in key for key in due(severity, quiet, answered=True)) is is_due


def test_the_lead_hears_of_it_after_a_quarter_of_an_hour_once() -> None:
    assert [key for key in due(2, 15, answered=True) if key.endswith(":lead")] == ["incident:7:lead"]
    assert [key for key in due(2, 200, told=200, answered=True) if key.endswith(":lead")] == ["incident:7:lead"]


async def test_however_often_it_is_asked_each_message_is_left_once(conn: Connection, clock: FakeClock) -> None:
    number = await incidents.begin(conn, severity=1, title="All gone", said="We look.", actor="mara", now=clock.now())
    first = await paging.remind(conn, clock.now())
    assert len(first) == 3
    assert await paging.remind(conn, clock.now() + timedelta(minutes=1)) == []
    await ledger.append(conn, [Entry("mara", incidents.ACKNOWLEDGED, f"incident {number}", {})], clock.now())
    later = await paging.remind(conn, clock.now() + timedelta(minutes=16))
    assert [key.split(":")[2] for key in later] == ["draft", "lead"]


def values(found: dict[str, Reading]) -> dict[str, object]:
    return {name: "–" if one.inapplicable else one.value if one.value is not None else "?" for name, one in found.items()}


async def test_without_an_incident_nothing_is_asked_of_recovery(conn: Connection, clock: FakeClock) -> None:
    assert set(values(await recovery.readings(conn, clock.now())).values()) == {"–"}


async def test_promises_are_open_until_they_are_proven(conn: Connection, clock: FakeClock) -> None:
    await named(conn, clock)
    number = await incidents.begin(conn, severity=2, title="Exports fail", said="We look.", actor="mara", now=clock.now())
    assert values(await recovery.readings(conn, clock.now()))["incident.action_training"] == "nobody's"
    assert "the same" in await recovery.missing_proof(conn, number, "checklist")
    assert "deployment-lead" in await recovery.missing_proof(conn, number, "training")
    for role in ROLES:
        await launch.say_ready(conn, role, by=TEAM[role], event=launch.TRAINED, now=clock.now())
    assert await recovery.missing_proof(conn, number, "training") == ""
    with pytest.raises(Conflict, match="Nobody promised it"):
        await recovery.close(conn, number, "training", proof="drill of today", actor="mara", now=clock.now())
    promised = Action("A drill of all", "Mara", date(2026, 12, 1))
    await recovery.promise(conn, number, "training", action=promised, actor="mara", now=clock.now())
    await recovery.close(conn, number, "training", proof="drill of today", actor="mara", now=clock.now())
    found = values(await recovery.readings(conn, clock.now()))
    assert (found["incident.action_training"], found["incident.action_test"]) == ("kept", "nobody's")


async def test_what_nobody_looked_at_is_not_stable(conn: Connection, clock: FakeClock) -> None:
    await incidents.begin(conn, severity=2, title="Exports fail", said="We look.", actor="mara", now=clock.now())
    found = values(await recovery.readings(conn, clock.now()))
    assert (found["incident.stable_minutes"], found["incident.error_ratio"]) == ("?", "?")
