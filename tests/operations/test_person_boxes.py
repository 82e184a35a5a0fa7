"""For each box that people settle, by what they say, publish, promise or report: one thing left out or done otherwise turns that box.

How it stands is computed from the ledger, and from pages as a stranger sees them (operations.md §10). R180 can't be turned: nobody can ask
for a newsletter, so that none is sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from audiospective.errors import Invalid
from audiospective.infra.database import Connection, Database, execute
from audiospective.operations import boxes, feedback, incidents, launch, launches, machine, notices, recovery, team, telling
from audiospective.operations.incidents import Action
from audiospective.operations.judge import GOOD, Status, judge
from audiospective.operations.machine import Look
from audiospective.operations.measures import Recorder
from audiospective.operations.notices import Place
from audiospective.operations.recovery import KINDS
from audiospective.operations.team import Member
from tests.clock import FakeClock
from tests.operations.test_launches import SEALER, TEAM, named
from tests.simulators.played import Played, on_a_port
from tests.web.site import NOWHERE, opened

F, U, P = Status.FAIL, Status.UNKNOWN, Status.PENDING
Red = dict[str, Status]
OF_LEDGER = ("R044", "R180", "R211", "R213", "R214", "R215", "R216", "R217", "R218", "R219")
_PROMISES = dict(zip(("R216", "R217", "R218", "R219"), KINDS, strict=True))


@dataclass(slots=True)
class Launching:
    """A launch in which something went wrong and is well again; `without` names what nobody has done."""

    db: Database
    clock: FakeClock
    without: frozenset[str] = frozenset()
    incident: int = 0
    recorder: Recorder = field(default_factory=Recorder)

    async def begin(self) -> None:
        """What is done once."""
        async with self.db.transaction() as conn:
            await launches.begin(conn, "1.0.0", commit="", window=None, actor="mara", now=self.clock.now())
            await named(conn, self.clock)
            self.incident = await self.open(conn)
            for kind in KINDS:
                if f"promise {kind}" not in self.without:
                    action = Action("So that it isn't again", "Mara Quill", date(2026, 12, 1))
                    await recovery.promise(conn, self.incident, kind, action=action, actor="mara", now=self.clock.now())
                    if f"keep {kind}" not in self.without:
                        await recovery.close(conn, self.incident, kind, proof="seen", actor="mara", now=self.clock.now())
            await self.say(conn, launch.TRAINED)

    async def open(self, conn: Connection) -> int:
        """Something goes wrong."""
        return await incidents.begin(conn, severity=3, title="Exports fail", said="We look.", actor="mara", now=self.clock.now())

    async def say(self, conn: Connection, event: str) -> None:
        """All four say that they are ready, or trained."""
        for role, name in TEAM.items():
            if f"{event} {role}" not in self.without:
                await launch.say_ready(conn, role, by=name, event=event, now=self.clock.now())

    async def pass_by(self, minutes: int) -> None:
        """Minutes in which everything is well, and looked at and busy every other minute."""
        async with self.db.transaction() as conn:
            for _ in range(0, minutes, 2):
                await machine.keep(conn, Look(self.clock.now(), "1.0.0", True, True, 5, 20_000_000, 0.05))
                if "requests" not in self.without:
                    self.recorder.note(self.clock.now(), "page", "2xx", 40)
                self.clock.forward(minutes=2)
        await self.recorder.flush(self.db)

    async def end(self) -> None:
        """What is done last, and doesn't last."""
        async with self.db.transaction() as conn:
            await self.say(conn, launch.READY)
            if "sign" not in self.without:
                await launch.sign(conn, boxes.box("R214"), by=TEAM["support-lead"], note="seen", now=self.clock.now())

    async def stands(self) -> Red:
        """How each box stands once everything has been looked at."""
        wanted = [boxes.box(one) for one in OF_LEDGER]
        now = self.clock.now()
        async with self.db.transaction() as conn:
            found = await launch.promised(conn, now) | await telling.readings(conn) | await recovery.readings(conn, now)
            await launch.record(conn, wanted, found, actor="test", now=now)
            stood = await launch.standings(conn, wanted, now)
        return {one.box.id: one.status for one in stood if one.status not in GOOD}


