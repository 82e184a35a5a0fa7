"""Chapters along a time line: a column a step, each chapter in its colour, a line where one begins."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from audiospective.web.charts.svg import below, count, figure, marks, number, text, ticks

_TALL = 180


def bands(values: Sequence[int], kinds: Sequence[str], labels: Sequence[tuple[int, str]], label: str, *, unit: str) -> Markup:
    """`values` by step, with the class that colours each; a change of class is a border."""
    if not values:
        return figure(_TALL + 28, "", label, "chart-bands")
    top, paths, borders = max(*values, 1) * 1.1, dict[str, str](), ""
    for place, (value, kind) in enumerate(zip(values, kinds, strict=True)):
        if value:
            paths[kind] = paths.get(kind, "") + f"M{number(place + 0.06)} 100v-{number(value / top * 100)}h.88V100z"
        if place and kind != kinds[place - 1]:
            x = number(place / len(values) * 100)
            borders += f'<line class="chart-border" x1="{x}%" x2="{x}%" y1="0" y2="{_TALL}"/>'
    scale = ticks(max(values))[-1:]  # under the highest column, so that its number stays inside
    grid = "".join(_line(_TALL - one / top * _TALL) for one in scale)
    grid += "".join(text(0, _TALL - one / top * _TALL - 5, f"{count(one)} {unit}") for one in scale)
    drawn = marks(len(values), 100, "".join(f'<path class="{kind}" d="{path}"/>' for kind, path in paths.items()), shown_height=str(_TALL))
    names = below([((at + 0.5) / len(values) * 100, words) for at, words in labels], _TALL + 22)
    base = f'<line class="chart-base" x1="0" x2="100%" y1="{_TALL}" y2="{_TALL}"/>'
    return figure(_TALL + 28, grid + drawn + borders + base + names, label, "chart-bands")


def _line(y: float) -> str:
    return f'<line class="chart-grid" x1="0" x2="100%" y1="{number(y)}" y2="{number(y)}"/>'
