"""For each box of the hour that is chosen and of a rollback: one thing wrong at the source turns that box red, and no other.

Requests are counted in a real database; who serves is told by a played supervisor at its real socket, and by a played public address.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from audiospective.infra import control
from audiospective.infra.database import Database, execute
from audiospective.operations import launches, recovery, release_record, releases, rollback, supervision, traffic
from audiospective.operations.boxes import boxes
from audiospective.operations.deploy import Errand
from audiospective.operations.judge import GOOD, Status, judge
from audiospective.operations.measures import Recorder
from audiospective.operations.releases import INSTALLED
from audiospective.operations.supervision import Question, Stage, Standing, Told
from tests.clock import FakeClock
from tests.operations.breaking import break_it
from tests.simulators.played import Played, on_a_port
from tests.web.site import NOWHERE

F, U = Status.FAIL, Status.UNKNOWN
Red = dict[str, Status]

#: Release to go back to, and the one that fails.
_GOOD, _BAD = INSTALLED, "9.9.9-99999999"


@dataclass(slots=True)
class There:
    """An instance that is rolled back, and who came to it."""

    db: Database
    clock: FakeClock
    home: Path
    address: Played = field(default_factory=lambda: Played(header=""))
    recorder: Recorder = field(default_factory=Recorder)
    version: str = releases.installed().version
    serving: str = _BAD
    keeps: bool = True
    """The supervisor, who lets the release serve that it says it does."""
    is_up: bool = True
    failing_after: int = 0
    coming_after: int = 20
    later_min: float = 6

    async def answer(self, line: bytes) -> AsyncIterator[bytes]:
        """As the supervisor does."""
        asked = msgspec.json.decode(line, type=Question)
        if not asked.release:
            yield msgspec.json.encode(Standing(self.serving, self.version, "", self.address.url, self.clock.now(), True))
            return
        self.serving = asked.release if self.keeps else self.serving
        for stage in (Stage.SWITCHED, Stage.HEALTHY, Stage.PROVED):
            yield msgspec.json.encode(Told(stage, 1.0))

    async def health(self, _: web.Request) -> web.Response:
        """GET /api/health of the public address."""
        return web.json_response({"version": self.version, "status": "healthy"})

    def came(self, at: datetime, count: int, failing: int = 0) -> None:
        """So many requests, and so many of them fail."""
        for number in range(count):
            self.recorder.note(at, "page", "5xx" if number < failing else "2xx", 40)

    async def roll_back(self) -> None:
        """A release fails, and the one before serves again."""
        errand = Errand(self.home, "mara", self.clock, lambda _: None)
        release = releases.installed()
        target = rollback.Candidate(_GOOD, release.version, "", release.last_migration, None, None, "")
        self.came(self.clock.now() - timedelta(minutes=2), 20, failing=10)
        await rollback.roll_back(errand, target, self.address.url, reason="one in two fails")
        self.came(self.clock.now() + timedelta(minutes=2), self.coming_after, self.failing_after)
        self.clock.forward(minutes=self.later_min)
        await self.recorder.flush(self.db)

    async def stands(self) -> Red:
        """How each box stands after a rollback."""
        if self.is_up:
            async with control.answering(supervision.place(self.home), self.answer):
                await self.roll_back()
        else:
            await self.roll_back()
        now = self.clock.now()
        async with self.db.transaction() as conn:
            await release_record.catch_up(conn, self.home, now)
            found = await recovery.readings(conn, now) | await traffic.look(conn, now, launches.next_window(now))
        told = await release_record.look(self.db, self.home, "", now)
        found |= {name: one for name, one in told.items() if name.startswith("rollback.")}
        return {box.id: judge(box, found[box.reading]).status for box in boxes() if box.reading in found}


@pytest.fixture
async def there(db: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[There]:
    found = There(db, clock, tmp_path)
    releases.folder_of(tmp_path).mkdir()
    meant = launches.next_window(clock.now())
    for hour in range(24):
        found.came(meant + timedelta(hours=hour), 3 if hour else 2)
    clock.forward(seconds=(meant - clock.now()).total_seconds(), days=7, hours=2)
    await found.recorder.flush(db)
    async with on_a_port(found.address, {"GET /api/health": found.health}):
        yield found


Break = Callable[[There], Awaitable[None] | None]


def _with(**changed: object) -> Break:
    def do(one: There) -> None:
        for name, value in changed.items():
            setattr(one, name, value)

    return do


async def _counted_since(one: There) -> None:
    async with one.db.transaction() as conn:
        await execute(conn, "DELETE FROM measured_hours WHERE at < %(at)s", at=one.clock.now() - timedelta(days=6))


MUTATIONS: list[tuple[str, Break, Red]] = [
    ("many come at that hour", lambda one: one.came(one.clock.now() - timedelta(days=2, hours=2), 30), {"R048": F}),
    ("counted for less than a week", _counted_since, {"R048": U}),
    ("the supervisor says one thing and does another", _with(keeps=False), {"R206": F}),
    ("the public address answers with another version", _with(version="9.9.9"), {"R206": F}),
    ("the public address says nothing of its version", lambda one: one.address.trouble("GET", 503, text="<html>"), {"R206": U}),
    ("the public address is silent", lambda one: setattr(one.address, "url", NOWHERE), {"R206": U}),
    ("nothing runs", _with(is_up=False), {"R206": F}),
    ("as many fail as before", _with(failing_after=10), {"R207": F}),
    ("nobody came since", _with(coming_after=0), {"R207": U}),
    ("it was a moment ago", _with(later_min=4), {"R207": U}),
]


@pytest.mark.parametrize(("wrong", "red"), [one[1:] for one in MUTATIONS], ids=[one[0] for one in MUTATIONS])
async def test_one_broken_thing_turns_its_own_boxes_and_no_other(there: There, wrong: Break, red: Red) -> None:
    await break_it(there, wrong)
    assert {box: status for box, status in (await there.stands()).items() if status not in GOOD} == red


async def test_in_good_order_every_box_is_green(there: There) -> None:
    found = await there.stands()
    assert [found[box] for box in ("R048", "R206", "R207")] == [Status.PASS] * 3
    assert set(found.values()) <= GOOD
