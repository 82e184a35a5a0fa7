"""Straight lines through figures: does it grow, how fast, and is it more than chance? Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np


class Line(msgspec.Struct, frozen=True):
    """`slope` a step, `error` its standard error; `strayed` is the sum of squares that the line leaves."""

    slope: float
    error: float
    start: float
    strayed: float


def line(values: Sequence[float]) -> Line | None:
    """The straight line through values at even steps; None for fewer than three."""
    if len(values) < 3:
        return None
    y = np.asarray(values, dtype=float)
    x = np.arange(len(y), dtype=float)
    slope, start = np.polyfit(x, y, 1)
    strayed = float(np.sum((y - (start + slope * x)) ** 2))
    spread = float(np.sum((x - x.mean()) ** 2))
    error = float(np.sqrt(strayed / (len(y) - 2) / spread))
    return Line(float(slope), error, float(start), strayed)


def sure_slope(values: Sequence[float]) -> float:
    """The slope, or 0 where it may be chance (less than two standard errors), or where there are fewer than three values."""
    found = line(values)
    if found is None or abs(found.slope) <= 2 * found.error:
        return 0.0
    return round(found.slope, 4)


def straightness(values: Sequence[float]) -> float:
    """How much better a straight line fits than an exponential one, as a share of all that varies; below 0 the exponential fits better."""
    found = line(values)
    y = np.asarray(values, dtype=float)
    varies = float(np.sum((y - y.mean()) ** 2)) if len(y) else 0.0
    if found is None or not varies or y.min() <= 0:
        return 0.0
    x = np.arange(len(y), dtype=float)
    slope, start = np.polyfit(x, np.log(y), 1)
    strayed = float(np.sum((y - np.exp(start + slope * x)) ** 2))
    return round((strayed - found.strayed) / varies, 3) + 0.0


def projected(values: Sequence[float], steps: float) -> float | None:
    """Where it will be after so many more steps, with the slope at the upper end of its 95 % band; None for fewer than three."""
    found = line(values)
    return None if found is None else max(values[-1] + (found.slope + 1.96 * found.error) * steps, 0.0)


def step_ratio(values: Sequence[float], *, least: float) -> float:
    """The largest step up against the usual one, which is taken for a third of `least` where it is smaller, so that a spike shows where
    hardly anything else grew; 0 where no step is larger than `least`.
    """
    steps = [max(after - before, 0.0) for before, after in pairwise(values)]
    if not steps or max(steps) < least:
        return 0.0
    return round(max(steps) / max(float(np.median(steps)), least / 3), 2)
