"""What is measured, over a stretch of time: how much, how fast, how often wrong, and how the machine is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

import msgspec
from markupsafe import Markup

from audiospective.operations import machine, measures, vitals
from audiospective.operations.alerts import Firing
from audiospective.operations.faults import FaultKind
from audiospective.operations.machine import Look
from audiospective.operations.measures import Cell
from audiospective.operations.probes.database import FULL, QUOTA_BYTES
from audiospective.operations.visits import Visits
from audiospective.web.charts.timeline import timeline
from audiospective.web.views.figures import FigureView, Table
from audiospective.web.views.ops import BAD, GOOD, RowView, StateView, row
from audiospective.web.views.words import ago, counted, number

_UNKNOWN: Final = "–"


class Window(Enum):
    """How far back, in steps of how long."""

    QUARTER = ("15m", "15 min", timedelta(minutes=15), timedelta(minutes=1))
    HOUR = ("1h", "1 hour", timedelta(hours=1), timedelta(minutes=2))
    TWO_HOURS = ("2h", "2 hours", timedelta(hours=2), timedelta(minutes=5))
    DAY = ("day", "Day", timedelta(days=1), timedelta(hours=1))
    WEEK = ("week", "Week", timedelta(days=7), timedelta(hours=6))

    @property
    def spelling(self) -> str:
        """As the address has it."""
        return self.value[0]

    @property
    def length(self) -> timedelta:
        """How far back."""
        return self.value[2]

    @property
    def step(self) -> timedelta:
        """What is drawn as one."""
        return self.value[3]


class StatView(msgspec.Struct, frozen=True):
    """A number with its name."""

    name: str
    value: str
    note: str


class ErrorView(msgspec.Struct, frozen=True):
    """Errors of one kind."""

    id: str
    title: str
    place: str
    state: StateView
    count: str
    last: str


class AlertView(msgspec.Struct, frozen=True):
    """An alert that goes on."""

    state: StateView
    says: str
    since: str


class Seen(msgspec.Struct, frozen=True):
    """What was found of the window that ends at `at`."""

    window: Window
    at: datetime
    cells: Sequence[Cell]
    looks: Sequence[Look]
    visits: Visits
    errors: Sequence[FaultKind]
    firing: Sequence[Firing]
    quota_bytes: int = QUOTA_BYTES


class WatchView(msgspec.Struct, frozen=True):
    """The page."""

    at: str
    sentence: str
    windows: tuple[tuple[str, str, bool], ...]
    stats: tuple[StatView, ...]
    figures: tuple[FigureView, ...]
    vitals_answer: str
    vitals: tuple[RowView, ...]
    errors_answer: str
    errors: tuple[ErrorView, ...]
    alerts_answer: str
    alerts: tuple[AlertView, ...]


def watch_view(seen: Seen) -> WatchView:
    """The page."""
    asked = measures.asked(seen.cells)
    broken = [one for one in seen.errors if not one.is_test]
    return WatchView(
        at=f"{seen.at:%H:%M:%S} UTC",
        sentence=_sentence(asked),
        windows=tuple((f"/ops/watch?window={one.spelling}", one.value[1], one is seen.window) for one in Window),
        stats=_stats(seen, asked),
        figures=tuple(make(seen, _steps(seen)) for make in (_fast, _failing, _busy, _stored)),
        vitals_answer=_told(seen.cells),
        vitals=_vitals(seen.cells),
        errors_answer=counted(len(broken), "kind of error.", "kinds of error.") if broken else "Nothing.",
        errors=tuple(_error(one, seen.at) for one in seen.errors[:30]),
        alerts_answer=counted(len(seen.firing), "alert fires.", "alerts fire.") if seen.firing else "Nothing fires.",
        alerts=tuple(AlertView(StateView(one.rule, "bad", BAD), one.detail, f"since {one.since:%d %b %H:%M} UTC") for one in seen.firing),
    )


def _sentence(asked: Sequence[Cell]) -> str:
    count, failed = measures.requests(asked), measures.failures(asked)
    if not count:
        return "Nobody asked for anything."
    ended = "none failed" if not failed else f"{number(failed)} failed"
    return f"{counted(count, 'request', 'requests')}, {ended}."


def _stats(seen: Seen, asked: Sequence[Cell]) -> tuple[StatView, ...]:
    count = measures.requests(asked)
    share = f"{measures.failures(asked) / count:.2%}" if count else _UNKNOWN
    missing = sum(run for _, run in machine.missing(list(seen.looks), seen.at - seen.window.length, seen.at))
    visits = seen.visits
    bounce = f"{visits.bounced / visits.visits:.0%} saw one page alone" if visits.visits else "nobody came"
    looked = "no minute is missing" if not missing else f"{counted(missing, 'minute', 'minutes')} without a look"
    return (
        StatView("Failed", share, f"of {counted(count, 'request', 'requests')}"),
        StatView("Half are faster than", _ms(measures.percentile(asked, 0.5)), "limit 200 ms"),
        StatView("19 of 20 are faster than", _ms(measures.percentile(asked, 0.95)), "limit 500 ms"),
        StatView("99 of 100", _ms(measures.percentile(asked, 0.99)), "limit 1,000 ms"),
        StatView("Visits", number(visits.visits), f"{bounce}; {looked}"),
    )


class _Step(msgspec.Struct, frozen=True):
    at: datetime
    asked: list[Cell]
    looks: list[Look]


def _steps(seen: Seen) -> list[_Step]:
    """The window cut into equal steps that begin at round moments."""
    size = seen.window.step.total_seconds()
    first = datetime.fromtimestamp((seen.at - seen.window.length).timestamp() // size * size + size, seen.at.tzinfo)
    count = int(seen.window.length / seen.window.step)
    steps = [_Step(first + place * seen.window.step, [], []) for place in range(count)]
    for cell in measures.asked(seen.cells):
        place = int((cell.at - first) / seen.window.step)
        if cell.at >= first and place < count:
            steps[place].asked.append(cell)
    for look in seen.looks:
        place = int((look.at - first) / seen.window.step)
        if look.at >= first and place < count:
            steps[place].looks.append(look)
    return steps


def _fast(seen: Seen, steps: Sequence[_Step]) -> FigureView:
    slow, half = ([measures.percentile(step.asked, share) for step in steps] for share in (0.95, 0.5))
    table = _table(seen, steps, ("Requests", "p50", "p95", "p99"), lambda step: _times(step.asked))
    chart = timeline(
        slow, _labels(seen, steps), _said("The 95th percentile of request times", slow, "ms"), beside=half, limit=500, unit="ms"
    )
    answer = Markup("The line is what 19 of 20 requests stay below, the pale one half of them; the limit is 500 ms.")
    return FigureView("fast", "How fast are pages?", answer, chart, table, "line")


def _failing(seen: Seen, steps: Sequence[_Step]) -> FigureView:
    shares = [measures.failures(step.asked) / count * 100 if (count := measures.requests(step.asked)) else None for step in steps]
    table = _table(
        seen, steps, ("Requests", "Failed"), lambda step: (number(measures.requests(step.asked)), number(measures.failures(step.asked)))
    )
    chart = timeline(shares, _labels(seen, steps), _said("Failed requests", shares, "per cent"), limit=1, unit="%", height=180)
    return FigureView("failing", "Does anything break?", Markup("Requests that failed, in per cent; the limit is 1."), chart, table, "line")


def _busy(seen: Seen, steps: Sequence[_Step]) -> FigureView:
    busy = [_mean([one.cpu_ratio * 100 for one in step.looks if one.cpu_ratio is not None]) for step in steps]
    table = _table(seen, steps, ("Busy", "Connections"), _machine)
    chart = timeline(busy, _labels(seen, steps), _said("Processors busy", busy, "per cent"), limit=80, unit="%", height=180)
    return FigureView("busy", "How busy is the machine?", Markup("Processors, in per cent; an alert comes at 80."), chart, table, "line")


def _stored(seen: Seen, steps: Sequence[_Step]) -> FigureView:
    full_mb = FULL * seen.quota_bytes / 1e6
    sizes = [step.looks[-1].database_bytes / 1e6 if step.looks else None for step in steps]
    table = _table(seen, steps, ("MB",), lambda step: (f"{step.looks[-1].database_bytes / 1e6:,.1f}" if step.looks else _UNKNOWN,))
    chart = timeline(sizes, _labels(seen, steps), _said("The database", sizes, "MB"), limit=full_mb, unit="MB", height=180)
    return FigureView(
        "stored",
        "How does the archive grow?",
        Markup("The database, in MB; 80 % of its space are {}.").format(f"{full_mb:.0f}"),
        chart,
        table,
        "line",
    )


def _times(asked: Sequence[Cell]) -> tuple[str, ...]:
    return (number(measures.requests(asked)), *(_ms(measures.percentile(asked, share)) for share in (0.5, 0.95, 0.99)))


def _machine(step: _Step) -> tuple[str, ...]:
    busy = _mean([one.cpu_ratio for one in step.looks if one.cpu_ratio is not None])
    most = max((one.connections for one in step.looks), default=None)
    return (_UNKNOWN if busy is None else f"{busy:.0%}", _UNKNOWN if most is None else number(most))


def _table(seen: Seen, steps: Sequence[_Step], heads: tuple[str, ...], cells: Callable[[_Step], tuple[str, ...]]) -> Table:
    return Table(("UTC", *heads), tuple((_when(seen, step.at), *cells(step)) for step in steps))


def _when(seen: Seen, at: datetime) -> str:
    return f"{at:%d %b %H:%M}" if seen.window in {Window.DAY, Window.WEEK} else f"{at:%H:%M}"


def _labels(seen: Seen, steps: Sequence[_Step]) -> list[tuple[int, str]]:
    form = "%d %b" if seen.window is Window.WEEK else "%H:%M"
    return [(place, f"{steps[place].at:{form}}") for place in (0, len(steps) // 2, len(steps) - 1)]


def _said(what: str, values: Sequence[float | None], unit: str) -> str:
    known = [value for value in values if value is not None]
    return f"{what}: nobody has looked" if not known else f"{what}: between {min(known):.4g} and {max(known):.4g} {unit}"


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _ms(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:,.0f} ms"


def _told(cells: Sequence[Cell]) -> str:
    found, words = vitals.told_by(cells, "lcp")
    return f"{words}; three quarters of them are no slower." if found else "No page has told yet."


def _vitals(cells: Sequence[Cell]) -> tuple[RowView, ...]:
    return (
        row("Largest picture (LCP)", vitals.p75(cells, "lcp"), 2500, "{:,.0f} ms"),
        row("First answer (FID)", vitals.p75(cells, "fid"), 100, "{:,.0f} ms"),
        row("Slow answers (INP)", vitals.p75(cells, "inp"), 200, "{:,.0f} ms"),
        row("What jumps (CLS)", vitals.p75(cells, "cls"), 0.1, "{:.3f}"),
        row("All together", vitals.score(cells), 90, "{:.0f}", least=True),
    )


def _error(one: FaultKind, now: datetime) -> ErrorView:
    kinds = {"critical": "bad", "high": "bad", "medium": "warn"}
    state = StateView("on purpose", "wait", GOOD) if one.is_test else StateView(one.weight, kinds.get(one.weight, "wait"), BAD)
    return ErrorView(one.fingerprint, one.title, one.place, state, number(one.count), ago(one.last_at, now))
