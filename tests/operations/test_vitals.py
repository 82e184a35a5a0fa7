"""How fast pages come up for people, as the pages tell it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audiospective.errors import Invalid
from audiospective.infra.database import Database
from audiospective.operations import measures, vitals
from audiospective.operations.measures import Cell, Recorder
from audiospective.operations.vitals import Vitals, note
from tests.clock import FakeClock

_FIREFOX = "Mozilla/5.0 Firefox/140.0"
_GOOD = Vitals(lcp=800, fid=8, inp=30, cls=0.01, fcp=500, tbt=20)


async def _cells(db: Database, clock: FakeClock, told: list[tuple[Vitals, str]]) -> list[Cell]:
    recorder = Recorder()
    for one, agent in told:
        note(recorder, one, agent, clock.now())
    await recorder.flush(db)
    async with db.reading() as conn:
        return await measures.minutes(conn, clock.now() - timedelta(minutes=1), clock.now() + timedelta(minutes=1))


async def test_three_quarters_are_what_is_told(db: Database, clock: FakeClock) -> None:
    cells = await _cells(db, clock, [(_GOOD, _FIREFOX)] * 15 + [(Vitals(lcp=9000), _FIREFOX)] * 5)
    assert (vitals.p75(cells, "lcp") or 0) <= 1000
    assert (vitals.p75(cells, "cls") or 1) <= 0.01
    assert (vitals.score(cells) or 0) > 95


async def test_robots_count_only_while_people_are_few(db: Database, clock: FakeClock) -> None:
    robots = [(Vitals(lcp=5000), "HeadlessChrome")] * 5
    few = await _cells(db, clock, [*robots, (_GOOD, _FIREFOX)])
    assert (vitals.p75(few, "lcp") or 0) > 4000
    assert vitals.told_by(few, "lcp")[1] == "6 page views, 1 of them people’s"
    enough = await _cells(db, clock, [(_GOOD, _FIREFOX)] * 19)
    assert (vitals.p75(enough, "lcp") or 9999) <= 1000


async def test_a_slow_page_scores_badly_and_a_missing_part_gives_no_score(db: Database, clock: FakeClock) -> None:
    slow = await _cells(db, clock, [(Vitals(lcp=9000, cls=0.5, fcp=6000, tbt=2000), _FIREFOX)])
    assert (vitals.score(slow) or 100) < 10
    assert vitals.score([cell for cell in slow if cell.kind != "vital.tbt"]) is None


@pytest.mark.parametrize("bad", [None, Vitals(lcp=-1), Vitals(cls=100), Vitals(fid=float("nan"))])
def test_what_no_browser_measures_is_refused(bad: Vitals | None, clock: FakeClock) -> None:
    with pytest.raises(Invalid):
        note(Recorder(), bad, _FIREFOX, clock.now())
