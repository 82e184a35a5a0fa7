"""A window's figures → readings. Pure: what was gathered goes in, what each box asks comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from audiospective.infra import trends
from audiospective.operations import measures, vitals
from audiospective.operations.faults import Happened
from audiospective.operations.judge import Reading
from audiospective.operations.machine import Look
from audiospective.operations.measures import Cell
from audiospective.operations.visits import Visits

#: With fewer requests of people our own looks count too, so that a quiet window says something.
_ENOUGH: Final = 20
#: A step of the database below that is no spike.
_STEP_BYTES: Final = 1_000_000
_MONTH_MIN: Final = 30 * 24 * 60
#: What response times are compared with, how far they may be from it, what differs by chance, and what is slow in any case.
_BASELINE: Final = timedelta(hours=2)
_DRIFT, _NOISE_MS, _SLOW_MS = 0.25, 20.0, 1000.0

NAMES: Final = (
    "error_ratio",
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "p95_stable",
    "requests_trend",
    "release_changes",
    "errors",
    "new_errors",
    "critical_errors",
    "errors_trend",
    "connections_max",
    "cpu_mean",
    "query_p95_ms",
    "storage_step",
    "growth",
    "projected_mb",
    "sign_ins",
    "dashboard_failures",
    "refresh_stale",
    "slowest_reply_min",
    "lcp_ms",
    "fid_ms",
    "cls",
    "vitals_score",
    "page_views",
    "bounce",
    "session_s",
    "exports",
    "features",
    "performance",
    "uptime",
)


@dataclass(frozen=True, slots=True)
class Counts:
    """What people did; `stale` are permissions whose token nobody has refreshed."""

    sign_ins: int = 0
    shares: int = 0
    swept: int = 0
    granted: int = 0
    stale: int = 0
    slowest_reply_min: float = 0.0
    feedback: int = 0


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that was seen from `since` until `until`."""

    since: datetime
    until: datetime
    looks: Sequence[Look]
    cells: Sequence[Cell]
    errors: Sequence[Happened]
    visits: Visits
    counts: Counts = field(default_factory=Counts)
    probes: Sequence[bool] = ()


def values(seen: Gathered) -> dict[str, Reading]:
    """Every reading of NAMES."""
    return _requests(seen) | _errors(seen) | _machine(seen) | _people(seen) | _pages(seen)


def _requests(seen: Gathered) -> dict[str, Reading]:
    asked = measures.asked(seen.cells)
    count, note = measures.requests(asked), ""
    timed = asked
    if count < _ENOUGH:
        timed = [*asked, *measures.of(seen.cells, measures.PROBE)]
        note = f"{count} requests of people, the rest our own"
    total = measures.requests(timed)
    return {
        "error_ratio": _known(
            measures.failures(timed) / total if total else None, note or f"{count:,} requests", "nobody asked for anything"
        ),
        **{f"p{part}_ms": _known(measures.percentile(timed, part / 100), note, "nobody asked for anything") for part in (50, 95, 99)},
        "p95_stable": _stable(seen.since, timed),
        "requests_trend": _known(trends.sure_slope(_a_minute(seen, asked)) if count else None, f"{count:,} requests", "nobody came yet"),
        "dashboard_failures": _dashboards(seen.cells),
        "exports": Reading(measures.requests(measures.of(seen.cells, "export", "2xx")), "requests"),
        "query_p95_ms": _known(measures.percentile(measures.of(seen.cells, "query"), 0.95), "", "no question was timed"),
    }


def _stable(since: datetime, timed: Sequence[Cell]) -> Reading:
    """Whether answers came as fast as in the first two hours: within a quarter of that, and in less than a second."""
    begun = since + _BASELINE
    base = measures.percentile([cell for cell in timed if cell.at < begun], 0.95)
    later = measures.percentile([cell for cell in timed if cell.at >= begun], 0.95)
    if base is None or later is None:
        return _known(None, "", "nobody asked for anything in the first two hours, or since")
    apart = later / base - 1
    is_stable = later < _SLOW_MS and (abs(apart) <= _DRIFT or abs(later - base) < _NOISE_MS)
    note = f"p95 {later:,.0f} ms, in the first two hours {base:,.0f} ms ({apart:+.0%})"
    return Reading("yes" if is_stable else "no", "watch", note)


