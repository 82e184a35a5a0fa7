"""How fast do pages come up, where people are? First-party web vitals, as browsers measure them; judged by the 75th percentile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from statistics import NormalDist
from typing import Final

import msgspec

from audiospective.errors import Invalid
from audiospective.operations import measures
from audiospective.operations.measures import Cell, Recorder
from audiospective.operations.visits import is_robot

#: Fewer say little of how it is for people.
ENOUGH: Final = 20

_MOST_MS = 60_000
#: CLS is a share, counted in thousandths.
_CLS = 1_000

#: Lighthouse's curves: where a page gets 50 and where 90, and how much that weighs (version 12, without the speed index, which no
#: browser tells).
_CURVES: Final = {"fcp": (3000, 1800, 10), "lcp": (4000, 2500, 25), "tbt": (600, 200, 30), "cls": (250, 100, 25)}


class Vitals(msgspec.Struct, frozen=True):
    """What one page measured: milliseconds, and the share of it that jumped. FID is retired by browsers; INP is told beside it."""

    lcp: float | None = None
    fid: float | None = None
    inp: float | None = None
    cls: float | None = None
    fcp: float | None = None
    tbt: float | None = None


def note(recorder: Recorder, told: Vitals | None, agent: str, now: datetime) -> None:
    """Count what a page told; raises Invalid for what can't be measured."""
    if told is None:
        raise Invalid("These aren't the figures that a page tells.", field="body")
    class_ = "robot" if is_robot(agent) else "real"
    for name in Vitals.__struct_fields__:
        value: float | None = getattr(told, name)
        if value is None:
            continue
        ms = value * _CLS if name == "cls" else value
        if not 0 <= ms <= _MOST_MS:
            raise Invalid(f"{name} is {value:g}; it must lie between 0 and a minute.", field=name)
        recorder.note(now, f"vital.{name}", class_, ms)


def told_by(cells: Sequence[Cell], name: str) -> tuple[list[Cell], str]:
    """What people's browsers told; while they are fewer than twenty, what robots' told too. And a word of it."""
    kind = f"vital.{name}"
    real = measures.of(cells, kind, "real")
    if (count := measures.requests(real)) >= ENOUGH:
        return real, f"{count} page views"
    every = measures.of(cells, kind)
    return every, f"{measures.requests(every)} page views, {count} of them people’s"


def p75(cells: Sequence[Cell], name: str) -> float | None:
    """The 75th percentile: ms, or a share for cls; None where nobody told."""
    found = measures.percentile(told_by(cells, name)[0], 0.75)
    return None if found is None else found / _CLS if name == "cls" else found


def score(cells: Sequence[Cell]) -> float | None:
    """0 to 100 as Lighthouse weighs; None unless every part was told."""
    parts = {name: measures.percentile(told_by(cells, name)[0], 0.75) for name in _CURVES}
    total = 0.0
    for name, value in parts.items():
        if value is None:
            return None
        median, good, weight = _CURVES[name]
        total += weight * _share(value, median, good)
    return round(100 * total / sum(weight for *_, weight in _CURVES.values()), 1)


def _share(value: float, median: float, good: float) -> float:
    """Lighthouse's log-normal curve: 0.5 at the median, 0.9 at the good value."""
    if value <= 0:
        return 1.0
    spread = math.log(median / good) / NormalDist().inv_cdf(0.9)
    return 1 - NormalDist().cdf(math.log(value / median) / spread)
