"""R145 and R146, the smoke tests as a whole: a walk that failed, or fails where one of the release before passed, turns them.

And for every box that is read of the database alone: without it nothing is green.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from audiospective.infra.database import Database
from audiospective.operations import faults, ledger, notices, regressions
from audiospective.operations.boxes import boxes
from audiospective.operations.judge import GOOD, Reading, Status, Verdict, judge
from audiospective.operations.ledger import Entry
from audiospective.operations.probes import work
from audiospective.operations.release_state import DEPLOYED, ROLLED_BACK
from tests.clock import FakeClock
from tests.web.site import NOWHERE

P, F, U = Status.PASS, Status.FAIL, Status.UNKNOWN
Red = dict[str, Status]
Walk = Callable[[Database, FakeClock], Awaitable[None]]


async def _line(db: Database, clock: FakeClock, *entries: Entry) -> None:
    async with db.transaction() as conn:
        await ledger.append(conn, entries, clock.forward(seconds=1))


def _walk(*, whole: bool = True, **found: Status) -> Walk:
    """Somebody walks the tests, or a part of them."""
    verdicts = [Verdict(name, status, "", "") for name, status in found.items()]
    return lambda db, clock: _line(db, clock, regressions.walked("mara", [], verdicts, is_whole=whole))


def _let_in(event: str = DEPLOYED) -> Walk:
    return lambda db, clock: _line(db, clock, Entry("mara", event, "r2", {"version": "1.1.0"}))


#: With the release before all passed but one.
BEFORE = (_walk(R067=P, R068=F, R069=Status.NOT_APPLICABLE), _let_in())
WELL = (*BEFORE, _walk(R067=P, R068=P, R069=P))
#: What was done in this order, and what is red then.
MUTATIONS: list[tuple[str, tuple[Walk, ...], Red]] = [
    ("one fails that passed", (*BEFORE, _walk(R067=F, R068=P, R069=P)), {"R145": F, "R146": F}),
    ("one can't be seen that passed", (*BEFORE, _walk(R067=U, R068=P, R069=P)), {"R145": F, "R146": F}),
    ("one fails that failed", (*BEFORE, _walk(R067=P, R068=F, R069=P)), {"R145": F}),
    ("one fails that there wasn't", (*BEFORE, _walk(R067=P, R068=P, R070=F)), {"R145": F}),
    ("there was no release before", (_walk(R067=F),), {"R145": F}),
    ("it wasn't walked since", (*WELL, _let_in()), {"R145": U, "R146": U}),
    ("it was rolled back since", (*WELL, _let_in(ROLLED_BACK)), {"R145": U, "R146": U}),
    ("only a part was walked", (*BEFORE, _walk(whole=False, R067=P)), {"R145": U, "R146": U}),
    ("nobody walked", (), {"R145": U, "R146": U}),
]


def _red(found: dict[str, Reading]) -> Red:
    verdicts = {box.id: judge(box, found[box.reading]).status for box in boxes() if box.reading in found}
    return {box: status for box, status in verdicts.items() if status not in GOOD}


async def test_when_all_passes_both_are_green(db: Database, clock: FakeClock) -> None:
    for done in WELL:
        await done(db, clock)
    assert _red(await regressions.look(db, clock.now())) == {}


@pytest.mark.parametrize(("walks", "red"), [one[1:] for one in MUTATIONS], ids=[one[0] for one in MUTATIONS])
async def test_a_walk_that_goes_wrong_turns_them(db: Database, clock: FakeClock, walks: tuple[Walk, ...], red: Red) -> None:
    for done in walks:
        await done(db, clock)
    assert _red(await regressions.look(db, clock.now())) == red


async def test_without_the_database_nothing_that_is_read_of_it_is_green(clock: FakeClock) -> None:
    away, now = Database("postgresql://127.0.0.1:9/none", patience_s=0.1), clock.now()
    await away.open()
    async with aiohttp.ClientSession() as http:
        looks = work.look(away, now), faults.look(away, now, "1.0.0"), regressions.look(away, now), notices.look(away, http, NOWHERE)
        found = {name: one for some in await asyncio.gather(*looks) for name, one in some.items()}
    await away.close()
    red = _red(found)
    assert set(red.values()) == {U}
    assert red.keys() >= {f"R{number}" for number in (110, 111, 112, 145, 146, 150, 151, 153, 181, 182, 183)}