async def _well(db: Database, clock: FakeClock, without: str = "") -> Launching:
    found = Launching(db, clock, frozenset({without}))
    await found.begin()
    await found.pass_by(32)
    await found.end()
    return found


Break = Callable[[Launching], Awaitable[object]]


def _sql(statement: str) -> Break:
    async def do(one: Launching) -> None:
        async with one.db.transaction() as conn:
            await execute(conn, statement, now=one.clock.now())

    return do


def _waits(minutes: int) -> Break:
    return lambda one: one.pass_by(minutes)


async def _somebody_new(one: Launching) -> None:
    async with one.db.transaction() as conn:
        await team.name(conn, SEALER, Member("support-lead", "Ada Holm", "ada@example.org", "", "UTC", one.clock.now()))


async def _somebody_new_is_ready(one: Launching) -> None:
    await _somebody_new(one)
    async with one.db.transaction() as conn:
        await launch.say_ready(conn, "support-lead", by="Ada Holm", now=one.clock.now())


async def _a_season_passes(one: Launching) -> None:
    """Ninety days later somebody is still well, ready, and has kept everything; the drill was long ago."""
    one.clock.forward(days=90)
    await one.pass_by(32)
    await one.end()


async def _fails(one: Launching) -> None:
    for _ in range(5):
        one.recorder.note(one.clock.now() - timedelta(minutes=5), "page", "5xx", 40)
    await one.recorder.flush(one.db)


def _says(*, of_it: bool) -> Break:
    async def do(one: Launching) -> None:
        async with one.db.transaction() as conn:
            await feedback.add(conn, "mail", "It fails", now=one.clock.now(), incident=one.incident if of_it else None)

    return do


async def _another(one: Launching) -> None:
    async with one.db.transaction() as conn:
        await one.open(conn)


_AT = "%(now)s - interval '10 minutes'"

#: What nobody has done, or what happens, and what is red then.
MUTATIONS: list[tuple[str, str | Break, Red]] = [
    ("one isn't ready", f"{launch.READY} support-lead", {"R044": P}),
    ("they were ready six minutes ago", _waits(6), {"R044": F}),
    ("one doesn't know the way back", f"{launch.TRAINED} backup-engineer", {"R211": P}),
    ("a role is somebody else's now", _somebody_new, {"R044": F, "R211": F}),
    ("somebody new is ready", _somebody_new_is_ready, {"R211": F}),
    ("a role is nobody's", _sql("DELETE FROM ops_team WHERE role = 'support-lead' AND %(now)s IS NOT NULL"), {"R044": F, "R211": F}),
    ("the drill is a season ago", _a_season_passes, {"R211": F}),
    ("one in ten fails", _fails, {"R213": F}),
    ("nobody asked for anything", "requests", {"R213": U}),
    ("reports go on", _says(of_it=True), {"R214": F}),
    ("nobody says that they stopped", "sign", {"R214": U}),
    ("it wasn't well ten minutes ago", _sql(f"UPDATE machine_minutes SET is_well = false WHERE at <= {_AT}"), {"R215": F}),
    (
        "nobody looked ten minutes ago",
        _sql(f"DELETE FROM machine_minutes WHERE at BETWEEN {_AT} AND {_AT} + interval '5 minutes'"),
        {"R215": F},
    ),
    ("nobody looks", _sql("DELETE FROM machine_minutes WHERE %(now)s IS NOT NULL"), {"R215": U}),
    *[(f"nobody promised a {kind}", f"promise {kind}", {box: F}) for box, kind in _PROMISES.items()],
    *[(f"nobody kept the promise of a {kind}", f"keep {kind}", {box: F}) for box, kind in _PROMISES.items()],
    ("it goes wrong again", _another, dict.fromkeys(_PROMISES, F)),
]


async def test_when_all_is_done_every_box_is_green(db: Database, clock: FakeClock) -> None:
    assert await (await _well(db, clock)).stands() == {}


