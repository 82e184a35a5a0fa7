"""For each box of a watch window: one thing that is seen to go wrong turns that box red, and no other (operations.md §10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from audiospective.infra import histogram
from audiospective.operations import windows
from audiospective.operations.boxes import Op, boxes
from audiospective.operations.faults import Happened
from audiospective.operations.judge import GOOD, Status, judge
from audiospective.operations.machine import Look
from audiospective.operations.measures import Cell
from audiospective.operations.visits import Visits
from audiospective.operations.windows import Counts, Gathered

SINCE = datetime(2026, 11, 24, 10, tzinfo=UTC)
MINUTES = 240
_VITALS = {"lcp": 500.0, "fid": 5.0, "inp": 20.0, "cls": 10.0, "fcp": 300.0, "tbt": 10.0}  # cls in thousandths
OF_WINDOWS = [
    box for box in boxes() if box.reading.startswith("w") and box.reading.partition(".")[0][1:] in {"15m", "1h", "2h", "day", "week"}
]


def cell(minute: float, kind: str, class_: str, ms: float, count: int = 1) -> Cell:
    buckets = histogram.empty()
    buckets[histogram.place(ms)] = count
    return Cell(SINCE + timedelta(minutes=minute), kind, class_, buckets)


@cache
def _cells(page_ms: float = 40, **vitals: float) -> list[Cell]:
    """Each minute ten pages, a dashboard, a question, and what a page tells of itself."""
    told = _VITALS | vitals
    return [
        one
        for minute in range(MINUTES)
        for one in (
            cell(minute, "page", "2xx", page_ms, 10),
            cell(minute, "dashboard", "2xx", page_ms),
            cell(minute, "query", "all", 1),
            *(cell(minute, f"vital.{name}", "real", value) for name, value in told.items()),
        )
    ]


def _looks(**wrong: object) -> list[Look]:
    """Each minute; the last third of them as something goes wrong."""
    well: dict[str, object] = {
        "version": "1.0.0",
        "is_up": True,
        "is_well": True,
        "connections": 5,
        "database_bytes": 20_000_000,
        "cpu_ratio": 0.05,
    }
    found = []
    for minute in range(MINUTES):
        told = well | {"database_bytes": 20_000_000 + minute * 200} | (wrong if minute >= 2 * MINUTES // 3 else {})
        found.append(Look(at=SINCE + timedelta(minutes=minute), **told))  # type: ignore[arg-type]  # as a test says
    return found


def _well() -> Gathered:
    counts = Counts(sign_ins=3, shares=1, swept=5, granted=4, stale=0, slowest_reply_min=10, feedback=2)
    return Gathered(SINCE, SINCE + timedelta(minutes=MINUTES), _looks(), _cells(), [], Visits(50, 200, 10, 200.0), counts, [True] * 240)


def _red(seen: Gathered) -> dict[str, Status]:
    found = windows.values(seen)
    verdicts = {box.id: judge(box, found[box.reading.partition(".")[2]]).status for box in OF_WINDOWS}
    return {box: status for box, status in verdicts.items() if status not in GOOD}


def _with(**changed: object) -> Callable[[Gathered], Gathered]:
    return lambda seen: replace(seen, **changed)  # type: ignore[arg-type]  # of the fields' own types


def _more(*cells: Cell) -> Callable[[Gathered], Gathered]:
    return lambda seen: replace(seen, cells=[*seen.cells, *cells])


def _counted(**changed: float) -> Callable[[Gathered], Gathered]:
    return lambda seen: replace(seen, counts=replace(seen.counts, **changed))  # type: ignore[arg-type]  # whole where they are


def _erred(*minutes: float, weight: str = "low", is_new: bool = False) -> list[Happened]:
    return [Happened("f", SINCE + timedelta(minutes=minute), weight, is_new, has_trace=True) for minute in minutes]


def _late(ms: float, share: int) -> list[Cell]:
    """From the first minute on so many slow pages beside ten quick ones."""
    return [cell(minute, "page", "2xx", ms, share) for minute in range(MINUTES)]


def _grown(size: Callable[[int], int]) -> list[Look]:
    return [replace(one, database_bytes=size(place)) for place, one in enumerate(_looks())]


def _more_and_more() -> list[Happened]:
    return _erred(*(minute for minute in range(MINUTES) for _ in range(minute // 60)))


def _fading() -> list[Cell]:
    """Fewer and fewer come."""
    return [cell(minute, "page", "2xx", 40, max(MINUTES - minute, 1)) for minute in range(MINUTES)]


Mutation = tuple[str, Callable[[Gathered], Gathered], set[str]]
MUTATIONS: Sequence[Mutation] = [
    ("one in fifty fails", _more(*(cell(minute, "page", "5xx", 40) for minute in range(0, MINUTES, 4))), {"R130", "R167"}),
    ("one in five hundred fails", _more(*(cell(minute, "page", "5xx", 40) for minute in range(0, MINUTES, 40))), {"R167"}),
    ("half a second for one in ten", _more(*_late(600, 2)), {"R131", "R161", "R197"}),
    ("a second and a half for one in fifty", _more(*(one for one in _late(1500, 1)[::4])), {"R162", "R197"}),
    ("half of all are slow", _with(cells=_cells(page_ms=250)), {"R160", "R197"}),
    (
        "later slower than at first",
        lambda seen: replace(seen, cells=[*seen.cells, *(c for c in _late(150, 9) if c.at >= SINCE + timedelta(hours=2))]),
        {"R187"},
    ),
    ("fewer and fewer come", _with(cells=[*_fading(), *(one for one in _cells() if one.kind != "page")]), {"R132"}),
    ("another release serves", _with(looks=_looks(version="1.0.1")), {"R133"}),
    ("five errors", _with(errors=_erred(10, 10, 10, 10, 10)), {"R134"}),
    ("ten errors", _with(errors=_erred(*[10] * 10)), {"R134", "R166"}),
    ("a hundred errors", _with(errors=_erred(*[10] * 100)), {"R134", "R166", "R194"}),
    ("a new kind", _with(errors=_erred(10, is_new=True)), {"R135", "R168"}),
    ("a critical one", _with(errors=_erred(10, weight="critical")), {"R144", "R185"}),
    ("errors become more", _with(errors=_more_and_more()), {"R134", "R136", "R166", "R194"}),
    ("many connections", _with(looks=_looks(connections=20)), {"R137"}),
    ("busy", _with(looks=_looks(cpu_ratio=0.9)), {"R138"}),
    ("slow questions", _more(*(cell(minute, "query", "all", 90) for minute in range(MINUTES))), {"R139"}),
    ("it grows like compound interest", _with(looks=_grown(lambda place: int(5_000 * 1.02**place))), {"R163", "R188"}),
    (
        "it grows fast",
        _with(looks=[replace(one, database_bytes=20_000_000 + place * 20_000) for place, one in enumerate(_looks())]),
        {"R165"},
    ),
    ("it jumps once", _with(looks=_grown(lambda place: 20_000_000 + place * 200 + 1_500_000 * (place >= MINUTES // 2))), {"R140"}),
    ("nobody signs in", _counted(sign_ins=0), {"R142"}),
    ("a dashboard fails", _more(cell(10, "dashboard", "4xx", 40)), {"R143"}),
    ("a permission isn't renewed", _counted(stale=1), {"R152"}),
    ("a question waits", _counted(slowest_reply_min=61), {"R155"}),
    ("large things come late", _with(cells=_cells(lcp=2600)), {"R156", "R159", "R197"}),
    ("the first touch is late", _with(cells=_cells(fid=150)), {"R157", "R197"}),
    ("it jumps", _with(cells=_cells(cls=200)), {"R158", "R197"}),
    ("it is blocked for long", _with(cells=_cells(tbt=900)), {"R159"}),
    ("most leave at once", _with(visits=Visits(50, 60, 40, 200.0)), {"R172"}),
    ("they stay for a minute", _with(visits=Visits(50, 200, 10, 60.0)), {"R173"}),
    ("down for one in two hundred", _with(probes=[True] * 199 + [False]), {"R193"}),
    ("down for one in fifty", _with(probes=[True] * 49 + [False]), {"R186", "R193"}),
]


def test_when_all_is_well_every_box_is_green() -> None:
    assert _red(_well()) == {}


@pytest.mark.parametrize(("wrong", "red"), [one[1:] for one in MUTATIONS], ids=[one[0] for one in MUTATIONS])
def test_one_thing_that_goes_wrong_turns_its_own_boxes_and_no_other(wrong: Callable[[Gathered], Gathered], red: set[str]) -> None:
    assert _red(wrong(_well())) == dict.fromkeys(sorted(red), Status.FAIL)


def test_every_box_of_a_window_is_turned_by_something() -> None:
    """But those that are written down whatever they are."""
    turned = {box for _, _, red in MUTATIONS for box in red}
    assert {box.id for box in OF_WINDOWS if box.op is not Op.RECORD} - turned == set()


def test_where_nothing_was_seen_nothing_is_green_but_counts_of_nothing() -> None:
    nothing = Gathered(SINCE, SINCE + timedelta(minutes=MINUTES), [], [], [], Visits(0, 0, 0, 0.0))
    found = windows.values(nothing)
    unseen = {name for name, one in found.items() if one.problem}
    assert {"error_ratio", "p50_ms", "p95_ms", "p99_ms", "requests_trend", "query_p95_ms"} <= unseen
    assert {"lcp_ms", "uptime", "growth", "cpu_mean", "connections_max", "bounce"} <= unseen
