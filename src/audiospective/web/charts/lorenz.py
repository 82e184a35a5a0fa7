"""A few or many: how much the smaller have together, against the straight line of all alike."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from audiospective.web.charts.svg import figure, marks, number, text

_TALL = 240


def lorenz(shares: Sequence[float], least: str, most: str, label: str) -> Markup:
    """`shares` are per cent held by the smallest part, at equal steps from none to all; `least` and `most` name the ends."""
    step = 100 / max(len(shares) - 1, 1)
    line = "L".join(f"{number(place * step)} {number(100 - share)}" for place, share in enumerate(shares))
    body = f'<path class="lorenz-area" d="M0 100L100 0L{"L".join(reversed(line.split("L")))}z"/>'
    body += f'<path class="chart-before" d="M0 100L100 0"/><path class="lorenz-line" d="M{line}"/>'
    body = marks(100, 100, body, shown_height=str(_TALL))
    body += f'<line class="chart-base" x1="0" x2="100%" y1="{_TALL}" y2="{_TALL}"/>'
    return figure(_TALL + 28, body + text(0, _TALL + 22, least) + text(100, _TALL + 22, most, "end"), label, "chart-lorenz")