def _a_minute(seen: Gathered, cells: Sequence[Cell]) -> list[float]:
    counts: dict[datetime, float] = {}
    for cell in cells:
        counts[cell.at] = counts.get(cell.at, 0) + cell.count
    first, length = seen.since.replace(second=0, microsecond=0), int((seen.until - seen.since).total_seconds() // 60)
    return [counts.get(first + timedelta(minutes=place), 0.0) for place in range(1, length)]  # the first minute is cut


def _dashboards(cells: Sequence[Cell]) -> Reading:
    loads = measures.of(cells, "dashboard")
    bad = sum(cell.count for cell in loads if cell.class_ in {"4xx", "5xx"})
    return Reading(bad, "requests", f"of {measures.requests(loads):,} loads")


def _errors(seen: Gathered) -> dict[str, Reading]:
    length = int((seen.until - seen.since).total_seconds() // 60)
    a_minute = [0.0] * max(length, 1)
    for one in seen.errors:
        a_minute[min(int((one.at - seen.since).total_seconds() // 60), len(a_minute) - 1)] += 1
    fresh = {one.fingerprint for one in seen.errors if one.is_new}
    return {
        "errors": Reading(len(seen.errors), "errors", "those on purpose aside"),
        "new_errors": Reading(len(fresh), "errors", ", ".join(sorted(fresh))[:120]),
        "critical_errors": Reading(sum(one.weight == "critical" for one in seen.errors), "errors"),
        "errors_trend": Reading(trends.sure_slope(a_minute), "errors"),
    }


def _machine(seen: Gathered) -> dict[str, Reading]:
    looks, nothing = seen.looks, "nobody looked"
    busy = [one.cpu_ratio for one in looks if one.cpu_ratio is not None]
    sizes = [float(one.database_bytes) for one in looks]
    minutes = (looks[-1].at - looks[0].at).total_seconds() / 60 / (len(looks) - 1) if len(looks) > 1 else 1.0
    month = trends.projected(sizes, _MONTH_MIN / minutes)
    ups = list(seen.probes) or [one.is_up for one in looks]
    return {
        "release_changes": _known(len({one.version for one in looks}) - 1 if looks else None, "", nothing),
        "connections_max": _known(max((one.connections for one in looks), default=None), "", nothing),
        "cpu_mean": _known(round(sum(busy) / len(busy), 4) if busy else None, f"at most {max(busy):.0%}" if busy else "", nothing),
        "storage_step": _known(
            trends.step_ratio(sizes, least=_STEP_BYTES) if looks else None, "largest step against the usual one", nothing
        ),
        "growth": _known(trends.straightness(sizes) if looks else None, "how much better a straight line fits", nothing),
        "projected_mb": _known(round(month / 1e6, 1) if month is not None else None, "upper end of the band", "too few looks to go by"),
        "uptime": _known(
            round(100 * sum(ups) / len(ups), 3) if ups else None, "from outside" if seen.probes else "as the worker saw it", nothing
        ),
    }


def _people(seen: Gathered) -> dict[str, Reading]:
    counts, came = seen.counts, seen.visits
    nobody = Reading(source="permissions", inapplicable="nobody is connected to Spotify")
    exports = measures.requests(measures.of(seen.cells, "export", "2xx"))
    return {
        "sign_ins": Reading(counts.sign_ins, "sessions"),
        "refresh_stale": Reading(counts.stale, "permissions", f"of {counts.granted}") if counts.granted else nobody,
        "slowest_reply_min": Reading(round(counts.slowest_reply_min, 1), "feedback", f"{counts.feedback} heard"),
        "page_views": Reading(came.pages, "visits"),
        "bounce": _known(round(came.bounced / came.visits, 3) if came.visits else None, f"{came.visits} visits", "nobody came yet"),
        "session_s": _known(round(came.seconds) if came.visits else None, f"{came.visits} visits", "nobody came yet"),
        "features": Reading(f"Archival {counts.swept:,}, Export {exports:,}, Share {counts.shares:,}", "counts"),
    }


def _pages(seen: Gathered) -> dict[str, Reading]:
    cells, missing = seen.cells, "no page has told: open some in a browser"
    lcp, cls = vitals.p75(cells, "lcp"), vitals.p75(cells, "cls")
    fid, fid_note = vitals.p75(cells, "fid"), vitals.told_by(cells, "fid")[1]
    if fid is None:
        fid, fid_note = vitals.p75(cells, "inp"), "INP, since no browser told FID"
    asked = measures.asked(cells)
    limits = {"LCP": (lcp, 2500), "FID": (fid, 100), "CLS": (cls, 0.1)} | {
        f"p{part}": (measures.percentile(asked, part / 100), limit) for part, limit in ((50, 200), (95, 500), (99, 1000))
    }
    slow = [f"{name} {value:.4g}" for name, (value, limit) in limits.items() if value is not None and value >= limit]
    known = [value for value, _ in limits.values() if value is not None]
    return {
        "lcp_ms": _known(lcp, vitals.told_by(cells, "lcp")[1], missing),
        "fid_ms": _known(fid, fid_note, missing),
        "cls": _known(cls, vitals.told_by(cells, "cls")[1], missing),
        "vitals_score": _known(vitals.score(cells), "Lighthouse’s curves without the speed index", missing),
        "performance": _known(", ".join(slow) or "yes" if known else None, "", missing),
    }


def _known(value: float | str | None, note: str, problem: str) -> Reading:
    return Reading(value, "watch", note) if value is not None else Reading(source="watch", problem=problem)
