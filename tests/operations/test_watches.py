"""Watch windows: over, whole, and judged once; a gap is a gap, and nothing is passed on it (F35)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from audiospective.errors import Conflict, Invalid, NotFound
from audiospective.infra.database import Database
from audiospective.operations import faults, launch, ledger, machine, watches
from audiospective.operations.boxes import boxes
from audiospective.operations.faults import Fault
from audiospective.operations.judge import Status
from audiospective.operations.ledger import Entry
from audiospective.operations.machine import Look
from audiospective.operations.measures import Recorder
from audiospective.operations.visits import Visitors
from audiospective.operations.vitals import Vitals, note
from audiospective.operations.windows import NAMES
from tests.clock import FakeClock

_FIREFOX = "Mozilla/5.0 Firefox/140.0"


async def _begin(db: Database, clock: FakeClock, phase: str = "15m") -> None:
    async with db.transaction() as conn:
        await watches.start(conn, phase, by="noor", now=clock.now())


async def _minutes(db: Database, clock: FakeClock, count: int, **of_look: object) -> None:
    """So many minutes pass, each looked at and busy."""
    recorder, visitors = Recorder(), Visitors(lambda: b"s" * 32)
    for place in range(count):
        async with db.transaction() as conn:
            look = {"version": "1.0.0", "is_up": True, "is_well": True, "connections": 9, "database_bytes": 30_000_000, "cpu_ratio": 0.05}
            await machine.keep(conn, Look(at=clock.now(), **(look | of_look)))  # type: ignore[arg-type]  # what a test says
        for _ in range(10):
            recorder.note(clock.now(), "page", "2xx", 40)
        recorder.note(clock.now(), "query", "all", 1)
        note(recorder, Vitals(lcp=500, fid=5, inp=20, cls=0.01, fcp=300, tbt=10), _FIREFOX, clock.now())
        visitors.saw(clock.now(), f"203.0.113.{place % 5}", _FIREFOX)
        await recorder.flush(db)
        await visitors.flush(db)
        clock.forward(minutes=1)


async def _problem(db: Database, clock: FakeClock, name: str = "w15m.error_ratio") -> str:
    return (await watches.readings(db, clock.now()))[name].problem


async def _fail(db: Database, clock: FakeClock, count: int, *, weight: str = "critical") -> None:
    async with db.transaction() as conn:
        for number in range(count):
            fault = Fault(f"{clock.now()}{number}", "f", "ValueError", "GET page", weight, False, clock.now(), "production", "1.0.0", "x")
            await faults.keep(conn, fault, clock.now())


async def test_a_whole_window_is_judged_once_by_whoever_comes_first(db: Database, clock: FakeClock) -> None:
    await _begin(db, clock)
    await _minutes(db, clock, 17)
    assert [await watches.settle(db, clock.now()), await watches.settle(db, clock.now())] == [["15m"], []]
    async with db.reading() as conn:
        stands = {one.box.id: one.status for one in await launch.standings(conn, watches.boxes_of("15m"), clock.now())}
        lines = [line.subject for line in await ledger.whole(conn)]
    assert set(stands.values()) == {Status.PASS, Status.FAIL}
    assert [box for box, status in stands.items() if status is Status.FAIL] == ["R142"]  # nobody signed in
    assert len(lines) == len(set(lines))


async def test_before_its_end_nothing_is_passed_and_it_says_how_far_it_is(db: Database, clock: FakeClock) -> None:
    await _begin(db, clock)
    await _minutes(db, clock, 8)
    assert await _problem(db, clock) == "the 15m watch has seen 8 of 15 minutes; so far 0"


async def test_a_gap_is_a_gap_and_the_window_is_not_passed(db: Database, clock: FakeClock) -> None:
    """F35: the worker was killed, or the machine slept for five of fifteen minutes."""
    await _begin(db, clock)
    await _minutes(db, clock, 4)
    clock.forward(minutes=5)
    await _minutes(db, clock, 9)
    assert (await _problem(db, clock)).startswith("nobody looked for 5 minutes from ")
    await watches.settle(db, clock.now())
    async with db.reading() as conn:
        stands = {one.status for one in await launch.standings(conn, watches.boxes_of("15m"), clock.now())}
    assert stands <= {Status.UNKNOWN, Status.NOT_APPLICABLE}


async def test_a_window_of_the_release_before_says_nothing_of_the_one_that_serves(db: Database, clock: FakeClock) -> None:
    await _begin(db, clock)
    await _begin(db, clock, "day")
    await _minutes(db, clock, 17)
    assert await _problem(db, clock) == ""
    async with db.transaction() as conn:
        await ledger.append(conn, [Entry("mara", "release.served", "release.served:1", {})], clock.now())
    assert (await _problem(db, clock)).startswith("another release serves since the 15m watch began")
    assert (await _problem(db, clock, "wday.error_ratio")).startswith("the day watch has seen 17 of")
    await watches.settle(db, clock.now())
    async with db.reading() as conn:
        assert {one.status for one in await launch.standings(conn, watches.boxes_of("15m"), clock.now())} == {Status.UNKNOWN}
    await _begin(db, clock)
    await _minutes(db, clock, 17)
    assert await _problem(db, clock) == ""


async def test_a_launch_watches_anew_what_serves_anew_and_goes_on_with_the_rest(db: Database, clock: FakeClock) -> None:
    async def under_way() -> dict[str, datetime]:
        async with db.transaction() as conn:
            await watches.under_way(conn, "15m", since=launched, by="mara", now=clock.now())
            return {phase: one.started_at for phase, one in (await watches.newest(conn)).items()}

    await _begin(db, clock, "day")
    clock.forward(hours=1)
    launched = clock.now()
    first = await under_way()
    assert set(first.values()) == {launched}
    clock.forward(minutes=5)
    assert await under_way() == first
    async with db.transaction() as conn:
        await ledger.append(conn, [Entry("mara", "release.served", "release.served:1", {})], clock.now())
    assert await under_way() == first | dict.fromkeys(("15m", "1h", "2h"), clock.now())


async def test_a_minute_that_slipped_is_no_gap(db: Database, clock: FakeClock) -> None:
    await _begin(db, clock)
    await _minutes(db, clock, 4)
    clock.forward(minutes=1)
    await _minutes(db, clock, 12)
    assert await _problem(db, clock) == ""


async def test_one_that_somebody_stopped_passes_nothing(db: Database, clock: FakeClock) -> None:
    await _begin(db, clock)
    await _minutes(db, clock, 5)
    async with db.transaction() as conn:
        await watches.stop(conn, "15m", by="noor", now=clock.now())
    clock.forward(hours=1)
    assert (await _problem(db, clock)).startswith("somebody stopped the 15m watch after 5 of 15 minutes")
    async with db.transaction() as conn:
        with pytest.raises(NotFound):
            await watches.stop(conn, "15m", by="noor", now=clock.now())


async def test_of_a_phase_one_runs_at_a_time(db: Database, clock: FakeClock) -> None:
    await _begin(db, clock)
    with pytest.raises(Conflict):
        await _begin(db, clock)
    await _begin(db, clock, "2h")
    clock.forward(minutes=18)
    await _begin(db, clock)


async def test_a_window_may_begin_where_the_new_version_was_let_in(db: Database, clock: FakeClock) -> None:
    async with db.transaction() as conn:
        begun = await watches.start(conn, "15m", by="noor", now=clock.now(), at=clock.now() - timedelta(minutes=5))
        assert begun.ends_at == clock.now() + timedelta(minutes=10)
        with pytest.raises(Invalid):
            await watches.start(conn, "2h", by="noor", now=clock.now(), at=clock.now() + timedelta(minutes=1))
        with pytest.raises(Invalid):
            await watches.start(conn, "fortnight", by="noor", now=clock.now())


@pytest.mark.parametrize(
    ("bad", "box"),
    [
        ({"version": "1.0.1"}, "R133"),
        ({"connections": 20}, "R137"),
        ({"cpu_ratio": 0.9}, "R138"),
        ({"database_bytes": 40_000_000}, "R140"),
    ],
)
async def test_one_bad_thing_turns_its_box_red(db: Database, clock: FakeClock, bad: dict[str, object], box: str) -> None:
    await _begin(db, clock)
    await _minutes(db, clock, 10)
    await _minutes(db, clock, 7, **bad)
    if box == "R138":
        assert (await watches.readings(db, clock.now()))["w15m.cpu_mean"].value == pytest.approx(0.33, abs=0.02)
    await watches.settle(db, clock.now())
    async with db.reading() as conn:
        red = {one.box.id for one in await launch.standings(conn, watches.boxes_of("15m"), clock.now()) if one.status is Status.FAIL}
    assert red == {box, "R142"}


async def test_errors_turn_theirs(db: Database, clock: FakeClock) -> None:
    await _begin(db, clock)
    await _minutes(db, clock, 10)
    await _fail(db, clock, 6)
    await _minutes(db, clock, 7)
    found = await watches.readings(db, clock.now())
    assert [found[f"w15m.{name}"].value for name in ("errors", "new_errors", "critical_errors")] == [6, 1, 6]


async def test_two_hours_tell_what_people_do(db: Database, clock: FakeClock) -> None:
    await _begin(db, clock, "2h")
    await _minutes(db, clock, 123)
    found = await watches.readings(db, clock.now())
    said = {name: found[f"w2h.{name}"] for name in NAMES}
    assert [said[name].value for name in ("page_views", "bounce", "exports", "growth", "performance")] == [123, 0.0, 0, 0.0, "yes"]
    assert said["session_s"].value == 118 * 60
    assert said["projected_mb"].value == 30.0
    assert (said["vitals_score"].value or 0) > 95  # type: ignore[operator]  # a number
    assert said["lcp_ms"].note.endswith("page views")


async def test_a_quiet_window_is_told_by_our_own_looks(db: Database, clock: FakeClock) -> None:
    recorder = Recorder()
    await _begin(db, clock)
    for _ in range(17):
        async with db.transaction() as conn:
            await machine.keep(conn, Look(clock.now(), "1.0.0", True, True, 9, 30_000_000, 0.05))
        recorder.note(clock.now(), "probe", "2xx", 30)
        clock.forward(minutes=1)
    await recorder.flush(db)
    found = await watches.readings(db, clock.now())
    assert (found["w15m.p95_ms"].value, found["w15m.p95_ms"].note) == (29.5, "0 requests of people, the rest our own")
    assert found["w15m.requests_trend"].problem == "nobody came yet"


async def test_without_a_database_or_a_window_all_is_unknown(db: Database, clock: FakeClock) -> None:
    away = Database("postgresql://127.0.0.1:9/none", patience_s=0.1)
    await away.open()
    for one in (db, away):
        found = await watches.readings(one, clock.now())
        assert all(reading.problem for reading in found.values())
        assert {box.reading for box in boxes() if box.reading.partition(".")[0] in {f"w{phase}" for phase in watches.PHASES}} <= set(found)
    await away.close()
