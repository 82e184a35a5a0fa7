"""A table that is seen before it is read: numbers in shaded cells, what isn't known yet left open."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from audiospective.web.charts.svg import figure, number

_ROW, _LEFT, _FOOT = 30, 12.0, 24
#: Shades that text can be read on: dark text up to the third, light text above.
_SHADES = ((12, "q0", "chart-on-light"), (25, "q1", "chart-on-light"), (45, "q2", "chart-on-light"), (75, "q4", "chart-on-dark"))


def cells(rows: Sequence[tuple[str, Sequence[float | None]]], heads: Sequence[str], label: str) -> Markup:
    """`rows` are (name, per cents), None for what isn't known yet; `heads` stand below the columns."""
    width = (100 - _LEFT) / max(len(heads), 1)
    body = ""
    for line, (name, values) in enumerate(rows):
        middle = line * _ROW + _ROW / 2 + 4
        body += f'<text class="chart-text" y="{number(middle)}">{escape(name)}</text>'
        for column, value in enumerate(values):
            x = _LEFT + column * width
            body += _cell(x, line * _ROW, width, value)
    foot = len(rows) * _ROW + 17
    body += "".join(
        f'<text class="chart-text" x="{number(_LEFT + (place + 0.5) * width)}%" y="{foot}" text-anchor="middle">{escape(head)}</text>'
        for place, head in enumerate(heads)
    )
    return figure(len(rows) * _ROW + _FOOT, body, label, "chart-cells")


def _cell(x: float, y: float, width: float, value: float | None) -> str:
    if value is None:
        return ""
    shade, words = next(((kind, on) for most, kind, on in _SHADES if value < most), ("q5", "chart-on-dark"))
    box = f'<rect class="{shade}" x="{number(x + 0.3)}%" y="{number(y + 2)}" width="{number(width - 0.6)}%" height="{_ROW - 4}" rx="2"/>'
    middle = f'x="{number(x + width / 2)}%" y="{number(y + _ROW / 2 + 4)}" text-anchor="middle"'
    return f'{box}<text class="{words}" {middle}>{round(value)}</text>'
