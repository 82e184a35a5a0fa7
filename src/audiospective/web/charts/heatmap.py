"""When in the week: seven rows of 24 cells, the fullest hour framed."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from audiospective.web.charts.svg import figure, number

#: Of the width, for the names of days. The hours stand below the chart, in the padding that chart.css gives it.
_LEFT = 10.5
_QUANTILES = (0.4, 0.62, 0.8, 0.93)


def heatmap(grid: Sequence[Sequence[int]], days: Sequence[str], label: str) -> Markup:
    """`grid[row][hour]`, rows named by `days`; shades are quantiles of the hours, so that one wild night doesn't bleach the rest."""
    width = (100 - _LEFT) / 24
    box = f'x="{_LEFT}%" width="{100 - _LEFT}%" height="100%" viewBox="0 0 24 7" preserveAspectRatio="none"'
    rows = f'<svg class="chart-marks" {box}>{_cells(grid)}</svg>'
    rows += "".join(
        f'<text class="chart-text" y="{number((row + 0.5) / 7 * 100)}%" dy="4">{escape(day)}</text>' for row, day in enumerate(days)
    )
    most, row, hour = max((plays, -row, -hour) for row, hours in enumerate(grid) for hour, plays in enumerate(hours))
    if most:
        place = f'x="{number(_LEFT - hour * width - 0.06)}%" y="{number(-row / 7 * 100 - 0.2)}%" width="{number(width)}%" height="13.6%"'
        rows += f'<rect class="chart-pick" {place} rx="3"/>'
    hours = "".join(
        f'<text class="chart-text" x="{number(_LEFT + width * hour)}%" y="100%" dy="20">{hour:02d}</text>' for hour in (0, 6, 12, 18)
    )
    return figure(238, rows + hours, label, "chart-heat")


def _cells(grid: Sequence[Sequence[int]]) -> str:
    played = sorted(plays for hours in grid for plays in hours if plays) or [1]
    cuts = [0, *(played[min(int(len(played) * q), len(played) - 1)] for q in _QUANTILES)]
    paths: dict[int, str] = {}
    for row, hours in enumerate(grid):
        for hour, plays in enumerate(hours):
            level = sum(plays > cut for cut in cuts)
            paths[level] = paths.get(level, "") + f"M{hour} {row}h.92v.9h-.92z"
    return "".join(f'<path class="q{level}" d="{path}"/>' for level, path in sorted(paths.items()))
