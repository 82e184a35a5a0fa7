"""A figure over time: a line, beside it a second, the limit as a line of its own; stretches that nobody measured are hatched, never 0."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from audiospective.web.charts.svg import count, curve, figure, marks, number, text, ticks

Values = Sequence[float | None]


def timeline(
    values: Values,
    labels: Sequence[tuple[int, str]],
    label: str,
    *,
    beside: Values = (),
    limit: float | None = None,
    unit: str = "",
    height: int = 220,
) -> Markup:
    """`values` at even steps (None: not measured), `labels` by place; `beside` is drawn paler."""
    known = [value for value in (*values, *beside) if value is not None]
    if not known:
        return figure(height, text(0, height / 2, "Nobody has looked yet."), label, "chart-timeline")
    floor, top, last = height - 26, max(*known, 0.000_001) * 1.2, max(len(values) - 1, 1)
    if limit is not None and limit < 3 * top:
        top = max(top, limit * 1.15)
    scale = ticks(top) or [round(top / 1.2, 4)]
    body = _hatch(values, last, floor) + "".join(_across(floor - value / top * floor, "chart-grid") for value in scale)
    lines = "".join(_line("chart-before", one, top) for one in _runs(beside)) + "".join(
        _line("chart-line", one, top) for one in _runs(values)
    )
    body += marks(last, 100, lines, shown_height=number(floor))
    if limit is not None and limit <= top:
        body += _across(floor - limit / top * floor, "chart-limit")
    body += _across(floor, "chart-base") + _names(scale, top, floor, unit)
    body += "".join(
        text(at / last * 100, height - 7, words, "start" if at == 0 else "end" if at >= last else "middle") for at, words in labels
    )
    return figure(height, body, label, "chart-timeline")


def _runs(values: Values) -> Iterator[list[tuple[int, float]]]:
    """Stretches without a hole."""
    run: list[tuple[int, float]] = []
    for place, value in enumerate(values):
        if value is not None:
            run.append((place, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _line(kind: str, run: Sequence[tuple[int, float]], top: float) -> str:
    points = [(float(place), 100 - value / top * 100) for place, value in run]
    if len(points) == 1:
        points.append((points[0][0] + 0.35, points[0][1]))
    return f'<path class="{kind}" d="{curve(points)}"/>'


def _hatch(values: Values, last: int, floor: int) -> str:
    """A pale band where nobody measured."""
    holes, out, begin = [place for place, value in enumerate(values) if value is None], "", None
    for place in holes:
        begin = place if begin is None else begin
        if place + 1 not in holes:
            x, width = max(begin - 0.5, 0) / last * 100, (place - begin + 1) / last * 100
            out += f'<rect class="chart-hole" x="{number(x)}%" width="{number(min(width, 100 - x))}%" height="{floor}"/>'
            begin = None
    return out


def _names(scale: Sequence[float], top: float, floor: int, unit: str) -> str:
    """The scale's numbers, over the lines."""
    words = [count(value) for value in scale]
    words[-1] = f"{words[-1]} {unit}".strip()
    return "".join(text(0, floor - value / top * floor - 5, one) for value, one in zip(scale, words, strict=True))


def _across(y: float, kind: str) -> str:
    return f'<line class="{kind}" x1="0" x2="100%" y1="{number(y)}" y2="{number(y)}"/>'
