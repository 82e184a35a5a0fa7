"""A launch has a record, a team and a window; its boxes are its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from audiospective.errors import Conflict, Invalid, NotAllowed
from audiospective.infra.database import Connection, Database
from audiospective.infra.sealing import Sealer
from audiospective.operations import boxes, launch, launches, ledger, team, traffic
from audiospective.operations.judge import Reading, Status
from audiospective.operations.ledger import Entry
from audiospective.operations.measures import Recorder
from audiospective.operations.team import ROLES, Member
from tests.clock import FakeClock

SEALER = Sealer(["s" * 64])
TEAM = {"deployment-lead": "Mara Quill", "monitoring-lead": "Noor Haddad", "support-lead": "Ilse Brandt", "backup-engineer": "Tomás Vega"}


async def named(conn: Connection, clock: FakeClock, sealer: Sealer = SEALER) -> None:
    for role, name in TEAM.items():
        await team.name(conn, sealer, Member(role, name, f"{role}@example.org", "+351 21 000 0000", "Europe/Lisbon", clock.now()))


async def _status(conn: Connection, box: str, clock: FakeClock) -> Status:
    return (await launch.standings(conn, [boxes.box(box)], clock.now()))[0].status


async def test_one_launch_at_a_time_is_open(conn: Connection, clock: FakeClock) -> None:
    opened = await launches.begin(conn, "v1.0.0", commit="4f2c91ab", window=None, actor="mara", now=clock.now())
    assert (opened.version, opened.commit, f"{opened.window:%A %H:%M}") == ("1.0.0", "4f2c91ab", "Tuesday 10:00")
    with pytest.raises(Conflict, match=r"1\.0\.0 is open"):
        await launches.begin(conn, "1.1.0", commit="", window=None, actor="mara", now=clock.now())
    await launches.close(conn, actor="mara", now=clock.now())
    with pytest.raises(Conflict, match="No launch is open"):
        await launches.close(conn, actor="mara", now=clock.now())
    assert (found := await launches.current(conn)) is not None
    assert found.closed_at is not None


@pytest.mark.parametrize(("version", "commit"), [("one", ""), ("1.0", ""), ("1.0.0", "not a hash"), ("1.0.0; rm", "")])
async def test_what_is_no_version_and_no_commit_is_refused(conn: Connection, clock: FakeClock, version: str, commit: str) -> None:
    with pytest.raises(Invalid):
        await launches.begin(conn, version, commit=commit, window=None, actor="mara", now=clock.now())


@pytest.mark.parametrize(
    ("now", "window"),
    [
        (datetime(2026, 12, 1, 9, 30, tzinfo=UTC), datetime(2026, 12, 1, 10, tzinfo=UTC)),
        (datetime(2026, 12, 1, 10, 15, tzinfo=UTC), datetime(2026, 12, 1, 10, tzinfo=UTC)),
        (datetime(2026, 12, 1, 10, 16, tzinfo=UTC), datetime(2026, 12, 8, 10, tzinfo=UTC)),
        (datetime(2026, 12, 2, 0, 0, tzinfo=UTC), datetime(2026, 12, 8, 10, tzinfo=UTC)),
    ],
)
def test_launches_are_made_on_tuesdays_at_ten(now: datetime, window: datetime) -> None:
    assert launches.next_window(now) == window


def test_the_window_is_a_quarter_of_an_hour_to_both_sides() -> None:
    ten = datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert [launches.is_within(ten + timedelta(minutes=some), ten) for some in (-16, -15, 15, 16)] == [False, True, True, False]


async def test_what_was_found_before_a_launch_does_not_count_for_it(conn: Connection, clock: FakeClock) -> None:
    for box in ("R042", "R199"):
        await launch.sign(conn, boxes.box(box), by="Mara", note="seen", now=clock.now())
    await launches.begin(conn, "1.0.0", commit="", window=None, actor="mara", now=clock.now())
    assert [await _status(conn, box, clock) for box in ("R042", "R199")] == [Status.PENDING, Status.SIGNED]


@pytest.mark.parametrize("event", ["release.served", "release.returned", "release.deployed", "release.rolled_back"])
async def test_what_was_found_of_another_release_does_not_count_for_the_one_that_serves(
    conn: Connection, clock: FakeClock, event: str
) -> None:
    of_release, others = ("R060", "R101", "R130", "R177"), ("R042", "R186", "R199")
    for box in (*of_release, *others):
        found = {boxes.box(box).reading: Reading(problem="nobody answers")}
        await launch.record(conn, [boxes.box(box)], found, actor="watch", now=clock.now())
        if not boxes.box(box).is_must:
            await ledger.append(conn, [Entry("Mara", launch.WAIVED, box, {"status": "waived", "reason": "seen"})], clock.now())
    before = {box: await _status(conn, box, clock) for box in (*of_release, *others)}
    (line,) = await ledger.append(conn, [Entry("mara", event, f"{event}:1", {})], clock.now())
    after = {box: await _status(conn, box, clock) for box in (*of_release, *others)}
    assert {box for box, status in after.items() if status is Status.PENDING} - {"R042"} == set(of_release)
    assert {box: after[box] for box in others} == {box: before[box] for box in others}
    as_it_was = await launch.standings(conn, [boxes.box(box) for box in of_release], None, until=line.seq - 1)
    assert {one.box.id: one.status for one in as_it_was} == {box: before[box] for box in of_release}
    await launch.record(conn, [boxes.box("R130")], {boxes.box("R130").reading: Reading(0.0)}, actor="watch", now=clock.now())
    assert await _status(conn, "R130", clock) is Status.PASS


async def test_only_whoever_has_a_role_answers_for_it(conn: Connection, clock: FakeClock) -> None:
    with pytest.raises(NotAllowed, match="Nobody is the deployment-lead yet"):
        await launch.sign(conn, boxes.box("R001"), by="Mara Quill", note="", now=clock.now())
    await named(conn, clock)
    with pytest.raises(NotAllowed, match="is Mara Quill"):
        await launch.sign(conn, boxes.box("R001"), by="Noor Haddad", note="", now=clock.now())
    await launch.sign(conn, boxes.box("R001"), by="mara  quill", note="", now=clock.now())
    assert await _status(conn, "R001", clock) is Status.SIGNED
    clock.forward(minutes=31)
    assert await _status(conn, "R001", clock) is Status.PENDING


@pytest.mark.parametrize(
    ("field", "member"),
    [
        ("--mail", Member("support-lead", "Ilse", "not a mail", "", "UTC", datetime(2026, 1, 1, tzinfo=UTC))),
        ("--phone", Member("support-lead", "Ilse", "", "call me", "UTC", datetime(2026, 1, 1, tzinfo=UTC))),
        ("--zone", Member("support-lead", "Ilse", "", "", "Atlantis", datetime(2026, 1, 1, tzinfo=UTC))),
        ("--name", Member("support-lead", " ", "", "", "UTC", datetime(2026, 1, 1, tzinfo=UTC))),
        ("ROLE", Member("captain", "Ilse", "", "", "UTC", datetime(2026, 1, 1, tzinfo=UTC))),
    ],
)
async def test_what_is_wrong_of_a_member_is_named(conn: Connection, field: str, member: Member) -> None:
    with pytest.raises(Invalid) as refused:
        await team.name(conn, SEALER, member)
    assert refused.value.field == field


async def test_how_to_reach_somebody_lies_sealed_and_moves_to_a_new_secret(conn: Connection, clock: FakeClock) -> None:
    await named(conn, clock)
    wider = Sealer(["n" * 64, "s" * 64])
    assert [await team.seal_again(conn, wider) for _ in range(2)] == [4, 0]
    assert [one.mail for one in await team.members(conn, Sealer(["n" * 64]))] == [f"{role}@example.org" for role in ROLES]
    assert {one.mail for one in await team.members(conn, Sealer(["x" * 64]))} == {""}


async def test_a_team_lacks_whoever_has_no_role_and_no_address(conn: Connection, clock: FakeClock) -> None:
    await team.name(conn, SEALER, Member("support-lead", "Ilse", "", "", "UTC-5", clock.now()))
    lacks = team.missing(await team.members(conn, SEALER))
    assert lacks == [
        "deployment-lead: nobody",
        "monitoring-lead: nobody",
        "backup-engineer: nobody",
        "support-lead: neither mail nor phone",
    ]


async def test_all_four_are_ready_within_five_minutes_or_not_at_all(conn: Connection, clock: FakeClock) -> None:
    await named(conn, clock)
    for role, name in TEAM.items():
        clock.forward(minutes=2)
        await launch.say_ready(conn, role, by=name, now=clock.now())
    assert (await launch.promised(conn, clock.now()))["team.ready"].value == 3
    await launch.say_ready(conn, "deployment-lead", by="Mara Quill", now=clock.now())
    assert (await launch.promised(conn, clock.now()))["team.ready"].value == 4
    with pytest.raises(Invalid, match="all four roles"):
        await launch.sign(conn, boxes.box("R044"), by="Mara Quill", note="", now=clock.now())


async def test_who_has_said_nothing_yet_is_waited_for_in_each_launch_anew(conn: Connection, clock: FakeClock) -> None:
    async def stands() -> Status:
        found = await launch.promised(conn, clock.now())
        await launch.record(conn, [boxes.box("R044")], found, actor="test", now=clock.now())
        return await _status(conn, "R044", clock)

    assert await stands() is Status.FAIL  # it is nobody's to say
    await named(conn, clock)
    assert await stands() is Status.PENDING
    for version in ("1.0.0", "1.1.0"):
        await launches.begin(conn, version, commit="", window=None, actor="mara", now=clock.now())
        assert await stands() is Status.PENDING
        await launch.say_ready(conn, "support-lead", by="Ilse Brandt", now=clock.now())
        assert await stands() is Status.PENDING
        clock.forward(minutes=6)
        assert await stands() is Status.FAIL
        await launches.close(conn, actor="mara", now=clock.now())


async def test_the_lead_lets_a_box_pass_with_a_reason_and_nobody_else_does(conn: Connection, clock: FakeClock) -> None:
    await named(conn, clock)
    box = boxes.box("R048")
    with pytest.raises(NotAllowed):
        await launch.waive(conn, box, by="Noor Haddad", reason="because", now=clock.now())
    with pytest.raises(Invalid, match="Say why"):
        await launch.waive(conn, box, by="Mara Quill", reason=" ", now=clock.now())
    await launch.waive(conn, box, by="Mara Quill", reason="first launch", now=clock.now())
    assert await _status(conn, "R048", clock) is Status.WAIVED


@pytest.mark.parametrize("box", ["R018", "R032", "R060", "R061", "R062", "R102", "R106"])
async def test_what_must_be_measured_is_waived_by_nobody(conn: Connection, clock: FakeClock, box: str) -> None:
    await named(conn, clock)
    with pytest.raises(NotAllowed, match="can't be waived"):
        await launch.waive(conn, boxes.box(box), by="Mara Quill", reason="please", now=clock.now())


async def test_a_roll_up_is_green_only_when_each_part_was_found_green(conn: Connection, clock: FakeClock) -> None:
    wanted = [boxes.box(one) for one in ("R087", "R088", "R089", "R090", "R091", "R092")]
    good = {one.reading: Reading(float(one.threshold) if one.threshold.isdigit() else one.threshold) for one in wanted[:-1]}
    *_, last = await launch.record(conn, wanted, good, actor="mara", now=clock.now())
    assert last.status is Status.PASS
    *_, last = await launch.record(conn, wanted, good | {"browser.csv_name": Reading("other.csv")}, actor="mara", now=clock.now())
    assert (last.status, last.value) == (Status.FAIL, "R089 fail")
    *_, last = await launch.record(conn, [wanted[-1]], {}, actor="mara", now=clock.now() + timedelta(hours=2))
    assert last.status is Status.UNKNOWN


async def test_traffic_of_less_than_a_week_is_unknown(conn: Connection, clock: FakeClock) -> None:
    found = await traffic.look(conn, clock.now(), clock.now())
    assert "seven are needed" in found["traffic.is_quiet"].problem
    assert "nobody asked" in found["traffic.error_rate"].problem


async def test_the_quiet_hours_are_those_below_the_median_of_a_week(db: Database, clock: FakeClock) -> None:
    recorder, begun = Recorder(), clock.now()
    for hour in range(8 * 24):
        at = begun + timedelta(hours=hour)
        for _ in range(at.hour + 1):
            recorder.note(at, "page", "2xx", 40)
    await recorder.flush(db)
    now = begun + timedelta(days=8)
    async with db.reading() as conn:
        looks = [await traffic.look(conn, now, now.replace(hour=hour)) for hour in (4, 20)]
    assert [one["traffic.is_quiet"].value for one in looks] == ["yes", "no"]
