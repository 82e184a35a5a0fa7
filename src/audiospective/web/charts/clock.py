"""The listening clock: twenty-four hours around, midnight on top, as long as there is music in them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

from audiospective.web.charts.svg import short

_SIZE, _INNER, _OUTER = 300, 44, 118
_NIGHT = frozenset({22, 23, 0, 1, 2, 3, 4, 5})


def clock(hours: Sequence[int], names: Sequence[tuple[int, str]], label: str) -> Markup:
    """`hours` are 24 numbers, lengths go by their size; `names` are (hour, words) around; the fullest is lit, the night has a colour."""
    top, centre = max(*hours, 1), _SIZE / 2
    best = max(range(24), key=lambda hour: (hours[hour], -hour)) if any(hours) else None
    body = f'<circle class="clock-rim" cx="{centre}" cy="{centre}" r="{_OUTER}"/>'
    for hour, plays in enumerate(hours):
        if plays:
            kind = "clock-now" if hour == best else "clock-night" if hour in _NIGHT else "clock-day"
            body += f'<path class="{kind}" d="{_wedge(centre, hour, _INNER + (_OUTER - _INNER) * plays / top)}"/>'
    for hour, words in names:
        x, y = _point(centre, _OUTER + 15, hour)
        body += f'<text class="chart-text" x="{short(x)}" y="{short(y + 4)}" text-anchor="middle">{escape(words)}</text>'
    return Markup(f'<svg class="chart clock" viewBox="0 0 {_SIZE} {_SIZE}" role="img" aria-label="{escape(label)}">{body}</svg>')


def _wedge(centre: float, hour: int, radius: float) -> str:
    """A part of a ring; the hour begins where its name stands."""
    from_, to = hour + 0.06, hour + 0.94
    (ax, ay), (bx, by) = _point(centre, _INNER, from_), _point(centre, radius, from_)
    (cx, cy), (dx, dy) = _point(centre, radius, to), _point(centre, _INNER, to)
    outer, inner = short(radius), short(_INNER)
    return (
        f"M{short(ax)} {short(ay)}L{short(bx)} {short(by)}A{outer} {outer} 0 0 1 {short(cx)} {short(cy)}"
        f"L{short(dx)} {short(dy)}A{inner} {inner} 0 0 0 {short(ax)} {short(ay)}z"
    )


def _point(centre: float, radius: float, hour: float) -> tuple[float, float]:
    angle = hour / 24 * 2 * math.pi - math.pi / 2
    return centre + radius * math.cos(angle), centre + radius * math.sin(angle)