@pytest.mark.parametrize(("wrong", "red"), [one[1:] for one in MUTATIONS], ids=[one[0] for one in MUTATIONS])
async def test_one_thing_that_is_not_so_turns_its_own_boxes(db: Database, clock: FakeClock, wrong: str | Break, red: Red) -> None:
    launching = await _well(db, clock, wrong if isinstance(wrong, str) else "")
    if not isinstance(wrong, str):
        await wrong(launching)
    assert await launching.stands() == red


async def test_who_speaks_of_something_else_turns_nothing(db: Database, clock: FakeClock) -> None:
    launching = await _well(db, clock)
    await _says(of_it=False)(launching)
    assert await launching.stands() == {}


async def test_while_reports_go_on_nobody_can_sign_that_they_stopped(db: Database, clock: FakeClock) -> None:
    launching = await _well(db, clock)
    await _says(of_it=True)(launching)
    with pytest.raises(Invalid, match="wait until nobody does"):
        await launching.end()
    await launching.pass_by(32)
    await launching.end()
    assert await launching.stands() == {}


#: As a stranger is shown them.
Alter = Callable[[dict[str, str]], object]
_PATHS = ("/status", "/", "/launch", "/launch.xml")


def _altered(path: str, before: str, after: str) -> Alter:
    def do(pages: dict[str, str]) -> None:
        assert before in pages[path]
        pages[path] = pages[path].replace(before, after)

    return do


def _gone(path: str) -> Alter:
    return lambda pages: pages.pop(path)


_STAMP = "2026-03-18T19:30:00Z"
PUBLISHED: list[tuple[str, Alter, Red]] = [
    ("status as it was before", _altered("/status", _STAMP, "2026-03-18T19:00:00Z"), {"R181": F}),
    ("status in other words", _altered("/status", "All systems", "Some systems"), {"R181": F}),
    ("no status", _gone("/status"), {"R181": F}),
    ("the front page says nothing of it", _altered("/", _STAMP, ""), {"R182": F}),
    ("the front page in other words", _altered("/", "All systems", "Some systems"), {"R182": F}),
    ("another announcement", _altered("/launch", "Come in.", "Stay out."), {"R183": F}),
    ("no announcement", _gone("/launch"), {"R183": F}),
    ("a feed without it", _altered("/launch.xml", "Come in.", ""), {"R183": F}),
    ("a feed as it was before", _altered("/launch.xml", _STAMP, "2026-03-18T19:00:00Z"), {"R183": F}),
    ("no feed", _gone("/launch.xml"), {"R183": F}),
]


async def test_a_page_that_shows_something_else_turns_its_own_box(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    async with db.transaction() as conn:
        for place in Place:
            await notices.publish(conn, place, "All systems <work>\n\nCome in.", by="noor", now=clock.now())
    async with opened(db, clock, tmp_path) as site, site.browser() as stranger:
        well = {path: (await stranger.get(path)).text for path in _PATHS}
    pages: dict[str, str] = {}

    async def answer(request: web.Request) -> web.Response:
        found = pages.get(request.path)
        return web.Response(text=found or "<h1>Nothing here</h1>", status=200 if found else 404, content_type="text/html")

    red: dict[str, Red] = {}
    async with on_a_port(Played(header=""), {"GET /{path:.*}": answer}) as url:
        for what, wrong, _ in (("well", dict, {}), *PUBLISHED):
            pages |= well
            wrong(pages)
            red[what] = await _shown(db, url)
        pages |= well
        async with db.transaction() as conn:
            await notices.take_back(conn, Place.LANDING, by="noor", now=clock.now())
        red["nothing is published there"] = await _shown(db, url)
    red["nobody answers"] = await _shown(db, NOWHERE)
    assert red == {"well": {}, "nothing is published there": {"R182": U}, "nobody answers": dict.fromkeys(("R181", "R182", "R183"), U)} | {
        what: one for what, _, one in PUBLISHED
    }


async def _shown(db: Database, url: str) -> Red:
    async with aiohttp.ClientSession() as http:
        found = await notices.look(db, http, url)
    verdicts = {box.id: judge(box, found[box.reading]).status for box in boxes.boxes() if box.reading in found}
    return {box: status for box, status in verdicts.items() if status not in GOOD}
