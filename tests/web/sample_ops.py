"""The operators' pages on a launch day, on a quiet one, and when things go wrong."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from audiospective.infra import histogram
from audiospective.operations.alerts import Firing
from audiospective.operations.boxes import Box, boxes
from audiospective.operations.faults import FaultKind
from audiospective.operations.incidents import Action, Incident, Update
from audiospective.operations.judge import Status
from audiospective.operations.launch import Standing
from audiospective.operations.ledger import Line
from audiospective.operations.machine import Look
from audiospective.operations.measures import Cell
from audiospective.operations.roles import Role
from audiospective.operations.standing import Collecting, Now
from audiospective.operations.visits import Visits
from audiospective.spotify.quota import Budget
from audiospective.web.pages.announcement import AnnouncementView
from audiospective.web.views.ops import Scene, Viewer, ops_view
from audiospective.web.views.ops_incidents import ReportView, incidents_view
from audiospective.web.views.ops_ledger import ledger_view
from audiospective.web.views.ops_watch import Seen, Window, watch_view

View = tuple[str, str, object]


def operating(now: datetime, hostile: str) -> Iterator[View]:
    """By name: template and view."""
    yield from _boards(now, hostile)
    yield from _watches(now, hostile)
    yield from _incidents(now, hostile)
    lines = [
        Line(n, now, "Mara Quill", "box.judged", f"R{n:03d}", '{"reason":"12, wanted < 50","status":"pass"}', "", "9f" * 32)
        for n in range(70, 20, -1)
    ]
    yield "ledger", "pages/ops_ledger.html", ledger_view(lines, 120, None, size=50)
    yield "ledger-broken", "pages/ops_ledger.html", ledger_view([], 0, 1, size=50)
    yield "announcement", "pages/announcement.html", AnnouncementView(hostile, ("Come in.", hostile), "2026-11-22T21:40:00Z")
    yield "first", "pages/ops_first.html", {"wrong": "That isn't the code on the console; start the program again for a new one."}


def _boards(now: datetime, hostile: str) -> Iterator[View]:
    well = Now(14_210, 6, 212.0, 11, 31_000_000, 0.07, 0, 15)
    ill = Now(900, 31, 1_420.0, 61, 480_000_000, 0.93, 12, 15)
    calm, rough = Collecting(412, 0, 0, 3, 0, 1, now - timedelta(minutes=2)), Collecting(412, 31, 2, 3, 9, 0, now - timedelta(hours=2))
    launching = Scene(
        _standings(131, now, hostile),
        well,
        calm,
        Budget(None, {}, {}),
        (),
        ("Mara Quill", "Noor"),
        {"deployment-lead": "Mara Quill", "support-lead": "Noor"},
    )
    broken = Scene(_standings(0, now, hostile), ill, rough, Budget(900, {}, {}, now), (_firing(now),), (), {})
    yield "board-launching", "pages/ops.html", ops_view(launching, Viewer("Mara Quill", Role.LEAD, "production", "1.5.0", ""), now)
    yield "board-broken", "pages/ops.html", ops_view(broken, Viewer(hostile, Role.VIEWER, "production", "1.5.0", "deployment"), now)


def _standings(holding: int, now: datetime, hostile: str) -> list[Standing]:
    return [_standing(box, place, holding, now, hostile) for place, box in enumerate(boxes())]


def _standing(box: Box, place: int, holding: int, now: datetime, hostile: str) -> Standing:
    if place < holding:
        status = (Status.PASS, Status.SIGNED, Status.NOT_APPLICABLE)[place % 9 % 3] if place % 4 == 0 else Status.PASS
        return Standing(box, status, "", "12 connections, wanted < 50", "Mara Quill", now - timedelta(minutes=4))
    if holding == 0 and place % 7 == 0:
        return Standing(box, Status.FAIL if place % 2 else Status.UNKNOWN, "", f"1,200 ms, wanted < 500 ms; {hostile}", "ops", now)
    return Standing(box, Status.PENDING, "", f"run: audiospective {box.command}", "", None)


def _firing(now: datetime) -> Firing:
    return Firing("errors", now - timedelta(minutes=12), now, "More than 1 % of requests fail.")


def _watches(now: datetime, hostile: str) -> Iterator[View]:
    for name, window in (("quarter", Window.QUARTER), ("hours", Window.TWO_HOURS), ("week", Window.WEEK)):
        errors = [FaultKind("3fa9c1d2e4b5", f"ValueError: {hostile}", "GET page", "critical", False, now, now, 12, "")]
        seen = Seen(window, now, _cells(now, window), _looks(now, window), Visits(142, 513, 61, 204.0), errors, (_firing(now),))
        yield f"watch-{name}", "pages/ops_watch.html", watch_view(seen)
    yield "watch-nothing", "pages/ops_watch.html", watch_view(Seen(Window.HOUR, now, [], [], Visits(0, 0, 0, 0.0), [], ()))


def _cells(now: datetime, window: Window) -> list[Cell]:
    step = max(window.step / 3, timedelta(minutes=1))
    count = int(window.length / step)
    return [_cell(now - place * step, place) for place in range(count) if not count * 0.5 < place < count * 0.65]


def _cell(at: datetime, place: int) -> Cell:
    buckets = histogram.empty()
    for ms in (12, 18, 30, 44, 60, 130 + 90 * math.sin(place / 3), 260 + 120 * math.sin(place / 5)):
        buckets[histogram.place(ms)] += 9 if ms < 100 else 1
    return Cell(at, "page", "5xx" if place % 11 == 10 else "2xx", buckets)


def _looks(now: datetime, window: Window) -> list[Look]:
    step = max(window.step / 3, timedelta(minutes=1))
    count = int(window.length / step)
    kept = [place for place in range(count) if not count * 0.5 < place < count * 0.65]
    return [
        Look(now - place * step, "1.5.0", True, True, 9 + place % 4, 31_000_000 - place * 9_000, 0.08 + 0.04 * math.sin(place / 2))
        for place in reversed(kept)
    ]


def _incidents(now: datetime, hostile: str) -> Iterator[View]:
    still = Incident(3, 1, hostile, now - timedelta(minutes=40), "Mara Quill", None)
    over = Incident(2, 3, "Exports fail for some", now - timedelta(days=3), "Noor", now - timedelta(days=3, minutes=-50))
    said = {
        3: [Update(3, now - timedelta(minutes=40), "Mara Quill", "investigating", "We are looking into it.")],
        2: [Update(2, over.opened_at, "Noor", "investigating", "Some exports end early."), Update(2, now, "Noor", "note", hostile)],
    }
    promised = {2: [Action("Watch the disk", "Noor", date(2026, 12, 1))]}
    yield "incidents", "pages/ops_incidents.html", incidents_view([still, over], said, promised, Role.LEAD, now)
    yield "incidents-none", "pages/ops_incidents.html", incidents_view([], {}, {}, Role.VIEWER, now)
    yield (
        "report",
        "pages/ops_report.html",
        ReportView("Exports fail", "# Post-mortem: Exports fail\n\n- Date: 2026-11-19\n" + "long " * 60),
    )
