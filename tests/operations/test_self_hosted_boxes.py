"""For each box that one machine answers by itself: break one thing there, and that box turns red, and no other (operations.md §10).

What isn't here is turned elsewhere: pages by tests/browser, windows by test_windows.py, what providers say by test_cloud_boxes.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from audiospective.errors import Unavailable
from audiospective.infra.database import Database, execute
from audiospective.operations import audits, boxes, faults, launches, ledger, release_record, release_state
from audiospective.operations.boxes import Op
from audiospective.operations.faults import Fault
from audiospective.operations.judge import GOOD, Reading, Status, judge
from audiospective.operations.ledger import Entry
from audiospective.operations.measure import Profile, Scene, readings
from audiospective.operations.measures import Recorder
from audiospective.operations.probes import environment
from audiospective.operations.probes import site as probe
from audiospective.operations.probes.site import Target
from audiospective.operations.providers.osv import Advisory
from tests.clock import FakeClock
from tests.operations.breaking import break_it
from tests.operations.checkout import Checkout
from tests.web.site import NOWHERE, Site, opened

_STEPS: dict[str, object] = dict.fromkeys(("started", "build", "switch", "checks", "address_answers"), True)
_STEPS |= {"laid_out_s": 4, "ready_s": 9}

#: How quick, and how busy its server, says as much of whoever else runs tests here.
_SHARED = {"R015", "R020", "R064", "R117", "R120", "R191"}

F, U = Status.FAIL, Status.UNKNOWN
Red = dict[str, Status]
_SET = {name: "x" for name, _, _ in environment.MANIFEST} | {"NEXTAUTH_URL": "https://music.example.org", "NODE_ENV": "development"}
#: Long enough, and drawn as little as anything in a test.
_LONG = "".join(f"{number:02x}" for number in range(32))


@dataclass(slots=True)
class Machine:
    """One instance, its checkout, and the environment of whoever looks."""

    site: Site
    clock: FakeClock
    checkout: Checkout
    scene: Scene

    async def line(self, event: str, subject: str = "x", **body: object) -> None:
        """In the ledger."""
        async with self.site.parts.db.transaction() as conn:
            await ledger.append(conn, [Entry("mara", event, subject, body)], self.clock.now())

    async def run(self, statement: str, **params: object) -> None:
        """In the database."""
        async with self.site.parts.db.transaction() as conn:
            await execute(conn, statement, **params)

    async def stands(self) -> Red:
        """How each box stands that isn't only written down."""
        found = await readings(self.scene, Profile.SELF_HOSTED)
        judged = [box for box in boxes.boxes() if box.reading in found and box.op is not Op.RECORD and box.id not in _SHARED]
        return {box.id: judge(box, found[box.reading]).status for box in judged}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Nothing here commits to it."""
    found = Checkout(tmp_path_factory.mktemp("checkout"))
    found.commit("pyproject.toml", '[project]\nname = "x"\nversion = "1.0.0"\n')
    found.git("tag", "-a", "v1.0.0", "-m", "x")
    return found


@pytest.fixture
async def machine(
    db: Database, clock: FakeClock, checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Machine]:
    monkeypatch.setattr(probe, "_SAMPLES", 3)  # of what isn't judged here, see _SHARED, and took half of each look
    clock.forward(seconds=(launches.next_window(clock.now()) - clock.now()).total_seconds())
    async with opened(db, clock, tmp_path) as site, aiohttp.ClientSession() as http:
        target = Target(site.url, NOWHERE, version("audiospective"))
        environ = _SET | {"NEXTAUTH_SECRET": _LONG}
        scene = Scene(db, http, clock, environ, target, site.parts.settings.spotify, checkout.folder, tmp_path)
        found = Machine(site, clock, checkout, scene)
        await _furnish(found)
        yield found


async def _furnish(machine: Machine, without: str = "") -> None:
    """All that is on record when a launch goes well."""
    commit, at = machine.checkout.git("rev-parse", "HEAD"), machine.clock.now().isoformat()
    async with machine.site.parts.db.transaction() as conn:
        await launches.begin(conn, "1.0.0", commit=commit, window=None, actor="mara", now=machine.clock.now())
        await ledger.append(conn, [audits.entry("mara", [], [])], machine.clock.now())
    await machine.line("backup.verified", "backup", made_at=at, differences=[])
    await machine.line("keys.rotated", "keys", since=at, key="k")
    await machine.line("release.deployed", "r1", at=at, **_STEPS)
    await machine.line(release_record.DRILLED, "rollback drill", rolled_back=True, slowest_s=1.2)
    await machine.line(release_state.BUILT, "build", commit=commit, succeeded=True)
    await machine.line(release_record.TESTED, "tests", commit=commit, percent=100)
    await machine.line("messages.drafted", "drafts", refused=[], sha256={})
    for message in ("M02", "M04", "M06", "M07", "plan"):
        if message != without:
            await machine.line("message.said", message)
    async with machine.site.parts.db.transaction() as conn:
        await faults.keep(conn, _fault(machine, "test", is_test=True), machine.clock.now())
    recorder = Recorder()
    recorder.note(machine.clock.now() - timedelta(minutes=1), "query", "all", 3)
    await recorder.flush(machine.site.parts.db)
    await machine.run("INSERT INTO worker_heartbeats (name, beat_at) VALUES ('w', %(now)s) ON CONFLICT DO NOTHING", now=machine.clock.now())


def _fault(machine: Machine, name: str, *, is_test: bool = False, trace: str = "audiospective.web x") -> Fault:
    at = machine.clock.now() - timedelta(minutes=1)
    return Fault(name, name, "ValueError", "GET page", "low", is_test, at, "production", version("audiospective"), trace)


Break = Callable[[Machine], Any]


def _line(event: str, subject: str = "x", **body: object) -> Break:
    return lambda one: one.line(event, subject, **body)


def _sql(statement: str) -> Break:
    return lambda one: one.run(statement, now=one.clock.now())


def _environ(**changed: str) -> Break:
    def do(one: Machine) -> None:
        one.scene = replace(one.scene, environ={**one.scene.environ, **changed})

    return do


def _scene(**changed: Any) -> Break:
    def do(one: Machine) -> None:
        one.scene = replace(one.scene, **changed)

    return do


def _erred(trace: str) -> Break:
    async def do(one: Machine) -> None:
        async with one.site.parts.db.transaction() as conn:
            await faults.keep(conn, _fault(one, "e", trace=trace), one.clock.now())

    return do


async def _slow(one: Machine) -> None:
    recorder = Recorder()
    for _ in range(40):
        recorder.note(one.clock.now(), "query", "all", 90)
    await recorder.flush(one.site.parts.db)


async def _hole(one: Machine) -> None:
    async with one.site.parts.db.transaction() as conn:
        await ledger.append(conn, [audits.entry("mara", [], [Advisory("GHSA-b", "x", "1", "HIGH", "x")])], one.clock.now())


def _unsaid(message: str) -> Break:
    """In the next launch nobody says it."""

    async def do(one: Machine) -> None:
        async with one.site.parts.db.transaction() as conn:
            await launches.close(conn, actor="mara", now=one.clock.now())
        await _furnish(one, without=message)

    return do


def _later(**span: float) -> Break:
    return lambda one: one.clock.forward(**span) and None


def _deployed(**wrong: object) -> Break:
    return lambda one: one.line("release.deployed", "r2", **_STEPS | wrong)


def _backup(hours: float, *differences: str) -> Break:
    async def do(one: Machine) -> None:
        made_at = (one.clock.now() - timedelta(hours=hours)).isoformat()
        await one.line("backup.verified", "backup", made_at=made_at, differences=list(differences))

    return do


def _rotated(days: float) -> Break:
    return lambda one: one.line("keys.rotated", "keys", since=(one.clock.now() - timedelta(days=days)).isoformat(), key="k")


def _of_this_commit(event: str, subject: str, **body: object) -> Break:
    return lambda one: one.line(event, subject, commit=one.checkout.git("rev-parse", "HEAD"), **body)


def _drilled(**found: object) -> Break:
    return _line(release_record.DRILLED, "rollback drill", **found)


_BEHIND = "DELETE FROM migrations WHERE name = (SELECT max(name) FROM migrations) AND %(now)s IS NOT NULL"

MUTATIONS: list[tuple[str, Break, Red]] = [
    ("a variable is missing", _environ(SPOTIFY_CLIENT_ID=""), {"R010": F}),
    ("an address with a slash", _environ(NEXTAUTH_URL="https://music.example.org/"), {"R011": F}),
    ("a short secret", _environ(NEXTAUTH_SECRET=_LONG[:18]), {"R013": F}),
    ("a schema that is behind", _sql(_BEHIND), {"R016": F}),
    ("an index is gone", _sql("DROP INDEX tracks_by_name"), {"R017": F}),
    ("an old backup", _backup(2), {"R018": F}),
    ("a backup that differs", _backup(0, "plays"), {"R018": U, "R203": F}),
    ("a test fails", _of_this_commit(release_record.TESTED, "tests", percent=90), {"R032": F}),
    ("tests of another commit", _line(release_record.TESTED, "tests", commit="b" * 40, percent=100), {"R032": U}),
    ("a build fails", _of_this_commit(release_state.BUILT, "build", succeeded=False), {"R033": F}),
    ("a draft can't be written", _line("messages.drafted", "drafts", refused=["M01"], sha256={}), {"R041": F}),
    ("another moment", _later(minutes=16), {"R047": F}),
    ("it wasn't started", _deployed(started=False), {"R052": F, "R056": F}),
    ("it wasn't built", _deployed(build=False), {"R053": F}),
    ("it wasn't switched", _deployed(switch=False), {"R054": F}),
    ("it wasn't well afterwards", _deployed(checks=False), {"R055": F}),
    ("laid out slowly", _deployed(laid_out_s=61), {"R057": F}),
    ("ready late", _deployed(ready_s=301), {"R058": F}),
    ("its address is silent", _deployed(address_answers=False), {"R059": F}),
    ("another version serves", lambda one: _scene(target=replace(one.scene.target, version="9.9.9"))(one), {"R065": F, "R112": F}),
    ("the team wasn't told", _unsaid("M04"), {"R127": F}),
    ("the plan wasn't told", _unsaid("plan"), {"R129": F}),
    ("an error", _erred("audiospective.web x"), {"R118": F}),
    ("an error without a trace", _erred(""), {"R118": F, "R169": F}),
    ("no post", _unsaid("M02"), {"R178": Status.PENDING}),
    ("one forum", _unsaid("M07"), {"R179": Status.PENDING}),
    ("slow questions", _slow, {"R200": F}),
    ("a hole", _hole, {"R201": F}),
    ("a secret of long ago", _rotated(31), {"R202": F}),
    ("a rehearsal that failed", _drilled(rolled_back=False, slowest_s=1.2), {"R209": F}),
    ("a slow rehearsal", _drilled(rolled_back=True, slowest_s=301), {"R210": F}),
]


@pytest.fixture(scope="module")
def well() -> Red:
    """How each box stands on the machine as it is made, looked at once: it is made alike for every test."""
    return {}


@pytest.mark.parametrize(("wrong", "red"), [one[1:] for one in MUTATIONS], ids=[one[0] for one in MUTATIONS])
async def test_one_broken_thing_turns_its_own_boxes_and_no_other(machine: Machine, well: Red, wrong: Break, red: Red) -> None:
    before = well or await machine.stands()
    well.update(before)
    assert {box: before[box] for box in red if before[box] not in GOOD} == {}
    await break_it(machine, wrong)
    after = await machine.stands()
    assert {box: status for box, status in after.items() if status is not before[box]} == red


async def test_where_the_site_is_silent_nothing_of_it_is_green(machine: Machine) -> None:
    _scene(target=Target(NOWHERE, NOWHERE, "1.0.0"))(machine)
    found = await readings(machine.scene, Profile.SELF_HOSTED)
    of_it = {name: one for name, one in found.items() if name.startswith(("site.", "health.", "notices."))}
    assert len(of_it) >= 2
    assert {name for name, one in of_it.items() if one.value is not None or not (one.problem or one.inapplicable)} == set()
    judged = [judge(box, found[box.reading]) for box in boxes.boxes() if box.reading in of_it]
    assert {one.box for one in judged if one.status in GOOD} <= {"R181", "R182", "R183"}


async def test_without_a_database_nothing_is_told_at_all(machine: Machine) -> None:
    """Nothing could be written down either; the command ends with 3."""
    away = Database("postgresql://127.0.0.1:9/none", patience_s=0.1)
    await away.open()
    with pytest.raises(Unavailable):
        await readings(replace(machine.scene, db=away), Profile.SELF_HOSTED)
    await away.close()


async def test_what_was_deployed_before_a_launch_is_not_its_own(machine: Machine) -> None:
    async with machine.site.parts.db.transaction() as conn:
        await launches.close(conn, actor="mara", now=machine.clock.now())
        await launches.begin(conn, "1.0.1", commit="b" * 40, window=None, actor="mara", now=machine.clock.now())
    after = await machine.stands()
    assert {after[f"R{number:03}"] for number in (49, *range(52, 60))} == {U}
    assert after["R065"] in GOOD


async def test_what_was_proven_long_ago_says_nothing_of_today(machine: Machine) -> None:
    """The wider the round, the older its proof may be: a month for a backup and an audit, ninety days for a rehearsal."""
    for days, unknown in ((30, set()), (2, {"R201", "R203"}), (59, {"R201", "R203", "R209", "R210"})):
        machine.clock.forward(days=days)
        after = await machine.stands()
        assert {box for box in ("R201", "R203", "R209", "R210") if after[box] is not Status.PASS} == unknown
        assert {after[box] for box in unknown} <= {U}


def test_a_reading_that_says_nothing_is_never_green() -> None:
    for box in boxes.boxes():
        if box.reading and not box.parts:
            assert judge(box, Reading(problem="nobody answers")).status is U
            assert judge(box, Reading()).status is U
