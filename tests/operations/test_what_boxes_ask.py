"""What boxes ask beside a figure: that somebody is there, that a sweep was finished, that nothing passes that didn't before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from audiospective.accounts import people
from audiospective.collect import hours
from audiospective.collect.rhythm import LONGEST
from audiospective.collect.sweep import sweep_due
from audiospective.errors import NotAllowed
from audiospective.infra import histogram
from audiospective.infra.database import Connection, Database, execute
from audiospective.operations import ledger, presence, regressions, team, windows
from audiospective.operations.boxes import box
from audiospective.operations.judge import Reading, Status, Verdict, judge
from audiospective.operations.ledger import Entry
from audiospective.operations.measures import Cell
from audiospective.operations.probes import acting, environment, work
from audiospective.operations.visits import Visits
from audiospective.operations.windows import Gathered
from tests.clock import FakeClock
from tests.operations.test_launches import SEALER, named
from tests.stand_in import World
from tests.web.site import opened


async def _operator(conn: Connection, name: str, clock: FakeClock) -> int:
    person = await people.add(conn, name, clock.now())
    await people.set_operator(conn, person.id, may=True)
    return person.id


async def test_the_monitoring_lead_is_believed_while_the_figures_are_open(conn: Connection, clock: FakeClock) -> None:
    await named(conn, clock)
    noor = await _operator(conn, "Noor Haddad", clock)
    for watches in (None, False, True):
        if watches is not None:
            await people.operator_seen(conn, noor, clock.now(), watches=watches)
        if not watches:
            with pytest.raises(NotAllowed, match="/ops/watch"):
                await presence.witnessed(conn, SEALER, "R002", "Noor Haddad", clock.now())
    assert "open" in await presence.witnessed(conn, SEALER, "R002", "noor haddad", clock.now())
    with pytest.raises(NotAllowed, match="/ops/watch"):
        await presence.witnessed(conn, SEALER, "R002", "Noor Haddad", clock.forward(minutes=3))


async def test_the_backup_engineer_must_be_reachable(conn: Connection, clock: FakeClock) -> None:
    await named(conn, clock)
    assert "mail and phone" in await presence.witnessed(conn, SEALER, "R004", "Tomás Vega", clock.now())
    await team.name(conn, SEALER, team.Member("backup-engineer", "Tomás Vega", "", "", "UTC", clock.now()))
    with pytest.raises(NotAllowed, match="Nobody could call"):
        await presence.witnessed(conn, SEALER, "R004", "Tomás Vega", clock.now())


async def _unfinished(world: World) -> Reading:
    return (await work.look(world.db, world.clock.now()))["scheduler.unfinished"]


async def test_an_hour_is_finished_when_everybody_it_began_with_was_seen_to(world: World) -> None:
    assert (await _unfinished(world)).inapplicable
    await world.sign_in("mara")
    assert judge(box("R150"), await _unfinished(world)).status is Status.UNKNOWN
    await sweep_due(*world.parts, world.clock)
    assert judge(box("R150"), await _unfinished(world)).status is Status.PASS
    async with world.db.transaction() as conn:
        await hours.begin(conn, 1, world.clock.now())
    assert "being asked about" in (await _unfinished(world)).problem
    world.clock.forward(minutes=6)
    assert (await _unfinished(world)).value == 1
    world.clock.forward(hours=3)
    assert judge(box("R150"), await _unfinished(world)).status is Status.UNKNOWN
    async with world.db.transaction() as conn:
        await hours.forget(conn, world.clock.forward(days=40))
        assert (await hours.since(conn, world.clock.now() - timedelta(days=50))).people == 0


async def test_the_weekly_review_counts_who_came_in_the_week(world: World) -> None:
    await world.sign_in("mara")
    world.clock.forward(days=3)
    await world.sign_in("noor")
    found = await work.look(world.db, world.clock.now())
    counted = {name: found[box(name).reading].value for name in ("R174", "R195")}
    assert counted == {"R174": 1, "R195": 2}


async def test_two_hours_in_which_nobody_was_due_are_finished_and_a_plan_that_is_not_kept_is_not(world: World) -> None:
    """One listener, who sleeps, is asked every other hour."""
    await world.sign_in("mara")
    await sweep_due(*world.parts, world.clock)
    async with world.db.transaction() as conn:
        await execute(conn, "UPDATE sweeps SET due_at = %(due)s", due=world.clock.now() + LONGEST)
    began, due = world.clock.now(), world.clock.now() + LONGEST
    world.clock.forward(seconds=LONGEST.total_seconds() - 60)
    found = await _unfinished(world)
    assert judge(box("R150"), found).status is Status.PASS
    assert found.note == f"nobody was due since {began:%H:%M} UTC, next due {due:%H:%M} UTC"
    world.clock.forward(minutes=12)
    assert judge(box("R150"), await _unfinished(world)).status is Status.UNKNOWN


async def _walk(conn: Connection, clock: FakeClock, *, whole: bool = True, **boxes: Status) -> None:
    verdicts = [Verdict(name, status, "", "") for name, status in boxes.items()]
    await ledger.append(conn, [regressions.walked("mara", [], verdicts, is_whole=whole)], clock.now())


async def test_what_passed_with_the_release_before_is_a_regression_and_what_did_not_is_a_failure(db: Database, clock: FakeClock) -> None:
    assert all(one.problem for one in (await regressions.look(db, clock.now())).values())
    async with db.transaction() as conn:
        await _walk(conn, clock, R067=Status.PASS, R068=Status.FAIL, R069=Status.NOT_APPLICABLE)
    first = await regressions.look(db, clock.now())
    assert (first["suite.failures"].value, bool(first["suite.regressions"].inapplicable)) == (1, True)
    async with db.transaction() as conn:
        await ledger.append(conn, [Entry("mara", "release.deployed", "1", {"version": "1.1.0"})], clock.now())
        await _walk(conn, clock, whole=False, R067=Status.PASS)
    assert (await regressions.look(db, clock.now()))["suite.failures"].problem
    async with db.transaction() as conn:
        await _walk(conn, clock, R067=Status.UNKNOWN, R068=Status.FAIL, R069=Status.PASS)
    found = await regressions.look(db, clock.now())
    assert [(found[f"suite.{name}"].value, found[f"suite.{name}"].note) for name in ("failures", "regressions")] == [
        (2, "R067, R068"),
        (1, "R067"),
    ]


@pytest.mark.parametrize(("later", "said"), [(110, "yes"), (115, "yes"), (300, "no"), (60, "no"), (1500, "no")])
def test_response_times_are_held_against_the_first_two_hours(clock: FakeClock, later: float, said: str) -> None:
    def cell(minute: int, ms: float) -> Cell:
        buckets = histogram.empty()
        buckets[histogram.place(ms)] = 50
        return Cell(begun + timedelta(minutes=minute), "page", "2xx", buckets)

    begun = clock.now()
    cells = [cell(minute, 110 if minute < 120 else later) for minute in range(0, 1440, 10)]
    seen = Gathered(begun, begun + timedelta(days=1), [], cells, [], Visits(0, 0, 0, 0.0))
    assert windows.values(seen)["p95_stable"].value == said
    assert windows.values(Gathered(begun, begun, [], [], [], Visits(0, 0, 0, 0.0)))["p95_stable"].problem


@pytest.mark.parametrize(
    ("environ", "answers", "status"),
    [
        ({"APP_ENV": "production"}, Reading("production"), Status.PASS),
        ({"NODE_ENV": "production"}, Reading("development"), Status.FAIL),
        ({}, Reading("production"), Status.FAIL),
        ({"APP_ENV": "production"}, Reading(problem="nobody answers"), Status.UNKNOWN),
    ],
)
def test_the_environment_is_what_both_say(environ: dict[str, str], answers: Reading, status: Status) -> None:
    found = environment.look(environ, on_one_machine=True) | {"health.environment": answers}
    assert judge(box("R014"), environment.agreed(found)["environment.name"]).status is status


@pytest.mark.parametrize("secret", ["0123456789abcdef" * 4, "a" * 64, "ChangeMe" * 8])
def test_a_secret_that_repeats_itself_is_as_short_as_what_it_repeats(secret: str) -> None:
    found = environment.look({"APP_SECRET": secret}, on_one_machine=True)["environment.secret_length"]
    assert judge(box("R013"), found).status is Status.FAIL


async def test_people_get_in_as_strangers_and_signed_in(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    async with opened(db, clock, tmp_path) as running, aiohttp.ClientSession() as http:
        assert (await acting.visits(db, http, running.url, clock))["site.visits_failed"].problem
        async with db.transaction() as conn:
            await _operator(conn, "mara", clock)
        found = (await acting.visits(db, http, running.url, clock))["site.visits_failed"]
        assert (found.value, found.note) == (0, "three as a stranger, three signed in")
        away = (await acting.visits(db, http, "http://127.0.0.1:9", clock))["site.visits_failed"]
    assert away.value == 6
    async with db.transaction() as conn:
        assert await execute(conn, "SELECT 1 FROM personal_tokens") == 0, "no token outlives its visit"
