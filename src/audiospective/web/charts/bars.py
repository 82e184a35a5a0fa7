"""Small bars: columns over time, sparks under a number, the bar under a row, a stack of parts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from audiospective.web.charts.svg import below, count, figure, number, scale, side, text, ticks, width_of

#: Fewer don't grow fat; they leave room on the right.
_LEAST_COLUMNS = 6


def columns(
    values: Sequence[float | None],
    labels: Sequence[tuple[int, str]],
    label: str,
    *,
    height: int = 150,
    lit: int | None = None,
    said: str = "",
    unit: str | None = "",
) -> Markup:
    """A column for each value (None: nothing to measure), labels by place; the one at `lit` in ember, under the words `said`.

    `unit` None leaves out the scale, where heights are only to be compared.
    """
    known = [value for value in values if value is not None]
    if not known:
        return figure(height, "", label, "chart-columns")
    top, floor, slots = max(*known, 1) * 1.14, height - 24, max(len(values), _LEAST_COLUMNS)
    marked = ticks(max(known)) if unit is not None else []
    peak = None if lit is None else ((lit + 0.5) / slots * 100, floor - (values[lit] or 0) / top * floor - 8)
    body = "".join(_line(floor - value / top * floor, "chart-grid") for value in marked)
    body += "".join(_column(place, value / top * floor, slots, floor, place == lit) for place, value in enumerate(values) if value)
    if marked:
        words = f"{count(marked[-1])} {unit}".strip()
        is_left_full = _is_left_full([(value or 0) >= marked[-1] for value in values], slots, width_of(words) / 100)
        body += scale(floor - marked[-1] / top * floor - 5, words, peak if said else None, is_left_full=is_left_full)
    body += _line(floor, "chart-base")
    if peak and said:
        across, at = side(peak[0], width_of(said))
        body += text(across, peak[1], said, at, "chart-text chart-strong")
    body += below([((at + 0.5) / slots * 100, words) for at, words in labels], height - 6)
    return figure(height, body, label, "chart-columns")


def _is_left_full(reach: Sequence[bool], slots: int, part: float) -> bool:
    """Whether columns reach up to a line within this part of the width on the left, and none on the right."""
    wide = math.ceil(part * slots)
    return any(reach[:wide]) and not any(reach[max(slots - wide, 0) :])


def _column(place: int, tall: float, slots: int, floor: float, is_lit: bool) -> str:
    kind, width = "chart-column-lit" if is_lit else "chart-column", 100 / slots
    x, w = number(place * width + width * 0.09), number(width * 0.82)
    return f'<rect class="{kind}" x="{x}%" width="{w}%" y="{number(floor - tall)}" height="{number(tall)}"/>'


def spark(values: Sequence[float]) -> Markup:
    """Twelve or so small bars, the last one lit; it repeats what the number above it says, so it is hidden from screen readers."""
    top, width, body = max([*values, 0]) or 1, 100 / max(len(values), 1), ""
    for place, value in enumerate(values):
        tall = max(1.5, value / top * 28)
        kind = "spark-now" if place == len(values) - 1 else "spark-bar"
        x, w = number(place * width), number(width * 0.72)
        body += f'<rect class="{kind}" x="{x}%" width="{w}%" y="{number(28 - tall)}" height="{number(tall)}"/>'
    return Markup(f'<svg class="spark" width="100%" height="28" aria-hidden="true">{body}</svg>')


def bar(percent: float) -> Markup:
    """The bar under a row of a list."""
    value = f'<rect class="bar-value" width="{number(percent)}%" height="4" rx="1"/>'
    return Markup(f'<svg class="bar" width="100%" height="4" aria-hidden="true">{value}</svg>')


def stack(parts: Sequence[tuple[float, str]], label: str, *, height: int = 26) -> Markup:
    """Parts of a whole side by side: (how much, class)."""
    total, x, body = sum(part for part, _ in parts) or 1, 0.0, ""
    for part, kind in parts:
        body += f'<rect class="{kind}" x="{number(x)}%" width="{number(part / total * 100)}%" height="{height}"/>'
        x += part / total * 100
    return figure(height, body, label, "stack")


def _line(y: float, kind: str) -> str:
    return f'<line class="{kind}" x1="0" x2="100%" y1="{number(y)}" y2="{number(y)}"/>'
