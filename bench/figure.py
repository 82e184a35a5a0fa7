"""A measured figure and how it is printed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the bench: what, how much, the budget, and a reference measured in the same run."""

    name: str
    value: float
    unit: str
    budget: str = ""
    reference: str = ""


def show(figures: list[Figure]) -> None:
    """Print the lines in columns."""
    for one in figures:
        print(f"{one.name:<58} {one.value:>12,.2f} {one.unit:<8} {one.budget:<14} {one.reference}", flush=True)


async def median_ms(work: Callable[[], Awaitable[object]], runs: int = 9) -> float:
    """Median wall time of several runs after one that isn't counted, in ms."""
    await work()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        await work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


async def once_ms(work: Callable[[], Awaitable[object]]) -> float:
    """Wall time of one run, in ms."""
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000
