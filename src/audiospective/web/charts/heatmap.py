"""When in the week: seven rows of 24 cells, the fullest hour framed."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from audiospective.web.charts.svg import figure, number, text

_LEFT, _TOP, _ROW = 10.5, 4, 30
_QUANTILES = (0.4, 0.62, 0.8, 0.93)


def heatmap(grid: Sequence[Sequence[int]], days: Sequence[str], label: str) -> Markup:
    """`grid[row][hour]`, rows named by `days`; shades are quantiles of the hours, so that one wild night doesn't bleach the rest."""
    width = (100 - _LEFT) / 24
    place = f'x="{_LEFT}%" y="{_TOP}" width="{100 - _LEFT}%" height="{_ROW * 7}"'
    body = f'<svg class="chart-marks" {place} viewBox="0 0 24 7" preserveAspectRatio="none">{_cells(grid)}</svg>'
    body += "".join(text(0, _TOP + _ROW * row + 19, day) for row, day in enumerate(days))
    body += "".join(text(_LEFT + (100 - _LEFT) * hour / 24, _TOP + _ROW * 7 + 18, f"{hour:02d}") for hour in (0, 6, 12, 18))
    most, row, hour = max((plays, -row, -hour) for row, hours in enumerate(grid) for hour, plays in enumerate(hours))
    if most:
        place = f'x="{number(_LEFT - hour * width - 0.1)}%" y="{number(_TOP - row * _ROW - 1.5)}" width="{number(width)}%" height="{_ROW}"'
        body += f'<rect class="chart-pick" {place} rx="3"/>'
    return figure(_ROW * 7 + 28, body, label, "chart-heat")


def _cells(grid: Sequence[Sequence[int]]) -> str:
    played = sorted(plays for hours in grid for plays in hours if plays) or [1]
    cuts = [0, *(played[min(int(len(played) * q), len(played) - 1)] for q in _QUANTILES)]
    paths: dict[int, str] = {}
    for row, hours in enumerate(grid):
        for hour, plays in enumerate(hours):
            level = sum(plays > cut for cut in cuts)
            paths[level] = paths.get(level, "") + f"M{hour} {row}h.92v.9h-.92z"
    return "".join(f'<path class="q{level}" d="{path}"/>' for level, path in sorted(paths.items()))
